"""From a forecast to a probability, which falls back to the base rate where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from forecasting.calibration.contract import ProbabilityCalibrator
from forecasting.calibration.isotonic import IsotonicCalibrator
from forecasting.calibration.platt import Calibrator
from forecasting.calibration.venn_abers import VennAbersCalibrator

__all__ = [
    "CALIBRATORS",
    "Calibrator",
    "IsotonicCalibrator",
    "ProbabilityCalibrator",
    "VennAbersCalibrator",
    "calibrator_from_document",
]

CALIBRATORS: Mapping[str, type[ProbabilityCalibrator]] = MappingProxyType(
    {each.kind: each for each in (Calibrator, IsotonicCalibrator, VennAbersCalibrator)}
)


def calibrator_from_document(document: Mapping[str, Any]) -> ProbabilityCalibrator:
    """Fitted calibrator from what any kind's `to_document` gave."""
    # The first kind never wrote its name, and bundles are named by their bytes.
    return CALIBRATORS[document.get("kind", Calibrator.kind)].from_document(document)
