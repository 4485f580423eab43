"""Examples of a forecast, of a model and of naive, as the OpenAPI document shows them."""

from __future__ import annotations

from pydantic.config import JsonDict

ML_EXAMPLE: JsonDict = {
    "symbol": "BTC/USDT",
    "horizon": "1h",
    "timestamp": "2025-09-19T22:00:30Z",
    "pred_return": 0.00042,
    "conf": 0.531,
    "p_up": 0.531,
    "threshold": 0.0,
    "alias": "production",
    "source": "production",
    "model_id": "1h-3f1c0a9b7d2e",
    "model_type": "ml",
    "model_name": "forecast-1h",
    "model_version": "3",
    "evidence": "unproven",
    "as_of": "2025-09-19T22:00:00Z",
    "data_age_minutes": 0.5,
    "stale": False,
    "trained_until": "2025-08-30T12:00:00Z",
    "in_sample": False,
    "fallback_reason": None,
    "regime": {"label": "uptrend", "score": 0.31, "window_bars": 30},
    "interval_80": [-0.0061, 0.0069],
    "interval_90": [-0.0089, 0.0097],
    "members": [
        {"name": "naive", "pred_return": 0.0001, "weight": 0.3, "contribution": 0.0},
        {"name": "ewma", "pred_return": -0.0019, "weight": 0.3, "contribution": -0.00006},
        {"name": "lgbm", "pred_return": 0.0024, "weight": 0.4, "contribution": 0.00038},
    ],
    "consensus": 0.7273,
    "forecast_id": "01K5HVYD7G3M8Q2T6W9XACEF14",
    "cached": False,
    "checked_at": "2025-09-19T22:00:29Z",
}
NAIVE_EXAMPLE: JsonDict = ML_EXAMPLE | {
    "source": "naive",
    "model_id": "naive-1h",
    "model_type": "naive",
    "model_name": "naive",
    "model_version": None,
    "evidence": None,
    "trained_until": None,
    "fallback_reason": "no production model for 1h",
    "members": [{"name": "naive", "pred_return": 0.00042, "weight": 1.0, "contribution": 0.0}],
    "consensus": 0.0,
}
