"""What other processes do in these tests."""

from __future__ import annotations

import itertools
import os
import signal

from forecasting.adapters.licensing.asking import Licensing
from forecasting.adapters.workspace import open_workspace
from tests.forecasting.adapters.licensing.places import recipe_of, settings_of


def ask_and_die(folder, at_write):
    """Ask for a licence, and be killed just before one of the blocks of forecasts is written."""
    with open_workspace(settings_of(folder)) as opened:
        writes, put_new = itertools.count(1), opened.store.put_new

        def put_or_die(collection, documents):
            if collection == "forecast_ledger" and next(writes) == at_write:
                os.kill(os.getpid(), signal.SIGKILL)
            return put_new(collection, documents)

        opened.store.put_new = put_or_die
        Licensing(opened).ask(recipe_of())


def ask(folder):
    """Ask for a licence; the digests of the recipe's entries in the ledger of alpha."""
    with open_workspace(settings_of(folder)) as opened:
        told = Licensing(opened).ask(recipe_of())
    return told.paid.digest, told.licence
