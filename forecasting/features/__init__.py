"""Features of closed candles and of events: the row at a moment knows nothing of what comes after it."""
