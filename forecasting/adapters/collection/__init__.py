"""Candles from any MongoDB collection with one document a candle."""
