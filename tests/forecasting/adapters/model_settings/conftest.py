import contextlib

import pytest

from forecasting.adapters.model_settings.changing import Rules, carry_out, propose_fields
from forecasting.adapters.store import open_store

HORIZONS = """
horizons:
  1h:
    look_ahead_minutes: 60
    base_interval: 1h
    train_window_days: 30
    retrain_cron: "30 3 * * *"
    accuracy_margin: 0.01
    too_good_ic: 0.1
    members: [naive, lgbm, rf]
    member_settings: {lgbm: {trees: 50}, rf: {trees: 60}}
    own_features: mine.py
  1d:
    look_ahead_minutes: 1440
    base_interval: 1d
    train_window_days: 300
    retrain_cron: "0 4 * * 1"
    accuracy_margin: 0.01
    too_good_ic: 0.1
    gate_policy: classic
"""


@pytest.fixture
def store(tmp_path):
    with contextlib.closing(open_store(None, tmp_path / "store.db", "unused")) as opened:
        yield opened


@pytest.fixture
def horizons_file(tmp_path):
    path = tmp_path / "horizons.yaml"
    path.write_text(HORIZONS)
    return path


@pytest.fixture
def rules(horizons_file):
    return Rules(horizons_file, "strict")


@pytest.fixture
def change(store, rules):
    """Change settings of one horizon at once."""

    def act(horizon, why="because", **fields):
        proposal = propose_fields(store, rules, horizon, fields)
        return carry_out(store, proposal, "ada", why, 1_000, accept_new_meaning=True)

    return act
