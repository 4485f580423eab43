"""What the strict gate makes of simulated markets: `python -m benchmarks.simulated_seeds FOLDER [--seeds 100] [--first 1]`.

Each market has one planted horizon and nothing elsewhere. Every horizon is trained, judged and decided on by the strict
policy as the main job does it; then the lockboxes that the gate left closed are opened as well, for a count of false
licences. Lines of what is known stand in FOLDER/seeds.jsonl, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from scipy.stats import beta

from deployments.local.environment import apply_environment
from forecasting.gate import Policy
from forecasting.settings import Settings, load_settings

WORKERS = 2
LEVEL = 0.95
FILE = "seeds.jsonl"
POLICY: Policy = "strict"
REASONS = 3


def play(seed: int) -> dict[str, Any]:
    """Let the gate decide on every horizon of one market, in a workspace that is thrown away."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        settings = load_settings(
            home=path / "home", mlruns=path / "mlruns", mongo_uri="", mlflow_tracking_uri=""
        )
        apply_environment(settings)
        horizons = _horizons(settings, seed)
    return {"seed": seed, "horizons": horizons, "seconds": round(time.perf_counter() - begin, 1)}


def _horizons(settings: Settings, seed: int) -> dict[str, dict[str, Any]]:
    from forecasting.adapters.simulator import simulate_market
    from forecasting.adapters.workspace import open_workspace
    from forecasting.horizons import load_horizons
    from forecasting.planning import plan_horizons

    market = simulate_market(seed)
    with open_workspace(settings) as workspace:
        for candles in market.candles.values():
            workspace.candles.write(candles, "simulated")
        planned = plan_horizons(workspace.candles.series(), tuple(load_horizons().values())).horizons
        return {each.name: _decided(workspace, settings, each, market.stop_ms) for each in planned}


def _decided(workspace: Any, settings: Settings, horizon: Any, now_ms: int) -> dict[str, Any]:
    from forecasting.adapters.licensing.asking import Licensing
    from forecasting.adapters.licensing.recipe_of import recipe_of
    from forecasting.adapters.live.deciding import put_before_gate
    from forecasting.adapters.live.training import Recipe, train_candidate

    recipe = Recipe(horizon, (), settings.seed, settings.expectations_folder)
    version = train_candidate(workspace, recipe, now_ms)
    decision = put_before_gate(workspace, version, horizon, settings.cost_bps, POLICY, now_ms)
    unmet = [each["name"] for each in decision["criteria"] if not each["passed"]]
    told = Licensing(workspace, lambda: now_ms).ask(recipe_of(workspace, horizon, settings.seed))
    figures = None if told.licence is None else told.licence.figures
    return {
        "outcome": decision["outcome"],
        "unmet": unmet,
        "licensed": told.licence is not None,
        "figures": figures,
    }


def interval(count: int, runs: int) -> tuple[float, float]:
    """Clopper-Pearson interval of a share at `LEVEL`.

    Examples
    --------
    >>> [round(end, 3) for end in interval(10, 10)]
    [0.692, 1.0]
    """
    tail = (1.0 - LEVEL) / 2.0
    low = 0.0 if count == 0 else float(beta.ppf(tail, count, runs - count + 1))
    high = 1.0 if count == runs else float(beta.ppf(1.0 - tail, count + 1, runs - count))
    return low, high


def lines(known: Sequence[dict[str, Any]], planted: str) -> list[str]:
    """Table of what was licensed and promoted, and in how many markets that was the planted horizon and no other."""
    names = list(dict.fromkeys(name for each in known for name in each["horizons"]))
    told = ["| horizon | licensed | promoted | what refused it first |", "| --- | --- | --- | --- |"]
    for name in names:
        own = [each["horizons"][name] for each in known if name in each["horizons"]]
        licensed, promoted = (sum(each["licensed"] for each in own), _promoted(own))
        reasons = Counter(each["unmet"][0] for each in own if each["unmet"]).most_common(REASONS)
        why = ", ".join(f"{reason} ({count})" for reason, count in reasons) or "-"
        told.append(f"| {name} | {_share(licensed, len(own))} | {_share(promoted, len(own))} | {why} |")
    licensed, promoted = (
        sum(all(found(of) == (name == planted) for name, of in each["horizons"].items()) for each in known)
        for found in (_is_licensed, _is_promoted)
    )
    told.append(
        f"\nThe planted horizon ({planted}) and no other was licensed in {_share(licensed, len(known))} markets,"
    )
    told.append(f"and promoted, which asks for the classic criteria too, in {_share(promoted, len(known))}.")
    return told


def _is_licensed(decided: dict[str, Any]) -> bool:
    return bool(decided["licensed"])


def _is_promoted(decided: dict[str, Any]) -> bool:
    return bool(decided["outcome"] == "promote")


def _promoted(own: Sequence[dict[str, Any]]) -> int:
    return sum(map(_is_promoted, own))


def _share(count: int, runs: int) -> str:
    low, high = interval(count, runs)
    return f"{count} of {runs} ({low:.1%} to {high:.1%})"


def main(arguments: list[str] | None = None) -> None:
    """Play the seeds that are not known yet, then print what is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=WORKERS)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    file = options.folder / FILE
    asked = range(options.first, options.first + options.seeds)
    known = {each["seed"]: each for each in _read(file)}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, context, max_tasks_per_child=1) as pool, file.open("a") as log:
        begun = [pool.submit(play, seed) for seed in asked if seed not in known]
        for number, each in enumerate(as_completed(begun), start=1):
            found = each.result()
            known[found["seed"]] = found
            log.write(json.dumps(found) + "\n")
            log.flush()
            print(f"{number} of {len(begun)}: seed {found['seed']} in {found['seconds']} s", flush=True)
    print("\n".join(lines([known[seed] for seed in asked if seed in known], _planted())))


def _planted() -> str:
    from forecasting.adapters.simulator import SIGNAL_HORIZON

    return SIGNAL_HORIZON


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


if __name__ == "__main__":
    main()
