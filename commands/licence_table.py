"""How licences and the ledger of alpha are told to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from forecasting.types import utc_iso

if TYPE_CHECKING:
    from forecasting.adapters.licensing.overview import RecipeState
    from forecasting.gate import LicenceFacts
    from forecasting.licence.spending import Entry

SHOWN_DIGITS = 12
FEW_DIGITS = 8  # so that a line of the ledger fits into 80 columns

_STYLES = {"licensed": "bold green", "not proven": "yellow", "lockbox closed": "dim"}
_BASELINES = (("no change", "no_change"), ("drift", "drift"), ("AR(1)", "echo"))


def state_parts(found: Sequence[RecipeState]) -> list[RenderableType]:
    """Lay out recipes, one line each, then what separates each from its proof."""
    table = _table(
        ("horizon", "recipe", "state", "rows"), (*(name for name, _ in _BASELINES), "needed", "alpha")
    )
    for each in found:
        facts = each.facts
        evidence = ["-" if facts is None else _log_e(getattr(facts, field)) for _, field in _BASELINES]
        needed = "-" if facts is None or facts.proof is None else f"{facts.proof.log_needed:.1f}"
        rows = "-" if facts is None else str(facts.stage)
        words = (
            each.paid.horizon,
            each.paid.recipe[:SHOWN_DIGITS],
            Text(each.state, _STYLES[each.state]),
            rows,
        )
        table.add_row(*words, *evidence, needed, f"{each.paid.alpha:.2g}")
    return [Text("Log evidence against each baseline"), table, *_sentences(found)]


def ledger_parts(entries: Sequence[Entry]) -> list[RenderableType]:
    """Lay out the chain of charges and answers, and what is left of each budget."""
    table = _table(("entry", "when", "what", "horizon", "recipe"), ("number", "alpha", "digest"))
    for each in entries:
        what = "charged" if each.kind == "charge" else ("proven" if each.passed else "not proven")
        table.add_row(
            str(each.position),
            utc_iso(each.at_ms)[:19],
            what,
            each.horizon,
            each.recipe[:SHOWN_DIGITS],
            str(each.number),
            f"{each.alpha:.2g}",
            each.digest[:FEW_DIGITS],
        )
    return [table, *_budgets(entries), Text(f"{len(entries)} entries, the chain of digests is whole")]


def _budgets(entries: Sequence[Entry]) -> Iterator[Text]:
    from forecasting.adapters.store.alpha_ledger import ALPHA_HORIZON
    from forecasting.licence.spending import spent

    for horizon, year in sorted({(each.horizon, each.year) for each in entries}):
        used = spent(entries, horizon, year)
        yield Text(f"{horizon} {year}: {used:.2g} of {ALPHA_HORIZON:g} is spent")


def _sentences(found: Sequence[RecipeState]) -> Iterator[Text]:
    for each in found:
        name = f"{each.paid.horizon} {each.paid.recipe[:SHOWN_DIGITS]}"
        yield Text(f"{name}: {_told(each.facts)}")


def _told(facts: LicenceFacts | None) -> str:
    if facts is None:
        return "nobody opened its lockbox yet"
    if facts.proof is None:
        return "not proven, and no other rows tell its skill"
    rows = "" if facts.seen_on is None else f" (on {facts.seen_on} rows)"
    return f"{facts.proof.sentence}{rows}"


def _table(words: Sequence[str], figures: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="underline")
    for name in (*words, *figures):
        table.add_column(name, justify="left" if name in words else "right", no_wrap=True)
    return table


def _log_e(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
