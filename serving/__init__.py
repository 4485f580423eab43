"""The forecast API: load what the pointers call production, answer from it, nothing else."""
