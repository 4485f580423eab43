"""Three horizons trained as a user of pandas, LightGBM and scikit-learn does: `... FOLDER OUTPUT`.

Naive, persistence, EWMA, LightGBM and a random forest with Foretick's settings; weights, calibration by scikit-learn,
metrics, SHAP and a page of tables. Ends with one line of JSON: seconds of each step, and what it was made on.
"""

from __future__ import annotations

import json
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import shap
from scipy.stats import spearmanr
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, roc_auc_score

from benchmarks.peers.boosted import PATIENCE, settings
from benchmarks.peers.clock import Clock
from benchmarks.peers.judged import Floats
from benchmarks.peers.training_rows import HORIZONS, in_days, pooled_rows, read_hours, split

NOT_FEATURES = ("as_of", "label_end", "number", "y")
EXPLAINED = 1000


def fit_boosted(train: pd.DataFrame, names: list[str]) -> lightgbm.LGBMRegressor:
    """Find the number of trees on the latest seventh, then fit so many on all."""
    start = train["as_of"].quantile(0.85)
    early, late = train[train["label_end"] < start], train[train["as_of"] >= start]
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    probe = lightgbm.LGBMRegressor(**settings(len(early)))
    probe.fit(early[names], early["y"], eval_X=late[names], eval_y=late["y"], callbacks=[stop])
    trees = max(1, int(probe.best_iteration_ or 1))
    return lightgbm.LGBMRegressor(**settings(len(train)) | {"n_estimators": trees}).fit(
        train[names], train["y"]
    )


