from pathlib import Path

import pytest

from forecasting.features.definition import GROUPS
from forecasting.features.documentation import page
from forecasting.features.specification import FeatureSpec
from forecasting.horizons import FEATURE_SETS

ROOT = Path(__file__).parents[3]
SPECS = [
    FeatureSpec(interval, ("BTC/USDT",), (1, 30), FEATURE_SETS) for interval in ("1m", "15m", "1h", "1d")
]


def test_the_page_is_what_the_registry_prints():
    assert (ROOT / "docs" / "features.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.base_interval)
def test_every_feature_says_all_of_itself(spec):
    for each in spec.definitions:
        assert all((each.name, each.unit, each.formula, each.source)), each
        assert each.group in GROUPS
        assert each.bars >= 1


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.base_interval)
def test_a_name_is_said_once(spec):
    assert len(set(spec.names)) == len(spec.names) == len(spec.definitions)


def test_the_page_names_every_feature():
    text = page()
    assert all(f"`{name}`" in text for name in SPECS[2].names if not name.startswith(("return_30h", "on_")))
