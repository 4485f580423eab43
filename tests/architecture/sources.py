"""The project's own modules, as texts and as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

from forecasting.settings import PROJECT

ROOMS = ("forecasting", "tasks", "flows", "serving", "deployments", "commands")
TEXTS = {
    path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8")
    for room in ROOMS
    for path in sorted((PROJECT / room).rglob("*.py"))
}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def dotted(name: str) -> str:
    """The name by which a file is imported."""
    parts = Path(name).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions() -> Iterator[tuple[str, Function]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield name, node


def raised() -> Iterator[tuple[str, ast.expr]]:
    """What each `raise` makes, by module."""
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                yield name, node.exc


def runs_at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything that is run when a module is imported: all but the bodies of functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        children = ast.iter_child_nodes(node)
        waiting += [each for each in children if not isinstance(each, Function | ast.Lambda)]


def is_call(node: ast.AST, function: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
