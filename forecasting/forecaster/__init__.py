"""One horizon's forecaster: members, ensemble and probability; fitted, kept and read back whole."""
