"""What is printed of simulated markets: counts with their intervals, and how often all was right."""

import json

import pytest

from benchmarks import simulated_seeds
from benchmarks.simulated_seeds import FILE, interval, lines, main


def market(seed, licensed, promoted, false_licence=False):
    unmet = [] if promoted else ["backtest uplift", "licence"]
    planted = {"outcome": "promote" if promoted else "refuse", "unmet": unmet, "licensed": licensed}
    other = {"outcome": "refuse", "unmet": ["loss against naive"], "licensed": false_licence}
    return {"seed": seed, "horizons": {"1h": planted, "1d": other}, "seconds": 1.0}


KNOWN = [market(1, True, True), market(2, True, False), market(3, True, True, false_licence=True)]


def test_licences_and_promotions_of_each_horizon_are_counted():
    told = lines(KNOWN, "1h")
    assert told[2].startswith("| 1h | 3 of 3 (29.2% to 100.0%) | 2 of 3 ")
    assert told[2].endswith("| backtest uplift (1) |")
    assert told[3].startswith("| 1d | 1 of 3 ")


def test_a_market_is_right_when_the_planted_horizon_and_no_other_is_licensed_or_promoted():
    *_, licensed, promoted = lines(KNOWN, "1h")
    assert "and no other was licensed in 2 of 3 (" in licensed
    assert promoted.endswith("in 2 of 3 (9.4% to 99.2%).")


@pytest.mark.parametrize(("count", "runs", "low", "high"), [(0, 100, 0.0, 0.0362), (95, 100, 0.8872, 0.9836)])
def test_the_interval_is_that_of_clopper_and_pearson(count, runs, low, high):
    assert interval(count, runs) == pytest.approx((low, high), abs=1e-4)


def test_seeds_that_are_known_are_not_played_again(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(simulated_seeds, "play", None)
    (tmp_path / FILE).write_text("".join(json.dumps(each) + "\n" for each in KNOWN))
    main([str(tmp_path), "--seeds", "3"])
    assert "2 of 3" in capsys.readouterr().out
