"""The same trees in their own libraries, in onnxruntime and in treelite: their answers, and how fast they come.

python -m benchmarks.peers.inference FOLDER

The folder holds boosted.txt, forest.pickle and rows.npy; answers.npz and paces.json are written beside them.
"""

from __future__ import annotations

import json
import pickle
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from benchmarks.peers.pace import Answer, pace_of

OPSET = 15


def engines(booster: lightgbm.Booster, forest: Any, features: int) -> Iterator[tuple[str, str, Answer]]:
    """Trees, engine, and how it is asked; one thread each."""
    yield "boosted", "LightGBM", lambda X: booster.predict(X, num_threads=1)
    yield "forest", "scikit-learn", forest.predict
    if find_spec("treelite"):
        yield from _treelite(booster, forest)
    if find_spec("onnxmltools") and find_spec("skl2onnx") and find_spec("onnxruntime"):
        for bits in (32, 64):
            yield from _onnx(booster, forest, features, bits)


def _treelite(booster: lightgbm.Booster, forest: Any) -> Iterator[tuple[str, str, Answer]]:
    import treelite  # type: ignore[import-not-found]

    def asking(model: Any) -> Answer:
        return lambda X: np.asarray(treelite.gtil.predict(model, X, nthread=1)).ravel()

    yield "boosted", "treelite", asking(treelite.frontend.from_lightgbm(booster))
    yield "forest", "treelite", asking(treelite.sklearn.import_model(forest))


def _onnx(
    booster: lightgbm.Booster, forest: Any, features: int, bits: int
) -> Iterator[tuple[str, str, Answer]]:
    types: Any = import_module("onnxmltools.convert.common.data_types")
    from onnxmltools import convert_lightgbm  # type: ignore[import-not-found]
    from skl2onnx import to_onnx  # type: ignore[import-not-found]

    kind, tensor = (np.float32, types.FloatTensorType) if bits == 32 else (np.float64, types.DoubleTensorType)
    inputs = [("rows", tensor([None, features]))]
    with warnings.catch_warnings():
        # Converters warn of versions that they have not been tried with: the answers are compared.
        warnings.simplefilter("ignore")
        boosted = convert_lightgbm(booster, initial_types=inputs, target_opset=OPSET)
        grown = to_onnx(forest, np.zeros((1, features), dtype=np.float32))
    yield "boosted", f"onnxruntime, {bits} bits", _session(boosted, kind)
    # scikit-learn compares 32-bit numbers itself, and onnxruntime refuses a forest of others.
    if bits == 32:
        yield "forest", f"onnxruntime, {bits} bits", _session(grown, kind)


def _session(model: Any, kind: Any) -> Answer:
    import onnxruntime  # type: ignore[import-not-found]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return lambda X: np.asarray(session.run(None, {name: X.astype(kind)})[0]).ravel()


def main(folder: Path) -> None:
    """Ask every engine that this environment has."""
    X = np.load(folder / "rows.npy")
    booster = lightgbm.Booster(model_str=(folder / "boosted.txt").read_text())
    forest = pickle.loads((folder / "forest.pickle").read_bytes())  # noqa: S301 - written a moment ago
    answers, paces = {}, {}
    for trees, engine, answer in engines(booster, forest, X.shape[1]):
        answers[f"{trees}/{engine}"] = np.asarray(answer(X), dtype=np.float64)
        paces[f"{trees}/{engine}"] = asdict(pace_of(answer, X))
    np.savez(folder / "answers.npz", **answers)  # type: ignore[arg-type]
    (folder / "paces.json").write_text(json.dumps(paces))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
