"""Intervals around forecasts that hold what they promise: scaled by volatility, corrected as labels become known."""
