"""Versions, aliases and decisions in a real MLflow."""

import json
import shutil
from pathlib import Path

import pytest

from forecasting.errors import DamagedBundle, UnknownVersion
from forecasting.forecaster.bundle import read_bundle
from forecasting.leakage.certificate import CheckResult, Leak, LeakCertificate
from tests.forecasting.adapters.registry.registering import MODEL, files_of, held, register


def test_a_bundle_becomes_a_candidate_that_says_what_it_is(registry, bundles):
    version = register(registry, bundles[0])
    bundle = read_bundle(bundles[0].folder)
    assert (version.model_name, version.version, version.status) == (MODEL, "1", "candidate")
    assert (version.digest, version.model_id) == (bundle.digest, bundle.model_id)
    assert version.symbols == ("AAA/SIM", "BBB/SIM")
    assert version.tags["data_fingerprint"] == bundle.manifest.data_fingerprint
    assert version.tags["train_window_days"] == "730"
    assert version.decision == version.reasons == version.description == ""


def test_the_run_shows_parameters_metrics_and_tags(registry, bundles):
    version = register(registry, bundles[0])
    run = registry._client.get_run(version.run_id)
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "training"
    assert run.data.params == {"algorithms": "lgbm", "rows": "800"}
    assert run.data.metrics == {"test_rmse": 0.01, "test_accuracy": 0.51}
    assert run.data.tags["bundle_digest"] == version.digest
    assert [output.model_id in version.location for output in run.outputs.model_outputs] == [True]


def test_more_than_a_hundred_parameters_are_logged(registry, bundles):
    parameters = {f"p{number}": number for number in range(150)}
    version = register(registry, bundles[0], parameters=parameters)
    assert len(registry._client.get_run(version.run_id).data.params) == 150


def test_the_files_lie_under_the_artifact_folder(registry, bundles):
    version = register(registry, bundles[0])
    assert files_of(version).is_relative_to(registry.artifact_root)


def test_the_same_bundle_keeps_its_version(registry, bundles):
    first = register(registry, bundles[0])
    second = register(registry, bundles[0], run_name="again", parameters={"rows": 801})
    assert second == first
    assert held(registry) == (1, 1, 1)


def test_another_bundle_gets_the_next_version(registry, bundles):
    versions = [register(registry, fitted).version for fitted in bundles]
    assert versions == ["1", "2", "3"]
    assert [each.version for each in registry.versions(MODEL)] == ["3", "2", "1"]


def test_the_newest_candidate_is_the_challenger(registry, bundles):
    register(registry, bundles[0])
    newest = register(registry, bundles[1])
    assert newest.aliases == ("challenger",)
    assert registry.version_by_alias(MODEL, "challenger") == newest
    assert [each.aliases for each in registry.versions(MODEL)] == [("challenger",), ()]


def test_registering_an_old_bundle_again_leaves_the_challenger(registry, bundles):
    register(registry, bundles[0])
    newest = register(registry, bundles[1])
    register(registry, bundles[0])
    assert registry.version_by_alias(MODEL, "challenger") == newest


def test_a_damaged_bundle_is_not_registered(registry, bundles, tmp_path):
    broken = shutil.copytree(bundles[0].folder, tmp_path / "broken")
    (broken / "members" / "naive" / "naive.json").write_text("{}")
    with pytest.raises(DamagedBundle):
        registry.register(broken, parameters={}, metrics={}, tags={}, run_name="broken")
    assert registry.versions(MODEL) == ()


def test_an_alias_names_a_version_until_it_is_taken_away(registry, bundles):
    register(registry, bundles[0])
    registry.point_alias(MODEL, "production", "1")
    assert registry.version_by_alias(MODEL, "production") == registry.version(MODEL, 1)
    assert registry.aliases(MODEL) == {"challenger": "1", "production": "1"}
    registry.point_alias(MODEL, "production", None)
    registry.point_alias(MODEL, "production", None)
    assert registry.aliases(MODEL) == {"challenger": "1"}


def test_tags_are_written_and_the_others_stay(registry, bundles):
    version = register(registry, bundles[0])
    registry.tag(version, {"decision": "refused", "decision_reasons": "worse than naive"})
    refused = registry.version(MODEL, 1)
    assert (refused.status, refused.decision, refused.reasons) == ("candidate", "refused", "worse than naive")


