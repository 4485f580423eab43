"""Which models are in use: found, checked, swapped."""
