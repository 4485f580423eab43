"""What the flows leave of a version's report, and that nothing is lost when it cannot be written."""

import pytest

from flows.promote_candidates import promote_candidates
from flows.train_horizon import train_horizon
from forecasting.adapters.report import publishing
from forecasting.adapters.report.artifacts import TOP_FEATURES
from forecasting.adapters.report.report_files import ReportFiles
from forecasting.adapters.workspace import open_workspace
from forecasting.candles import Candles
from tasks import reporting_models
from tests.flows.conftest import hourly_market


@pytest.fixture
def stored(settings):
    """An installation with the candles of two symbols and no model."""
    with open_workspace(settings) as workspace:
        for symbol, table in list(hourly_market(0.4).items())[:2]:
            columns = [
                table[name].to_numpy() for name in ("timestamp", "open", "high", "low", "close", "volume")
            ]
            workspace.candles.write(Candles(symbol, "1h", *columns))
    return settings


def test_training_explains_and_judging_reports(stored):
    version = train_horizon("1h", algorithm="lgbm")
    files = ReportFiles(stored.report_folder, version.model_id)
    assert version.tags[TOP_FEATURES].startswith("return_1h")
    assert files.shap_summary.is_file()
    assert not files.dashboard.exists()
    (document,) = promote_candidates(["1h"])
    assert files.complete
    assert document["report"] == str(files.dashboard)
    assert f'class="verdict {document["outcome"]}"' in files.dashboard.read_text()


def test_a_report_that_fails_loses_neither_model_nor_decision(stored, monkeypatch, caplog):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reporting_models, "explain", full)
    version = train_horizon("1h", algorithm="lgbm")
    monkeypatch.setattr(publishing, "dashboard", full)
    (document,) = promote_candidates(["1h"])
    assert document["report"] is None
    with open_workspace(stored) as workspace:
        kept = workspace.registry.version(version.model_name, version.version)
    assert (kept.status, kept.decision) == {
        "promote": ("production", "promoted"), "refuse": ("candidate", "refused"),
    }[document["outcome"]]  # fmt: skip
    told = [record.getMessage() for record in caplog.records if "No space left" in record.getMessage()]
    assert len(told) == 2
    assert told[0].startswith("forecast-1h version 1 is registered, but could not be explained: ")
    assert told[1].startswith("forecast-1h version 1 is decided, but its report could not be written: ")
    assert not any("\n" in each for each in told)
