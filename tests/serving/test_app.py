import json
import subprocess
import sys

import pytest

from forecasting.settings import load_settings
from serving.app import create_app
from serving.schemas.forecasts import ForecastAnswer
from serving.schemas.health import Ready


@pytest.fixture(scope="session")
def document():
    return create_app(load_settings(mlflow_tracking_uri="sqlite:////nowhere/mlflow.db")).openapi()


def test_every_problem_in_the_document_has_the_one_shape_and_media_type(document):
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    (media,) = response["content"]
                    assert media == "application/problem+json"
                    assert response["content"][media]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_document_names_the_problems_of_a_forecast(document):
    assert set(document["paths"]["/api/forecast"]["post"]["responses"]) == {
        "200", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "500", "503",
    }  # fmt: skip


def test_the_document_has_no_trace_of_the_frameworks_own_error_shape(document):
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_example_of_readiness_is_one(document):
    for example in document["components"]["schemas"]["Ready"]["examples"]:
        assert Ready.model_validate(example).model_dump() == example


def test_every_field_of_an_answer_is_described(document):
    assert all(
        "description" in field
        for field in document["components"]["schemas"]["ForecastAnswer"]["properties"].values()
    )


def test_the_examples_of_the_document_are_answers(document):
    for example in document["components"]["schemas"]["ForecastAnswer"]["examples"]:
        assert ForecastAnswer.model_validate(example).model_dump(mode="json") == example


def test_the_api_document_is_served(serve):
    assert serve().get("/openapi.json").json()["info"]["title"] == "Foretick"


def test_what_training_and_operation_need_is_not_imported_with_the_api():
    code = (
        "import sys, serving.app; "
        "print([name for name in ('mlflow', 'prefect', 'tasks', 'flows', 'sklearn', 'great_expectations', "
        "'ccxt', 'shap', 'pymongo') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pages_on_what_was_validated_are_shown_and_nothing_beside_them(world, client_of, tmp_path):
    settings = load_settings(home=tmp_path, mongo_uri="")
    with client_of(create_app(settings)) as client:
        for index in ("/data-docs", "/data-docs/", "/data-docs/index.html"):
            answer = client.get(index)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "foretick validate" in answer.text
        gone = client.get("/data-docs/2027-01-15T08-00-00Z/features-of-1h.html")
        assert (gone.status_code, gone.headers["content-type"]) == (404, "application/problem+json")
        assert "/data-docs/ lists them" in gone.json()["detail"]
        (settings.data_docs_folder / "index.html").write_text("<title>Validations</title>")
        (tmp_path / "secret.html").write_text("a secret")
        assert client.get("/data-docs/").text == "<title>Validations</title>"
        for way in ("/data-docs/../../secret.html", "/data-docs/%2e%2e/%2e%2e/secret.html"):
            assert "secret" not in client.get(way).text
