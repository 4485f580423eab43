"""What runs where: the local stack, its processes and their environment."""
