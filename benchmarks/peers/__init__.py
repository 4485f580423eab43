"""What other libraries make of the same rows; runs in an environment of its own and imports nothing of Foretick."""
