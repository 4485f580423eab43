"""The horizons: how far ahead, on which candles, over which window, how often, and how strict."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from forecasting.cron import checked_cron
from forecasting.errors import InvalidSettings, UnknownHorizon, UnknownInterval
from forecasting.types import DAY_MS, MINUTE_MS, interval_ms

BASE_PERIODS = (1, 3, 7, 14, 30)
BASE_SET, EXTENDED_SET, HIGHER_SET = FEATURE_SETS = ("base", "extended", "higher")
# Named here, because settings are read long before anything is imported that trains.
MEMBERS = (
    "naive",
    "persistence",
    "ewma",
    "drift",
    "ar1",
    "arima",
    "lgbm",
    "rf",
    "ridge",
    "lgbm_huber",
    "lgbm_quantile",
    "lgbm_rise",
    "lgbm_up",
    "rf_rise",
    "rf_up",
)
DEFAULT_MEMBERS = ("naive", "persistence", "ewma", "lgbm", "rf")
MOST_WINDOW_DAYS = 36_500


class Horizon(BaseModel):
    """One forecast horizon, as the horizons file describes it.

    Attributes
    ----------
    name
        As in `1h`; the registered model is `forecast-1h`.
    look_ahead_minutes
        Minutes from as_of to the end of the label.
    base_interval
        Interval of the candles that features are computed on.
    train_window_days
        Days of rows that training uses, back from the newest label.
    retrain_cron
        Schedule of retraining, five cron fields, UTC; one that no day fits is refused.
    threshold
        Classification target: return > threshold (a fraction, 0.001 = 0.1 %).
    accuracy_margin
        Directional accuracy a candidate needs beyond naive's (a fraction, 0.02 = 2 points).
    too_good_ic
        Rank correlation of forecasts and returns above which a candidate is held back for a person to look at:
        no honest forecast of this horizon is known to be that good, a leak often is.
    longer_periods
        Return look-backs beyond `BASE_PERIODS`, in base intervals.
    feature_sets
        Sets of features: `base`, which the baselines need, then any of the others of `FEATURE_SETS`.
    own_features
        Python file with one's own features; it runs with all rights of whoever trains or serves.
    members
        What the ensemble is made of, in the order in which it is added up: `naive`, against which the others are
        measured, then any of the others of `MEMBERS`.
    member_settings
        By member, arguments of its constructor that differ from their defaults.
    ensemble
        How members are weighed: `inverse_rmse` and `equal` on the validation rows, `stacking` on out-of-fold forecasts
        of the training rows, for which each member is fitted several times.
    regime_weights
        `auto` weighs members in each regime on its own rows where that pays on later rows, `never` does not ask.
    calibration
        How a distance from naive becomes a probability: `platt`, `isotonic` or `venn_abers`.
    search_trials
        Settings that a training tries for each member that has any to choose, its own among them; 0 tries none.
    gate_policy
        `strict` or `classic`, as `FORETICK_GATE_POLICY`, for this horizon alone; None leaves it to that. It is no part of a
        model, so no document has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[0-9]+[mhd]$")]
    look_ahead_minutes: Annotated[int, Field(gt=0)]
    base_interval: str
    train_window_days: Annotated[int, Field(gt=0, le=MOST_WINDOW_DAYS)]
    retrain_cron: Annotated[str, AfterValidator(checked_cron)]
    threshold: Annotated[float, Field(gt=-1, lt=1)] = 0.0
    accuracy_margin: Annotated[float, Field(ge=0, lt=0.5)]
    too_good_ic: Annotated[float, Field(gt=0, le=1)]
    longer_periods: tuple[Annotated[int, Field(gt=max(BASE_PERIODS), le=10_080)], ...] = ()
    # A bundle is named by its bytes: what says nothing new is left out of documents. A path never goes into one,
    # so that no bundle can name a file to run; the features' own document has its digest.
    feature_sets: Annotated[tuple[str, ...], Field(exclude_if=lambda sets: sets == (BASE_SET,))] = (BASE_SET,)
    own_features: Annotated[Path | None, Field(exclude=True)] = None
    members: Annotated[tuple[str, ...], Field(exclude_if=lambda members: members == DEFAULT_MEMBERS)] = (
        DEFAULT_MEMBERS
    )
    member_settings: Annotated[
        Mapping[str, Mapping[str, int | float | bool | str | None]],
        Field(exclude_if=lambda settings: not settings),
    ] = {}
    ensemble: Annotated[
        Literal["inverse_rmse", "stacking", "equal"], Field(exclude_if=lambda kind: kind == "inverse_rmse")
    ] = "inverse_rmse"
    regime_weights: Annotated[Literal["auto", "never"], Field(exclude_if=lambda choice: choice == "auto")] = (
        "auto"
    )
    calibration: Annotated[
        Literal["platt", "isotonic", "venn_abers"], Field(exclude_if=lambda kind: kind == "platt")
    ] = "platt"
    search_trials: Annotated[int, Field(ge=0, le=1_000, exclude_if=lambda trials: not trials)] = 0
    gate_policy: Annotated[Literal["strict", "classic"] | None, Field(exclude=True)] = None

    @model_validator(mode="after")
    def _whole_bars(self) -> Self:
        try:
            step_ms = interval_ms(self.base_interval)
        except UnknownInterval as error:
            raise ValueError(str(error)) from None
        if self.look_ahead_ms % step_ms:
            raise ValueError(
                f"look_ahead_minutes {self.look_ahead_minutes} is not a whole number of {self.base_interval} candles"
            )
        # Naive looks ahead over any number of candles: it has neither features nor another baseline beside it.
        if self.look_ahead_bars not in self.periods and self.members != MEMBERS[:1]:
            raise ValueError(
                f"look-ahead is {self.look_ahead_bars} candles of {self.base_interval}, but persistence needs it among "
                f"the return look-backs {self.periods}: add it to longer_periods or change base_interval"
            )
        if self.feature_sets != tuple(
            each for each in FEATURE_SETS if each in {BASE_SET, *self.feature_sets}
        ):
            raise ValueError(
                f"feature_sets {', '.join(self.feature_sets)}: {BASE_SET} is needed, then any of "
                f"{', '.join(FEATURE_SETS[1:])}, in this order"
            )
        return self

    @model_validator(mode="after")
    def _known_members(self) -> Self:
        unknown = [name for name in (*self.members, *self.member_settings) if name not in MEMBERS]
        if unknown:
            raise ValueError(f"member {unknown[0]!r} is unknown: any of {', '.join(MEMBERS)} is needed")
        if self.members[:1] != MEMBERS[:1] or len(set(self.members)) < len(self.members):
            raise ValueError(
                f"members {', '.join(self.members)}: {MEMBERS[0]} is needed first, then others, each once"
            )
        idle = sorted(set(self.member_settings) - set(self.members))
        if idle:
            raise ValueError(
                f"member_settings are given for {', '.join(idle)}, but members has no such entry"
            )
        return self

    def with_window(self, train_window_days: int | None) -> Horizon:
        """Return the same horizon with another training window in days; None keeps its own.

        Raises
        ------
        InvalidSettings
            The window is not a positive number of days.
        """
        if train_window_days is None:
            return self
        if train_window_days < 1:
            raise InvalidSettings(
                f"a training window of {train_window_days} days was given: 1 or more are needed"
            )
        return self.model_copy(update={"train_window_days": train_window_days})

    def with_search(self, search_trials: int | None) -> Horizon:
        """Return the same horizon with another number of settings to try; None keeps its own.

        Raises
        ------
        InvalidSettings
            The number is below 0 or above 1000.
        """
        if search_trials is None:
            return self
        if not 0 <= search_trials <= 1_000:
            raise InvalidSettings(f"{search_trials} search trials were given: 0 to 1000 are possible")
        return self.model_copy(update={"search_trials": search_trials})

    def beside(self, folder: Path) -> Horizon:
        """Return the same horizon with the path of its own features, if it names any, taken from a folder."""
        if self.own_features is None:
            return self
        return self.model_copy(update={"own_features": folder / self.own_features})

    @property
    def look_ahead_ms(self) -> int:
        """Length of the label span in milliseconds."""
        return self.look_ahead_minutes * MINUTE_MS

    @property
    def base_interval_ms(self) -> int:
        """Length of a base candle in milliseconds."""
        return interval_ms(self.base_interval)

    @property
    def look_ahead_bars(self) -> int:
        """Look-ahead in base candles."""
        return self.look_ahead_ms // self.base_interval_ms

    @property
    def train_window_ms(self) -> int:
        """Length of the rolling training window in milliseconds."""
        return self.train_window_days * DAY_MS

    @property
    def periods(self) -> tuple[int, ...]:
        """Return look-backs in base candles, shortest first."""
        return BASE_PERIODS + tuple(sorted(self.longer_periods))

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return f"forecast-{self.name}"


