"""The tear sheet of a simulated run: one HTML page that needs no network."""
