"""The MLflow model of a bundle, registered as code: no pickle is written or read.

MLflow copies this file into the model and runs it when the model is loaded, so it needs Foretick installed
beside MLflow. Forecasts are those of the bundle's forecaster, which is what the API serves, to the last bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from forecasting.forecaster.bundle import read_bundle


class ForecastModel(PythonModel):
    """Forecasts from feature rows by column name; NaN means missing."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the bundle, checked against the digest that was registered."""
        folder = Path(context.artifacts["bundle"])
        self._forecaster = read_bundle(folder, context.model_config["bundle_digest"]).forecaster

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 (MLflow's signature)
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Forecast each row: `pred_return` (a fraction), `p_up` and `conf` (probabilities)."""
        names = list(self._forecaster.spec.names)
        missing = [name for name in names if name not in model_input.columns]
        unknown = [str(name) for name in model_input.columns if name not in names]
        if missing or unknown:
            raise ValueError(
                f"features do not match: {', '.join(missing) or 'none'} missing, "
                f"{', '.join(unknown) or 'none'} unknown"
            )
        forecasts = self._forecaster.predict(model_input[names].to_numpy(dtype="float64"))
        columns = {"pred_return": forecasts.pred_return, "p_up": forecasts.p_up, "conf": forecasts.conf}
        return pd.DataFrame(columns, index=model_input.index)


set_model(ForecastModel())
