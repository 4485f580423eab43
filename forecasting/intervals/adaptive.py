"""Adaptive conformal intervals: how far returns have lain from their forecasts, in units of volatility."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from forecasting.errors import NotEnoughHistory
from forecasting.intervals.alone import follow
from forecasting.intervals.rows import LEAST_VOLATILITY, ForecastRows
from forecasting.intervals.scores import ScorePool, conformal_quantile
from forecasting.types import FloatArray, IntArray, utc_iso

LEVELS = (0.8, 0.9)
LEAST_SCORES = 30
# Labels of a symbol that do not overlap, from which on it is judged by its own scores.
OWN_LABELS = 100
# Of labels that overlap, so many a look-ahead are kept: the others repeat them.
KEPT_A_LOOK_AHEAD = 4
# The share that is left out never leaves [0.1, 3] times the share that was asked for: no interval is infinite, and
# none shrinks to a point because all went well for a while.
LEAST_SHARE, LARGEST_SHARE = 0.1, 3.0
LEAST_HALF_WIDTH = 1e-8


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends of an interval of returns, fractions; both belong to it, and `low` is below `high`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Track:
    """What is known of one symbol: the share left out at each level, labels learned, end of the latest."""

    shares: tuple[float, ...]
    labels: int
    learned_until_ms: int


class AdaptiveIntervals:
    """Intervals around forecasts that hold the realised return as often as they say.

    The score of a label is its distance from the forecast over the volatility of its moment. An interval reaches as
    many volatilities to both sides as the conformal quantile of the last scores says, at a share that is left out
    which starts as asked for (0.1 for 90 %) and moves with each label: up after a hit, down after a miss.

    A label moves the share only when it is known, one look-ahead after its forecast. It is judged by the threshold
    in force by then, not by the one of its forecast: otherwise a correction would be made again by every label that
    was under way when it was needed, and the intervals would swing. Labels of h bars overlap, so each moves the
    share by step / h.

    Symbols differ, so each has a share of its own, and scores of its own from 100 labels on that do not overlap.
    Until then the scores of all symbols together judge it; in units of their own volatility symbols are much alike.

    Parameters
    ----------
    look_ahead_bars
        Length of a label in base candles.
    levels
        Shares of returns that should lie inside, ascending, each in [0.5, 1).
    step
        How far a label that overlaps with no other moves the share, relative to a miss of 1: the larger, the sooner
        it follows the market and the more it wavers around the truth. 0 keeps it where it is.
    window
        How many scores of each symbol are kept, four a look-ahead where labels overlap.

    References
    ----------
    Gibbs and Candes (2021), Adaptive Conformal Inference Under Distribution Shift, NeurIPS 34.
    Angelopoulos, Candes and Tibshirani (2023), Conformal PID Control for Time Series Prediction, NeurIPS 36.

    Examples
    --------
    >>> intervals = AdaptiveIntervals(look_ahead_bars=1)
    >>> for bar in range(1, 100):
    ...     intervals.learn_label("BTC/USDT", label_end_ms=bar, score=bar * 37 % 100 / 50)
    >>> [round(each.high, 4) for each in intervals.intervals("BTC/USDT", 99, 0.0, volatility=0.01)]
    [0.016, 0.018]
    """

    def __init__(
        self,
        look_ahead_bars: int,
        levels: tuple[float, ...] = LEVELS,
        step: float = 0.01,
        window: int = 2000,
    ) -> None:
        self.look_ahead_bars = look_ahead_bars
        self.levels = levels
        self.step = step
        self.window = window
        self._go_on_from({}, {})

    def _go_on_from(self, tracks: Mapping[str, _Track], scores: Mapping[str, Sequence[float]]) -> None:
        self._kept_every = max(1, self.look_ahead_bars // KEPT_A_LOOK_AHEAD)
        least_own = math.ceil(OWN_LABELS * self.look_ahead_bars / self._kept_every)
        self._tracks = dict(tracks)
        self._pool = ScorePool(self.window, min(least_own, self.window), scores)
        self._learned_until_ms = max((track.learned_until_ms for track in tracks.values()), default=None)

    @property
    def ready(self) -> bool:
        """Whether enough labels were learned to make intervals."""
        return len(self._pool) >= LEAST_SCORES

    @property
    def learned_until_ms(self) -> int | None:
        """End of the latest label that was learned, epoch milliseconds UTC; None before the first."""
        return self._learned_until_ms

    def learn(self, rows: ForecastRows) -> Self:
        """Learn labels in the order in which they became known; what was learned before stays.

        Raises
        ------
        ValueError
            As `learn_label`.
        """
        scores, order = rows.scores(), rows.label_order()
        if self._is_alone(rows, scores, order):
            self._learn_alone(rows.symbols[rows.symbol[0]], scores[order], int(rows.label_end_ms[order[-1]]))
            return self
        for row in order.tolist():
            self.learn_label(rows.symbols[rows.symbol[row]], int(rows.label_end_ms[row]), float(scores[row]))
        return self

    def _is_alone(self, rows: ForecastRows, scores: FloatArray, order: IntArray) -> bool:
        """Whether these are the first labels, of one symbol, and none of them has to be refused or forgotten."""
        return (
            not self._tracks
            and 0 < len(rows) <= self.window
            and bool((rows.symbol == rows.symbol[0]).all())
            and bool(np.isfinite(scores).all() and (np.diff(rows.label_end_ms[order]) > 0).all())
        )

    def _learn_alone(self, symbol: str, scores: FloatArray, learned_until_ms: int) -> None:
        shares = follow(
            scores,
            np.array(self.levels),
            self.step / self.look_ahead_bars,
            self._kept_every,
            LEAST_SCORES,
            np.array((LEAST_SHARE, LARGEST_SHARE)),
        )
        track = _Track(tuple(shares.tolist()), len(scores), learned_until_ms)
        self._go_on_from({symbol: track}, {symbol: scores[:: self._kept_every].tolist()})

    def learn_label(self, symbol: str, label_end_ms: int, score: float) -> None:
        """Learn one label.

        Parameters
        ----------
        symbol
            Whose it is.
        label_end_ms
            The moment it became known, epoch milliseconds UTC.
        score
            Distance of the return from its forecast, in volatilities of one bar.

        Raises
        ------
        ValueError
            The score is not finite, or a label of the symbol that ends as late or later was learned already.
        """
        if not math.isfinite(score):
            raise ValueError(f"{symbol}: a label of score {score} was given, a finite one is needed")
        track = self._tracks.get(symbol)
        if track is None:
            track = self._new_track()
        elif label_end_ms <= track.learned_until_ms:
            raise ValueError(
                f"{symbol}: the label that ends {utc_iso(label_end_ms)} was given after one that ends "
                f"{utc_iso(track.learned_until_ms)}: each once, in order of time, is needed"
            )
        shares = self._moved(symbol, track.shares, score) if self.ready else track.shares
        if track.labels % self._kept_every == 0:
            self._pool.add(symbol, score)
        self._tracks[symbol] = _Track(shares, track.labels + 1, label_end_ms)
        self._learned_until_ms = max(label_end_ms, self._learned_until_ms or label_end_ms)

    def _new_track(self) -> _Track:
        return _Track(tuple(1.0 - level for level in self.levels), 0, 0)

    def _moved(self, symbol: str, shares: tuple[float, ...], score: float) -> tuple[float, ...]:
        step, ordered, moved = self.step / self.look_ahead_bars, self._pool.ordered(symbol), []
        for level, share in zip(self.levels, shares, strict=True):
            asked = 1.0 - level
            missed = score > conformal_quantile(ordered, 1.0 - share)
            wanted = share + step * (asked - missed)
            moved.append(min(max(wanted, LEAST_SHARE * asked), min(LARGEST_SHARE * asked, level)))
        return tuple(moved)

    def thresholds(self, symbol: str) -> tuple[float, ...]:
        """Half-width in volatilities of one bar, for each level; a higher level is never narrower.

        Raises
        ------
        NotEnoughHistory
            Fewer than 30 scores are known.
        """
        if not self.ready:
            raise NotEnoughHistory(
                f"{len(self._pool)} scores of labels are known, {LEAST_SCORES} are needed for an interval: "
                "use more history"
            )
        track, ordered = self._tracks.get(symbol) or self._new_track(), self._pool.ordered(symbol)
        found: list[float] = []
        for share in track.shares:
            quantile = conformal_quantile(ordered, 1.0 - share)
            # Shares move apart and together: they could cross.
            found.append(max(quantile, found[-1]) if found else quantile)
        return tuple(found)

    def intervals(
        self, symbol: str, as_of_ms: int, pred_return: float, volatility: float
    ) -> tuple[Interval, ...]:
        """Interval of each level around one forecast.

        Parameters
        ----------
        symbol
            One that was learned, or any other: then the scores of all symbols answer.
        as_of_ms
            The moment of the forecast, epoch milliseconds UTC.
        pred_return
            Forecast return, a fraction.
        volatility
            Of one bar, known at as_of.

        Raises
        ------
        NotEnoughHistory
            Fewer than 30 scores are known.
        ValueError
            A number is missing, or a label was learned that ends after as_of.
        """
        if self._learned_until_ms is not None and as_of_ms < self._learned_until_ms:
            raise ValueError(
                f"a label that ends {utc_iso(self._learned_until_ms)} was learned: a forecast of "
                f"{utc_iso(as_of_ms)} cannot know it"
            )
        if not (math.isfinite(pred_return) and math.isfinite(volatility)):
            raise ValueError(
                f"a forecast of {pred_return} at a volatility of {volatility} was given, finite is needed"
            )
        scale = max(volatility, LEAST_VOLATILITY)
        halves = [max(threshold * scale, LEAST_HALF_WIDTH) for threshold in self.thresholds(symbol)]
        return tuple(Interval(pred_return - half, pred_return + half) for half in halves)

    def to_document(self) -> dict[str, Any]:
        """JSON-like form of arguments and state; exact, so what is read back goes on to the same bits."""
        return {
            "look_ahead_bars": self.look_ahead_bars,
            "levels": list(self.levels),
            "step": self.step,
            "window": self.window,
            "symbols": {
                symbol: {
                    "shares": list(track.shares),
                    "labels": track.labels,
                    "learned_until_ms": track.learned_until_ms,
                    "scores": self._pool.of(symbol),
                }
                for symbol, track in sorted(self._tracks.items())
            },
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of `to_document`."""
        known = document["symbols"]
        restored = cls(
            document["look_ahead_bars"], tuple(document["levels"]), document["step"], document["window"]
        )
        tracks = {
            symbol: _Track(tuple(each["shares"]), each["labels"], each["learned_until_ms"])
            for symbol, each in known.items()
        }
        restored._go_on_from(tracks, {symbol: each["scores"] for symbol, each in known.items()})
        return restored
