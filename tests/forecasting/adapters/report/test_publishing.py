"""The report is in the folder and in MLflow, and comes back from there."""

import json
import re
import shutil
from dataclasses import replace

import pytest

from forecasting.adapters.report.artifacts import LEARNED_FEATURES, TOP_FEATURES, ReportArtifacts
from forecasting.adapters.report.latest import latest_forecasts
from forecasting.adapters.report.publishing import publish_report, restore_report
from forecasting.adapters.report.report_files import ReportFiles
from forecasting.errors import UnknownVersion
from forecasting.explain.summary import Explanation
from tests.forecasting.adapters.report.conftest import SYMBOLS


def kept(reported, path):
    return ReportArtifacts(reported.workspace.registry.tracking_uri).read(reported.version, path.name)


def test_all_three_files_are_in_the_folder_named_after_the_model(reported):
    files, name = reported.files, reported.version.model_id
    assert files.complete
    assert {path.name for path in files.folder.iterdir()} == {
        f"{name}_test.csv", f"{name}_shap_summary.json", f"{name}_dashboard.html",
    }  # fmt: skip


def test_mlflow_keeps_the_same_bytes(reported):
    for path in (reported.files.test, reported.files.shap_summary, reported.files.dashboard):
        assert kept(reported, path) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("tag", "names"),
    [(TOP_FEATURES, Explanation.top_features), (LEARNED_FEATURES, Explanation.learned_features)],
)
def test_the_version_is_tagged_with_the_features_that_move_it_most(reported, tag, names):
    told = reported.version.tags[tag]
    assert told == (",".join(names(reported.explanation)) or "none")
    assert 1 <= len(told.split(",")) <= 5


def test_the_summary_is_the_explanation(reported):
    document = json.loads(reported.files.shap_summary.read_text())
    assert document == json.loads(json.dumps(reported.explanation.to_document()))


def test_files_that_are_gone_come_back_from_mlflow(reported, tmp_path):
    restored = restore_report(reported.workspace, reported.version, tmp_path / "new")
    assert restored.complete
    assert restored.dashboard.read_bytes() == reported.files.dashboard.read_bytes()
    assert restored.test.read_bytes() == reported.files.test.read_bytes()


def test_files_that_are_there_are_left_alone(reported, tmp_path):
    folder = shutil.copytree(reported.files.folder, tmp_path / "copy")
    ReportFiles(folder, reported.version.model_id).dashboard.write_text("mine")
    assert restore_report(reported.workspace, reported.version, folder).dashboard.read_text() == "mine"


def test_a_version_without_a_report_says_how_to_get_one(reported, tmp_path):
    other = replace(reported.version, tags={"model_id": "1h-unknown"})
    with pytest.raises(UnknownVersion, match=r"foretick promote --horizon 1h --version 1$"):
        restore_report(reported.workspace, other, tmp_path)


def test_a_version_that_was_never_explained_gets_its_page_all_the_same(reported, tmp_path):
    other = replace(reported.version, tags={**reported.version.tags, "model_id": "1h-older"})
    files = publish_report(reported.workspace, other, reported.judgement, reported.document, tmp_path)
    assert "was never explained" in files.dashboard.read_text()
    assert not files.shap_summary.exists()


def test_the_latest_forecasts_are_those_of_the_newest_candles(reported):
    found = latest_forecasts(reported.workspace, reported.judgement.bundle.forecaster)
    newest = {span.symbol: span.end_ms for span in reported.workspace.candles.series()}
    assert {each.symbol: each.as_of_ms for each in found} == {symbol: newest[symbol] for symbol in SYMBOLS}
    page = reported.files.dashboard.read_text()
    for each in found:
        assert re.search(
            re.escape(each.symbol) + "</td>.*" + re.escape(f"{100 * each.pred_return:+.4f} %"), page
        )


def test_the_parts_of_a_latest_forecast_add_up_to_it(reported):
    page = reported.files.dashboard.read_text()
    for each in latest_forecasts(reported.workspace, reported.judgement.bundle.forecaster):
        total = each.naive
        for _, part in each.contributions:
            total += part
        assert total == each.pred_return
        assert [name for name, _ in each.contributions] == list(reported.judgement.bundle.manifest.members)
        parts = (f"{100 * part:+.4f} %" for name, part in each.contributions if name != "naive")
        told = (f"{100 * each.naive:+.4f} %", *parts, f"{100 * each.consensus:.0f} %")
        assert all(f"<td>{part}</td>" in page for part in told)
