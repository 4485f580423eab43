"""LightGBM's text model read into arrays, without LightGBM: one regression or log-odds score, numerical splits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecasting.models.walk import Splits, TreeWalk, joined

_HEADER = {"num_class": "1", "num_tree_per_iteration": "1"}
_TREE = {"num_cat": "0", "is_linear": "0"}
_END = "end of trees"
# Bits of a split's decision type: categorical, missing values go left, then what counts as missing.
_DEFAULT_LEFT, _MISSING, _NONE, _ZERO, _NAN = 2, 2, 0, 1, 2


def read_walk(text: str) -> TreeWalk:
    """Read trees from a text model, as LightGBM itself would.

    Numbers are printed with as many digits as give them back to the last bit. A value that nothing calls missing is
    compared as zero when it is NaN.

    Parameters
    ----------
    text
        What `Booster.model_to_string` gave.

    Raises
    ------
    ValueError
        The text is damaged, or its trees are of a kind that no member grows: several scores, mean of trees, linear
        leaves, categorical splits.
    """
    body, ended, _ = text.partition(f"\n{_END}\n")
    header, *trees = body.split("\nTree=")
    told = _fields(header)
    if not ended or told.get("version") != "v4" or "average_output" in header.splitlines():
        raise ValueError("a whole text model of LightGBM, version v4, that adds its trees up is needed")
    _demand(told, _HEADER)
    if len(trees) != len(told.get("tree_sizes", "").split()):
        raise ValueError(f"{len(trees)} trees were found, the text promises another number: it is damaged")
    return TreeWalk.through(
        joined([_tree(_fields(each)) for each in trees]), int(told["max_feature_idx"]) + 1, single=False
    )


def _fields(lines: str) -> Mapping[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in lines.splitlines())}


def _demand(told: Mapping[str, str], demanded: Mapping[str, str]) -> None:
    for name, value in demanded.items():
        if told.get(name) != value:
            raise ValueError(
                f"trees with {name}={told.get(name, 'nothing')} were given, {name}={value} is needed"
            )


def _tree(told: Mapping[str, str]) -> Splits:
    _demand(told, _TREE)
    leaves = int(told.get("num_leaves", ""))

    def numbers(name: str, kind: Any, count: int = leaves - 1) -> Any:
        found = np.array(told.get(name, "").split(), dtype=kind) if count else np.zeros(0, dtype=kind)
        if len(found) != count:
            raise ValueError(f"{len(found)} numbers of {name} were found, {count} are needed: it is damaged")
        return found

    decision, threshold = numbers("decision_type", np.int64), numbers("threshold", np.float64)
    missing = decision >> _MISSING
    if (decision & 1).any() or not np.isin(missing, (_NONE, _ZERO, _NAN)).all():
        raise ValueError("a split that compares no numbers was given: only numerical ones are read")
    return Splits(
        roots=np.array([0 if leaves > 1 else ~0]),
        feature=numbers("split_feature", np.int64),
        threshold=threshold,
        left=numbers("left_child", np.int64),
        right=numbers("right_child", np.int64),
        # Where nothing is called missing, NaN is compared as zero.
        missing_left=np.where(missing == _NONE, threshold >= 0, decision & _DEFAULT_LEFT).astype(np.bool_),
        zero_missing=missing == _ZERO,
        leaves=numbers("leaf_value", np.float64, leaves),
    )
