"""Forecasts of a long horizon and of the shorter steps inside it, made to agree."""
