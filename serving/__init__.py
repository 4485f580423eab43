"""The forecast API: load what the registry calls production, answer from it, nothing else."""
