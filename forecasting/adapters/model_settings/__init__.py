"""Settings of horizons that people change while all runs: stored, versioned, undone, and told before what they cost."""
