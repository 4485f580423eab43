"""Experiments that anyone can repeat with one command, on their own candles."""