def load_horizons(path: Path | None = None) -> dict[str, Horizon]:
    """Read a horizons file; without a path the defaults that come with Foretick.

    Returns
    -------
    dict
        Horizons by name, shortest look-ahead first.

    Raises
    ------
    InvalidSettings
        The file is missing, is not YAML, or a field is absent, unknown or out of range.
    """
    where = "the default horizons" if path is None else str(path)
    try:
        text = (
            files("forecasting").joinpath("horizons.yaml").read_text() if path is None else path.read_text()
        )
        content = yaml.safe_load(text)
    except OSError as error:
        raise InvalidSettings(
            f"{where} cannot be read ({error.strerror}): name a horizons file in FORETICK_HORIZONS"
        ) from error
    except yaml.YAMLError as error:
        raise InvalidSettings(f"{where} is not YAML: {' '.join(str(error).split())}") from error
    entries = content.get("horizons") if isinstance(content, Mapping) else None
    if not isinstance(entries, Mapping) or not entries:
        raise InvalidSettings(f"{where} has no 'horizons:' mapping of name to settings")
    folder = Path() if path is None else path.parent
    horizons = [parse_horizon(str(name), fields, where).beside(folder) for name, fields in entries.items()]
    return {horizon.name: horizon for horizon in sorted(horizons, key=lambda each: each.look_ahead_minutes)}


def parse_horizon(name: str, fields: Any, where: str) -> Horizon:
    """Make a horizon of its settings by name; the message of a refusal begins with where they are from.

    Raises
    ------
    InvalidSettings
        A setting is absent, unknown or out of range.
    """
    if not isinstance(fields, Mapping):
        raise InvalidSettings(f"{where}: horizon {name} has no settings")
    try:
        return Horizon.model_validate({"name": name, **fields})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "settings"
        raise InvalidSettings(f"{where}: horizon {name}, {field}: {first['msg']}") from error


def find_horizon(horizons: Mapping[str, Horizon], name: str) -> Horizon:
    """Look a horizon up by name.

    Raises
    ------
    UnknownHorizon
        Names the ones that exist.
    """
    try:
        return horizons[name]
    except KeyError:
        raise UnknownHorizon(f"horizon {name!r} is unknown: one of {', '.join(horizons)} is needed") from None
