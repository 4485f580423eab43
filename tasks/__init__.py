"""Thin Prefect tasks: one call into forecasting each."""
