"""The registry: every feature with its unit, formula, source and the number of candles it needs."""
