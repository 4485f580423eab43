"""Both engines of the store, as its own contract tests have them."""

from tests.forecasting.adapters.store.conftest import place, stand_in_uri, store

__all__ = ["place", "stand_in_uri", "store"]
