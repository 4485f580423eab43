"""Candles from exchanges through ccxt: what to ask for, what came, what is not there."""
