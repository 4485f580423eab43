"""The strategies: when to act on a forecast, how large, when to leave, on which horizons, and what trading costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecasting.backtest.engine.rule import RuleNumbers
from forecasting.errors import InvalidSettings
from forecasting.horizons import Horizon
from forecasting.types import DAY_MS

YEAR_MS = 365 * DAY_MS
_BASIS_POINT = 1e-4
Source = Literal["ensemble", "naive", "persistence", "buy_and_hold", "flat"]
_HELD = {
    "min_return": 0.0,
    "min_conf": 0.0,
    "exit": "opposite",
    "full_edge": None,
    "volatility_target": None,
}
_Model = TypeVar("_Model", bound=BaseModel)
_BasisPoints = Annotated[float, Field(ge=0, lt=1_000)]


class Costs(BaseModel):
    """What trading costs, in basis points.

    Attributes
    ----------
    fee_bps
        Fee, of the traded money.
    half_spread_bps, slippage_bps
        What a fill is worse than the open.
    funding_bps
        Of the held money for each 8 hours. Long and short pay alike: an assumed constant never pays a position for being
        held.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fee_bps: _BasisPoints
    half_spread_bps: _BasisPoints
    slippage_bps: _BasisPoints
    funding_bps: _BasisPoints

    @property
    def one_way(self) -> float:
        """Cost of entering or leaving, a fraction of the traded money."""
        return (self.fee_bps + self.half_spread_bps + self.slippage_bps) * _BASIS_POINT


class Strategy(BaseModel):
    """One strategy, as the strategies file describes it.

    Attributes
    ----------
    name
        As in `ensemble-threshold`.
    source
        Whose forecasts are acted on. Of the rule of `buy_and_hold` only `max_weight` counts, of `flat` nothing.
    horizons
        Names of the horizons that it may be used on; none means all.
    min_return
        Forecast return beyond which there is a signal, a fraction; None takes the cost of entering and leaving, so that
        nothing is traded which does not expect to pay for itself.
    min_conf
        Confidence beyond which there is a signal; the default asks for more than a coin.
    long_only
        Whether a forecast fall opens nothing.
    exit
        When a position is left: with the horizon of its forecast, at the opposite signal, at whichever is first, or as soon
        as a close gives no signal for it.
    full_edge
        |forecast return| x confidence at which a position is whole; smaller ones are smaller. None makes each whole.
    max_weight
        Largest position, a share of the equity.
    volatility_target
        Yearly volatility that a whole position should have, a fraction; None leaves the volatility out.
    resize_band
        A position that is asked for anew changes its size only by more than this share of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    source: Source
    horizons: tuple[Annotated[str, Field(pattern=r"^[0-9]+[mhd]$")], ...] = ()
    min_return: Annotated[float | None, Field(ge=0, lt=1)] = None
    min_conf: Annotated[float, Field(ge=0, lt=1)] = 0.5
    long_only: bool = False
    exit: Literal["horizon", "opposite", "horizon_or_opposite", "signal_gone"] = "horizon"
    full_edge: Annotated[float | None, Field(gt=0, lt=1)] = None
    max_weight: Annotated[float, Field(gt=0, le=10)] = 1.0
    volatility_target: Annotated[float | None, Field(gt=0, le=10)] = None
    resize_band: Annotated[float, Field(ge=0)] = 0.1

    def demand_horizon(self, horizon: Horizon) -> None:
        """Refuse a horizon that the strategy may not use.

        Raises
        ------
        InvalidSettings
            Names the ones that it may use.
        """
        if self.horizons and horizon.name not in self.horizons:
            raise InvalidSettings(
                f"strategy {self.name} is for {', '.join(self.horizons)}, {horizon.name} was asked for: choose another "
                "strategy or add the horizon to its 'horizons'"
            )

    def numbers(self, costs: Costs, interval_ms: int) -> RuleNumbers:
        """Strategy and costs as numbers for the engine; `interval_ms` is the length of a candle."""
        if self.source == "buy_and_hold":
            return self.model_copy(update=_HELD)._numbers(costs, interval_ms)
        return self._numbers(costs, interval_ms)

    def _numbers(self, costs: Costs, interval_ms: int) -> RuleNumbers:
        target = self.volatility_target
        return RuleNumbers(
            min_return=2 * costs.one_way if self.min_return is None else self.min_return,
            min_conf=self.min_conf,
            long_only=self.long_only,
            exit_over=self.exit in {"horizon", "horizon_or_opposite"},
            exit_opposite=self.exit in {"opposite", "horizon_or_opposite"},
            exit_gone=self.exit == "signal_gone",
            full_edge=0.0 if self.full_edge is None else self.full_edge,
            max_weight=self.max_weight,
            bar_volatility=0.0 if target is None else target * math.sqrt(interval_ms / YEAR_MS),
            resize_band=self.resize_band,
            fee=costs.fee_bps * _BASIS_POINT,
            impact=(costs.half_spread_bps + costs.slippage_bps) * _BASIS_POINT,
            funding=costs.funding_bps * _BASIS_POINT,
        )


@dataclass(frozen=True, slots=True)
class StrategyBook:
    """What a strategies file says.

    Attributes
    ----------
    costs
        Of all strategies alike.
    strategies
        By name, in the order of the file.
    """

    costs: Costs
    strategies: Mapping[str, Strategy]

    def find(self, name: str) -> Strategy:
        """Look a strategy up by name.

        Raises
        ------
        InvalidSettings
            Names the ones that exist.
        """
        try:
            return self.strategies[name]
        except KeyError:
            raise InvalidSettings(
                f"strategy {name!r} is unknown: one of {', '.join(self.strategies)} is needed"
            ) from None


def load_strategies(path: Path | None = None) -> StrategyBook:
    """Read a strategies file; without a path the defaults that come with Foretick.

    Raises
    ------
    InvalidSettings
        The file is missing, is not YAML, or a field is absent, unknown or out of range.
    """
    where = "the default strategies" if path is None else str(path)
    source = files("forecasting").joinpath("strategies.yaml") if path is None else path
    try:
        content = yaml.safe_load(source.read_text())
    except OSError as error:
        raise InvalidSettings(
            f"{where} cannot be read ({error.strerror}): a readable strategies file is needed"
        ) from error
    except yaml.YAMLError as error:
        raise InvalidSettings(f"{where} is not YAML: {' '.join(str(error).split())}") from error
    entries = content.get("strategies") if isinstance(content, Mapping) else None
    if not isinstance(entries, Mapping) or not entries:
        raise InvalidSettings(f"{where} has no 'strategies:' mapping of name to settings")
    strategies = {
        str(name): _parse(Strategy, {"name": str(name)}, fields, f"{where}: strategy {name}")
        for name, fields in entries.items()
    }
    return StrategyBook(_parse(Costs, {}, content.get("costs"), f"{where}: costs"), strategies)


def _parse(model: type[_Model], known: Mapping[str, Any], fields: Any, where: str) -> _Model:
    if not isinstance(fields, Mapping):
        raise InvalidSettings(f"{where}: a mapping of settings is needed, {fields!r} was given")
    try:
        return model.model_validate({**known, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "settings"
        raise InvalidSettings(f"{where}, {field}: {first['msg']}") from error