def test_a_deleted_version_leaves_its_run_and_no_files(registry, bundles):
    first, second = (register(registry, fitted) for fitted in bundles[:2])
    registry.delete(first)
    assert [each.version for each in registry.versions(MODEL)] == [second.version]
    assert not files_of(first).exists()
    assert registry._client.get_run(first.run_id)


def test_deleting_twice_or_after_a_crash_ends_the_same(registry, bundles):
    version = register(registry, bundles[0])
    shutil.rmtree(files_of(version))
    registry.delete(version)
    assert registry.versions(MODEL) == ()


def test_the_decision_is_kept_beside_the_run_and_shown_on_the_version(registry, bundles, tmp_path):
    version = register(registry, bundles[0])
    registry.log_decision(version, {"promote": False, "rmse": 0.01}, "# Refused\n")
    client = registry._client
    stored = Path(client.download_artifacts(version.run_id, "decision.json", str(tmp_path)))
    assert json.loads(stored.read_text()) == {"promote": False, "rmse": 0.01}
    assert (
        Path(client.download_artifacts(version.run_id, "decision.md", str(tmp_path))).read_text()
        == "# Refused\n"
    )
    assert registry.version(MODEL, 1).description == "# Refused\n"


def certificate(*leaks):
    check = CheckResult("truncation", 100, 10, 1e-9, 0.0, leaks)
    return LeakCertificate("base", ("return_1h",), ("AAA/SIM",), "1h", 3_600_000, 0, 10**9, 7, (check,))


def test_a_version_that_nobody_tried_for_leaks_says_so(registry, bundles):
    assert register(registry, bundles[0]).leak_certificate_passed is None


def test_a_passed_leak_certificate_is_kept_beside_the_version(registry, bundles, tmp_path):
    registered = register(registry, bundles[0])
    version = registry.log_certificate(registered, certificate())
    assert version.leak_certificate_passed is True
    assert (version.digest, version.aliases) == (registered.digest, registered.aliases)
    stored = Path(registry._client.download_artifacts(version.run_id, "leak_certificate.json", str(tmp_path)))
    assert LeakCertificate.from_document(json.loads(stored.read_text())) == certificate()


def test_a_leak_is_named_on_the_version_until_another_certificate_says_otherwise(registry, bundles):
    leak = Leak("truncation", "return_1h", "AAA/SIM", 0, 0.5, None, "it is another without what came later")
    leaking = registry.log_certificate(register(registry, bundles[0]), certificate(leak))
    assert leaking.leak_certificate_passed is False
    assert leaking.tags["leak_certificate"].startswith("return_1h leaks, first at AAA/SIM 1970-01-01")
    assert registry.log_certificate(leaking, certificate()).leak_certificate_passed is True


def test_what_was_scored_for_a_decision_is_shown_on_the_run_again_and_again(registry, bundles):
    version = register(registry, bundles[0])
    for rmse in (0.02, 0.03):
        registry.log_decision(version, {}, "", {"test.uptrend.rmse": rmse})
    shown = registry._client.get_run(version.run_id).data.metrics
    assert shown["test.uptrend.rmse"] == 0.03
    assert shown["test_rmse"] == 0.01


def test_a_decision_with_a_number_that_is_not_finite_is_an_error(registry, bundles):
    version = register(registry, bundles[0])
    with pytest.raises(ValueError, match="not JSON compliant"):
        registry.log_decision(version, {"rmse": float("nan")}, "")


def test_deleting_the_version_in_production_leaves_no_production(registry, bundles):
    register(registry, bundles[0])
    registry.point_alias(MODEL, "production", "1")
    registry._client.delete_model_version(MODEL, "1")
    assert registry.version_by_alias(MODEL, "production") is None


def test_nothing_is_known_of_a_model_that_was_never_registered(registry):
    assert registry.version_by_alias(MODEL, "production") is None
    assert registry.versions(MODEL) == ()
    assert registry.aliases(MODEL) == {}


@pytest.mark.parametrize("number", ["7", 7, "newest"])
def test_an_unknown_version_is_an_error_that_names_the_known(registry, bundles, number):
    for fitted in bundles[:2]:
        register(registry, fitted)
    with pytest.raises(UnknownVersion, match=f"forecast-1h has no version {number}: registered are 2, 1"):
        registry.version(MODEL, number)
