"""One judged version of a made-up market, and its report, shared by all tests of a run: nothing here changes it."""

from types import SimpleNamespace

import pytest

from forecasting.adapters.decision_document import decision_document
from forecasting.adapters.judging import judge
from forecasting.adapters.report.facts import ReportFacts
from forecasting.adapters.report.publishing import publish_explanation, publish_report
from forecasting.adapters.simulator import simulate_market
from forecasting.adapters.training_data import load_training_data
from forecasting.adapters.workspace import open_workspace
from forecasting.explain.summary import explain
from forecasting.features.specification import feature_spec
from forecasting.forecaster.bundle import write_bundle
from forecasting.forecaster.forecaster import Forecaster
from forecasting.gate import decide
from forecasting.planning import plan_symbols
from forecasting.search import NO_SEARCH
from forecasting.settings import load_settings
from tests.forecasting.rows import hourly_horizon

HORIZON = hourly_horizon()
SYMBOLS = ("AAA/SIM", "BBB/SIM")
DECIDED_MS = 1_700_000_000_000


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """A registered, explained, judged and reported version, with the workspace it lives in."""
    folder = tmp_path_factory.mktemp("reported")
    settings = load_settings(
        home=folder / "home", mlruns=folder / "mlruns", mongo_uri="", mlflow_tracking_uri=""
    )
    with open_workspace(settings) as workspace:
        for candles in simulate_market(3, hours=1_400, symbols=SYMBOLS).candles.values():
            workspace.candles.write(candles)
        plan = plan_symbols(workspace.candles.series(), HORIZON, SYMBOLS)
        rows = load_training_data(workspace, HORIZON, feature_spec(HORIZON, plan.symbols), plan).rows
        fitted = Forecaster(HORIZON, feature_spec(HORIZON, plan.symbols), ("lgbm", "rf"), 7).fit(rows)
        write_bundle(fitted, rows, folder / "bundle")
        version = workspace.registry.register(
            folder / "bundle", parameters={}, metrics={}, tags={}, run_name="a test"
        )
        explanation = explain(fitted, rows, version.model_id)
        version = publish_explanation(workspace, version, explanation, settings.report_folder)
        judgement = judge(workspace, version, 5.0, policy="classic")
        document = decision_document(version, judgement, decide(judgement.evidence), DECIDED_MS)
        files = publish_report(workspace, version, judgement, document, settings.report_folder)
        yield SimpleNamespace(
            workspace=workspace,
            version=version,
            explanation=explanation,
            judgement=judgement,
            document=document,
            files=files,
        )


@pytest.fixture(scope="session")
def facts(reported):
    """What its page is made of, but for the newest forecasts."""
    return ReportFacts(
        document=reported.document,
        judged=reported.judgement.judged,
        manifest=reported.judgement.bundle.manifest,
        explanation=reported.explanation.to_document(),
        search=NO_SEARCH,
        leaks="passed",
        latest=(),
    )


@pytest.fixture(scope="module")
def page(reported):
    return reported.files.dashboard.read_text(encoding="utf-8")
