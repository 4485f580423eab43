"""`foretick train`: fit and register a candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from commands.console import Screen
from commands.options import Json, Symbols, Workspace, split
from commands.running import flows_of, horizons_of, prepared
from forecasting.errors import InvalidSettings
from forecasting.horizons import find_horizon
from forecasting.recipes import find_recipe, with_recipe
from forecasting.types import parse_symbol, utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.model_version import RegisteredVersion
    from forecasting.forecaster.bundle import Bundle
    from forecasting.settings import Settings

# Said here once more, because whoever implements them takes seconds to import.
Algorithm = Literal["all", "lgbm", "rf"]


def train(
    horizon: Annotated[
        str | None,
        typer.Option(
            help="How far ahead to forecast: 1m, 1h, 1d, 7d, 30d, or what your horizons file names."
        ),
    ] = None,
    symbol: Symbols = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="A model known by its name instead of the horizon's own: source-7d-forest."),
    ] = None,
    train_window: Annotated[
        int | None, typer.Option(help="Days of rows to use; the horizon's own window by default.")
    ] = None,
    algorithm: Annotated[Algorithm, typer.Option(help="Trees to train beside the baselines.")] = "all",
    search_trials: Annotated[
        int | None,
        typer.Option(
            help="Settings to try for each model inside the training rows; the horizon's own by default, which is none."
        ),
    ] = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> None:
    """Train one horizon on stored candles and register the candidate in MLflow; nothing is promoted.

    Without --symbol all markets are pooled whose candles reach into the newest tenth of the window, the test part.
    The same data and seed give the same model to the last bit, which then keeps its version.

    Example: foretick train --symbol BTC/USDT --horizon 1h --train-window 90 --algorithm lgbm
    """
    symbols = [parse_symbol(each) for each in split(symbol)]
    settings = prepared(workspace)
    name = _horizon_name(horizon, recipe)
    # The flow checks it as well; here it is found before a server is started.
    own = find_horizon(horizons_of(settings), name).with_window(train_window)
    with_recipe(own, recipe).with_search(search_trials)
    screen = Screen(as_json)
    with flows_of(settings):
        from flows.train_horizon import train_horizon

        version = train_horizon(name, symbols or None, algorithm, train_window, recipe, search_trials)
        bundle = _bundle(settings, version)
    screen.show(*_candidate_parts(version, bundle))
    screen.result(_candidate_document(version, bundle))


def _horizon_name(horizon: str | None, recipe: str | None) -> str:
    if horizon is not None:
        return horizon
    if recipe is None:
        raise InvalidSettings("neither a horizon nor a recipe was named: add --horizon 1h, or --recipe NAME")
    return find_recipe(recipe).horizon


def _bundle(settings: Settings, version: RegisteredVersion) -> Bundle:
    from forecasting.adapters.workspace import open_workspace
    from forecasting.forecaster.bundle import read_bundle

    with open_workspace(settings) as workspace:
        folder = workspace.registry.fetch_bundle(version, workspace.bundle_folder)
    return read_bundle(folder, version.digest)


def _candidate_document(version: RegisteredVersion, bundle: Bundle) -> dict[str, Any]:
    manifest, bounds = bundle.manifest, bundle.manifest.boundaries
    return {
        "model": version.model_name,
        "version": version.version,
        "model_id": version.model_id,
        "status": version.status,
        "symbols": list(version.symbols),
        "rows": {"train": bounds.train_rows, "validation": bounds.validation_rows, "test": bounds.test_rows},
        "trained_from": utc_iso(bounds.train_start_ms),
        "trained_until": utc_iso(bounds.trained_label_end_ms),
        "tested_until": utc_iso(bounds.test_end_ms),
        "weights": dict(manifest.weights),
        "validation": {
            name: {
                figure: getattr(scores, figure) for figure in ("rmse", "mae", "directional_accuracy", "brier")
            }
            for name, scores in manifest.validation_scores.items()
        },
        "search": [choice.sentence for choice in bundle.forecaster.search_.choices],
    }


def _candidate_parts(version: RegisteredVersion, bundle: Bundle) -> list[RenderableType]:
    facts = _candidate_document(version, bundle)
    rows = facts["rows"]
    head = Text(
        f"{version.title} ({facts['model_id']}, {facts['status']}): {', '.join(facts['symbols'])}\n"
        f"{rows['train']:,} rows fitted, {rows['validation']:,} weighed and calibrated on, {rows['test']:,} kept for the gate; "
        f"{facts['trained_from']} to {facts['tested_until']}"
    )
    table = Table(
        title="Metrics on the validation rows", title_justify="left",
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline",
    )  # fmt: skip
    table.add_column("member")
    for name in ("weight", "RMSE", "MAE", "right", "Brier"):
        table.add_column(name, justify="right")
    for name, scores in facts["validation"].items():
        weight = facts["weights"].get(name)
        table.add_row(name, "" if weight is None else f"{weight:.3f}", *map(_figure, scores.values()))
    return [
        head,
        table,
        *map(Text, facts["search"]),
        Text("Next: foretick promote --horizon " + version.model_name.removeprefix("forecast-")),
    ]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.5f}"
