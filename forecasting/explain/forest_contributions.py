"""SHAP values of a random forest that is kept as arrays, by shap's TreeExplainer."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from forecasting.features.compilation import compiled
from forecasting.models.forest import LEAF, Forest, single
from forecasting.types import FloatArray, IntArray


def forest_contributions(forest: Forest, X: FloatArray, background: FloatArray) -> tuple[float, FloatArray]:
    """Compute base value and contributions, shape (n, k), of the mean of the trees.

    Parameters
    ----------
    forest
        The trees.
    X
        Shape (n, k): rows to explain.
    background
        Shape (m, k): rows that say how often each branch is taken; enough that every leaf has some.
    """
    counts = count_passing(forest, background)
    last = [*forest.roots[1:].tolist(), len(forest.feature)]
    trees = [
        _tree(forest, counts, first, stop, len(forest.roots))
        for first, stop in zip(forest.roots.tolist(), last, strict=True)
    ]
    explainer = shap_package().TreeExplainer(
        {
            "trees": trees,
            "internal_dtype": np.float64,
            "input_dtype": np.float32,
            "objective": "squared_error",
            "tree_output": "raw_value",
        },
        feature_perturbation="tree_path_dependent",
    )
    # The trees compare 32-bit features; shap compares what it is given.
    values = np.asarray(explainer.shap_values(single(X), check_additivity=False), dtype=np.float64)
    return float(np.ravel(explainer.expected_value)[0]), values


def shap_package() -> Any:
    """Import shap without what its colour maps make matplotlib warn of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    return shap


def _tree(forest: Forest, counts: FloatArray, first: int, stop: int, trees: int) -> dict[str, Any]:
    """One tree as shap reads it; its answers are divided by the number of trees, for shap adds them up."""
    nodes = slice(first, stop)
    left, right = (_own(children[nodes], first) for children in (forest.left, forest.right))
    return {
        "children_left": left,
        "children_right": right,
        "children_default": np.where(forest.missing_left[nodes] == 1, left, right),
        "features": forest.feature[nodes],
        "thresholds": forest.threshold[nodes],
        "values": forest.value[nodes][:, None] / trees,
        "node_sample_weight": counts[nodes],
    }


def _own(children: IntArray, first: int) -> IntArray:
    return np.where(children == LEAF, LEAF, children - first)


def count_passing(forest: Forest, rows: FloatArray) -> FloatArray:
    """How many rows pass each node, shape (nodes,); a leaf that none reaches counts a millionth of a row."""
    passing = forest.rows_in_leaves(rows)
    # A branch of weight zero would be divided by.
    passing[forest.feature == LEAF] = np.maximum(passing[forest.feature == LEAF], 1e-6)
    _add_up(forest.feature, forest.left, forest.right, passing)
    return passing


@compiled
def _add_up(feature: IntArray, left: IntArray, right: IntArray, passing: FloatArray) -> None:
    # scikit-learn numbers children after their parents.
    for node in range(len(feature) - 1, -1, -1):
        if feature[node] >= 0:
            passing[node] = passing[left[node]] + passing[right[node]]
