"""Candles from files as people keep them; what they mean is proven or asked for, never guessed."""

from forecasting.adapters.files.importer import ImportReport, read_candles_file, read_candles_folder
from forecasting.adapters.files.series import OnConflict, check_on_conflict

__all__ = ["ImportReport", "OnConflict", "check_on_conflict", "read_candles_file", "read_candles_folder"]
