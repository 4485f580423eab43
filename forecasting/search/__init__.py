"""Search for settings of members inside the training rows, with every trial on record.

No row that weighs, calibrates or judges is handed to this room. What is found is believed only when later training
rows, which the search did not choose by, agree.
"""

from forecasting.search.record import NO_SEARCH, Choice, Search, Settings, Trial
from forecasting.search.searching import search

__all__ = ["NO_SEARCH", "Choice", "Search", "Settings", "Trial", "search"]
