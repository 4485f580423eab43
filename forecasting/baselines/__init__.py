"""Forecasts that need no model: what any model has to beat."""
