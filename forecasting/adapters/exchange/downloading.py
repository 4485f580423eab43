"""From an exchange to the store: what is new, what is absent in between, what came before."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from forecasting.adapters.exchange.absences import Absences
from forecasting.adapters.exchange.feed import ExchangeFeed, open_feed
from forecasting.adapters.exchange.plan import (
    Absence,
    DownloadPlan,
    Reason,
    Wanted,
    absent_runs,
    plan_download,
    without_runs,
)
from forecasting.adapters.ingestion import IngestedSeries, describe_series
from forecasting.adapters.intake import IntakeRules, TakenIn, inspect, take_in
from forecasting.adapters.store.quarantine import CANDLE
from forecasting.adapters.workspace import Workspace
from forecasting.candles import Gap
from forecasting.errors import SourceUnavailable
from forecasting.quality.raw import RawCandles
from forecasting.types import utc_iso

CHUNK_BARS = 50_000
_WORDS: Mapping[Reason, str] = MappingProxyType(
    {"new": "new candles", "gap": "absent candles", "history": "older candles"}
)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Outcome:
    """What came of the spans that were asked for so far."""

    taken: TakenIn = field(default_factory=TakenIn)
    absent: dict[Wanted, list[Gap]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def ingest_exchange(
    workspace: Workspace,
    exchange: str,
    symbol: str,
    interval: str,
    since_ms: int,
    rules: IntakeRules,
    *,
    refill: bool = False,
) -> IngestedSeries:
    """Download one series, storing as it comes.

    Asked for are the candles after the stored ones, with the newest few once more, those that are absent in
    between, and those before back to `since_ms`. What the exchange does not have is remembered and not asked for
    again, unless `refill` says so. A download that was cut off anywhere is completed by the next one.

    Raises
    ------
    InputError
        The exchange, the market or the interval is none that can be asked, or its candles cannot be trusted.
    SourceUnavailable
        The exchange does not answer or has no candles in that span; what was stored stays.
    """
    plan = plan_series(workspace, exchange, symbol, interval, since_ms, rules.now_ms, refill=refill)
    absences = Absences(workspace.store, symbol, interval, exchange)
    outcome = _Outcome()
    with open_feed(exchange, symbol, interval) as feed:
        for wanted in plan.spans:
            _fetch(workspace, feed, wanted, rules, absences, outcome)
    stored = workspace.candles.read_candles(symbol, interval)
    if not len(stored):
        raise SourceUnavailable(f"{exchange} has no {interval} candles of {symbol} since {utc_iso(since_ms)}")
    notes = dict.fromkeys((*outcome.notes, *_notes(exchange, plan, outcome.absent)))
    return describe_series(stored, outcome.taken, tuple(notes))


def plan_series(
    workspace: Workspace,
    exchange: str,
    symbol: str,
    interval: str,
    since_ms: int,
    now_ms: int,
    *,
    refill: bool = False,
) -> DownloadPlan:
    """Say what a download would ask for; nobody is asked."""
    stored_ms = workspace.candles.read_candles(symbol, interval).open_time_ms
    known = (
        ()
        if refill
        else (
            *_kept_out(workspace, exchange, symbol, interval),
            *Absences(workspace.store, symbol, interval, exchange).read(),
        )
    )
    return plan_download(stored_ms, interval, since_ms, now_ms, known)


def _kept_out(workspace: Workspace, exchange: str, symbol: str, interval: str) -> Iterator[Absence]:
    """Candles that came and are in quarantine; those that a person released are asked for again."""
    for row in workspace.quarantine.find(CANDLE, symbol, interval):
        if row.origin.source == exchange and row.state != "released" and row.fault.moment_ms is not None:
            yield Absence(row.fault.moment_ms, 1, row.quarantined_ms)


def _fetch(
    workspace: Workspace,
    feed: ExchangeFeed,
    wanted: Wanted,
    rules: IntakeRules,
    absences: Absences,
    outcome: _Outcome,
) -> None:
    """Ask for one span, store what comes, remember what does not."""
    _log.info("asking %s for %s since %s", feed.title, _WORDS[wanted.reason], utc_iso(wanted.start_ms))
    kept_out: list[Gap] = []
    for chunk, is_last in _chunks(feed.pages(wanted.start_ms, wanted.stop_ms, rules.now_ms)):
        # Only the newest candles can be late, and nobody is there to say which of two truths is to stay.
        on_conflict = "neither" if rules.on_conflict == "error" else rules.on_conflict
        live = rules.live and is_last and wanted.reason == "new"
        found = inspect(
            workspace, chunk, feed.exchange_id, replace(rules, on_conflict=on_conflict, live=live)
        )
        outcome.taken += take_in(workspace, found, rules.now_ms)
        outcome.notes += found.notes
        kept_out += [Gap(fault.moment_ms, 1) for fault in found.faults if fault.moment_ms is not None]
        _log.info("%s: %d candles, until %s", feed.title, len(chunk), utc_iso(int(chunk.open_time_ms[-1])))
    outcome.absent[wanted] = _remember(workspace, absences, wanted, kept_out, rules.now_ms)


def _chunks(pages: Iterator[RawCandles]) -> Iterator[tuple[RawCandles, bool]]:
    """Pages joined to what is worth an inspection, and whether it is the last; what came before a failure too."""
    parts: list[RawCandles] = []
    try:
        for page in pages:
            if sum(map(len, parts)) >= CHUNK_BARS:
                yield _joined(parts), False
                parts = []
            parts.append(page)
    except SourceUnavailable:
        if parts:
            yield _joined(parts), False
        raise
    if parts:
        yield _joined(parts), True


def _joined(pages: Sequence[RawCandles]) -> RawCandles:
    """Pages of one exchange as one table: it is one source, however many answers it gave."""
    joined = pages[0].join(pages[1:])
    return replace(joined, files=pages[0].files, file=np.zeros_like(joined.file))


def _remember(
    workspace: Workspace, absences: Absences, wanted: Wanted, kept_out: Sequence[Gap], now_ms: int
) -> list[Gap]:
    """Remember which candles of a span did not come, and return them.

    What would follow the newest candle that came may still come: only what lies before it is absent.
    """
    symbol, interval = absences.symbol, absences.interval
    stored = workspace.candles.read_candles(symbol, interval, wanted.start_ms, wanted.stop_ms)
    times, step = stored.open_time_ms, stored.interval_ms
    stop_ms = wanted.stop_ms if wanted.reason != "new" else int(max(times, default=wanted.start_ms))
    absent = without_runs(absent_runs(times, step, wanted.start_ms, stop_ms), kept_out, step)
    absences.replace(wanted.start_ms, wanted.stop_ms, absent, now_ms)
    return absent


def _notes(exchange: str, plan: DownloadPlan, absent: Mapping[Wanted, Sequence[Gap]]) -> Iterator[str]:
    for reason, what in _WORDS.items():
        asked = plan.asked(reason)
        left = sum(
            run.bars
            for span, runs in absent.items()
            if span.reason == reason and span.absent
            for run in runs
            # What lies among the newest stored ones was told when they came.
            if run.start_ms >= span.absent[0].start_ms
        )
        # That new candles come is what is expected: only those that do not are worth a word.
        if reason == "new" and left:
            yield f"{left:,} of the {what} are not at {exchange}"
        elif reason != "new" and asked:
            rest = f", {left:,} are not at {exchange} either" if left else ""
            yield f"{asked - left:,} of {asked:,} {what} were found{rest}"
    if plan.left_out:
        yield (
            f"{plan.left_out:,} absent candle(s) were not asked for, {exchange} did not have them or they were "
            f"kept out: --refill asks again"
        )