def fit_forest(train: pd.DataFrame, names: list[str]) -> RandomForestRegressor:
    """Foretick's forest."""
    forest = RandomForestRegressor(
        n_estimators=150,
        max_depth=6,
        min_samples_leaf=max(20, len(train) // 400),
        max_features=1 / 3,
        max_samples=0.5,
        n_jobs=2,
        random_state=7,
    )
    return forest.fit(train[names].to_numpy(), train["y"].to_numpy())


@dataclass(slots=True)
class Model:
    """Members, their shrinkages and weights, two calibrators and the reach of an interval."""

    names: list[str]
    means: pd.Series
    boosted: lightgbm.LGBMRegressor
    forest: RandomForestRegressor
    bars: int
    weights: dict[str, float] = field(default_factory=dict)
    calibrator: Any = None
    reach: float = 0.0

    def members(self, rows: pd.DataFrame) -> dict[str, Floats]:
        """Each member's forecast."""
        naive = self.means.loc[rows["number"]].to_numpy()
        return {
            "naive": naive,
            "persistence": rows[f"return_{self.bars}"].fillna(0.0).to_numpy(),
            "ewma": (rows["ewma_return"].fillna(0.0) * self.bars).to_numpy(),
            "lgbm": np.asarray(self.boosted.predict(rows[self.names])),
            "rf": self.forest.predict(rows[self.names].to_numpy()),
        }

    def weigh(self, rows: pd.DataFrame) -> None:
        """Shrink each member toward naive, weigh by inverse RMSE, calibrate and find the interval."""
        told, y = self.members(rows), rows["y"].to_numpy()
        naive, kept = told["naive"], {}
        for name, forecast in told.items():
            distance = forecast - naive
            whole = np.sum(distance**2)
            kept[name] = np.clip(np.sum(distance * (y - naive)) / whole, 0, 1) if whole else 0.0
        errors = {
            name: np.sqrt(np.mean((y - naive - kept[name] * (told[name] - naive)) ** 2)) for name in told
        }
        total = sum(1 / error for error in errors.values())
        self.weights = {name: kept[name] / error / total for name, error in errors.items()}
        forecast, excess = self.blend(told)
        self.calibrator = LogisticRegression().fit(excess[:, None] / self.scale(excess), y > 0)
        self.reach = float(np.quantile(np.abs(y - forecast), 0.9))

    @staticmethod
    def scale(excess: Floats) -> float:
        """Spread that distances from naive are counted in."""
        return float(np.std(excess)) or 1.0

    def blend(self, told: dict[str, Floats]) -> tuple[Floats, Floats]:
        """Forecast, and its distance from naive."""
        naive = told["naive"]
        excess: Floats = np.sum(
            [weight * (told[name] - naive) for name, weight in self.weights.items()], axis=0
        )
        return naive + excess, excess


def evaluate(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Metrics of all rows, of each symbol and of each month."""
    told = model.members(rows)
    forecast, excess = model.blend(told)
    p_up = model.calibrator.predict_proba(excess[:, None] / model.scale(excess))[:, 1]
    table = rows[["as_of", "number", "y"]].assign(forecast=forecast, naive=told["naive"], p_up=p_up)
    lines = {"all": metrics(table, model.reach)}
    for column, groups in {"symbol": table["number"], "month": table["as_of"].dt.strftime("%Y-%m")}.items():
        lines |= {f"{column} {name}": metrics(group, model.reach) for name, group in table.groupby(groups)}
    return pd.DataFrame(lines).T


def metrics(table: pd.DataFrame, reach: float) -> dict[str, float]:
    """Scores of one group of rows."""
    y, forecast, p_up = (table[name].to_numpy() for name in ("y", "forecast", "p_up"))
    both = 0 < np.sum(y > 0) < len(y)
    return {
        "rows": len(y),
        "rmse": float(np.sqrt(np.mean((y - forecast) ** 2))),
        "mae": mean_absolute_error(y, forecast),
        "r2": float(1 - np.sum((y - forecast) ** 2) / np.sum((y - table["naive"]) ** 2)),
        "right": float(np.mean(np.sign(y) == np.sign(forecast))),
        "rank_ic": float(spearmanr(y, forecast).statistic) if np.ptp(forecast) > 0 else 0.0,
        "brier": brier_score_loss(y > 0, p_up) if both else np.nan,
        "log_loss": log_loss(y > 0, p_up) if both else np.nan,
        "auc": roc_auc_score(y > 0, p_up) if both else np.nan,
        "held": float(np.mean(np.abs(y - forecast) <= reach)),
    }


def explain(model: Model, rows: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute SHAP values of a sample, of both tree models."""
    sample = rows[model.names].sample(min(EXPLAINED, len(rows)), random_state=7)
    found = {
        name: np.abs(shap.TreeExplainer(fitted).shap_values(sample.to_numpy())).mean(axis=0)
        for name, fitted in {"lgbm": model.boosted, "rf": model.forest}.items()
    }
    return pd.DataFrame(found, index=model.names).sort_values("lgbm", ascending=False)


def train(
    name: str, closes: dict[str, pd.Series], newest: pd.Timestamp, output: Path, clock: Clock
) -> dict[str, Any]:
    """One horizon from closes to the report; what it was made on."""
    bars, periods, days, _ = HORIZONS[name]
    rows = clock.time("rows", lambda: pooled_rows(closes, bars, periods, newest - pd.Timedelta(days=days)))
    names = [str(column) for column in rows if column not in NOT_FEATURES]
    fitted, validation, test = split(rows)
    model = Model(
        names,
        fitted.groupby("number")["y"].mean(),
        clock.time("lgbm", lambda: fit_boosted(fitted, names)),
        clock.time("rf", lambda: fit_forest(fitted, names)),
        bars,
    )
    clock.time("weights and calibration", lambda: model.weigh(validation))
    scores = clock.time("judging", lambda: evaluate(model, test))
    effects = clock.time("explanation", lambda: explain(model, validation))
    page = (
        f"<h1>{name}</h1>{scores.to_html()}{effects.to_html()}{pd.Series(model.weights).to_frame().to_html()}"
    )
    clock.time("report", lambda: (output / f"{name}.html").write_text(page))
    return {
        "rows": len(rows),
        "columns": len(names),
        "trees": int(model.boosted.n_estimators),
        "means": [None if np.isnan(mean) else float(mean) for mean in rows[names].mean()],
        "y": float(rows["y"].mean()),
        "parts": [len(fitted), len(validation), len(test)],
    }


def main(folder: Path, output: Path) -> None:
    """Train all horizons and tell how long each step took."""
    warnings.filterwarnings("ignore")
    clock = Clock()
    hours = clock.time("rows", lambda: read_hours(folder))
    days = clock.time("rows", lambda: {name: in_days(close) for name, close in hours.items()})
    newest = max(close.index[-1] for close in hours.values())
    made = {
        name: train(name, days if of_days else hours, newest, output, clock)
        for name, (_, _, _, of_days) in HORIZONS.items()
    }
    print(json.dumps({"wall": clock.wall, "processor": clock.processor, "made": made}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
