"""Candles from files as people keep them; what they mean is proven or asked for, never guessed."""

from forecasting.adapters.files.importer import read_candles_file, read_candles_folder
from forecasting.adapters.files.report import ImportReport

__all__ = ["ImportReport", "read_candles_file", "read_candles_folder"]
