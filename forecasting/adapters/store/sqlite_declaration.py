"""Tables, indexes and triggers of the embedded engine, made from the declarations where they are absent."""

from __future__ import annotations

from collections.abc import Iterator

from forecasting.adapters.store.port import ID, Collection


def declaration(kind: Collection) -> Iterator[str]:
    """Statements that make a collection; one that is there already is left as it is."""
    blobs = "".join(f", {name} BLOB" for name in kind.blobs)
    yield f"CREATE TABLE IF NOT EXISTS {kind.name} (id TEXT PRIMARY KEY, body TEXT NOT NULL{blobs})"
    for unique, indexes in (("", kind.indexes), ("UNIQUE", kind.unique)):
        for number, fields in enumerate(indexes):
            listed = ", ".join(map(field_of, fields))
            index = f"{kind.name}_{unique.lower()}{number}"
            yield f"CREATE {unique} INDEX IF NOT EXISTS {index} ON {kind.name} ({listed})"
    if kind.append_only:
        there = f"EXISTS (SELECT 1 FROM {kind.name} WHERE id = NEW.id)"  # noqa: S608 - declared names
        yield _trigger(kind, "INSERT", "no_replace", there, "IGNORE")
        for event in ("UPDATE", "DELETE"):
            yield _trigger(kind, event, f"no_{event.lower()}", "1", f"ABORT, '{kind.name} is append-only'")
    for number, pair in enumerate(kind.ordered):
        lesser, greater = (field_of(each, "NEW.") if isinstance(each, str) else str(each) for each in pair)
        broken = f"({lesser} <= {greater}) IS NOT TRUE"
        for event in ("INSERT", "UPDATE"):
            name, end = f"order{number}_{event.lower()}", f"ABORT, '{kind.name}: {pair[0]} exceeds {pair[1]}'"
            yield _trigger(kind, event, name, broken, end)


def field_of(name: str, row: str = "") -> str:
    """Expression of a field of a document."""
    return f"{row}id" if name == ID else f"json_extract({row}body, '$.{name}')"


def _trigger(kind: Collection, event: str, name: str, condition: str, end: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {kind.name}_{name} BEFORE {event} ON {kind.name} WHEN {condition} "
        f"BEGIN SELECT RAISE({end}); END"
    )
