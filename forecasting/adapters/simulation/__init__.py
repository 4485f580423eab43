"""Strategies simulated on forecasts that were made before their labels: a market walked forward, its runs, their uplift."""
