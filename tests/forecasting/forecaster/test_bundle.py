from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecasting.documents import canonical_json
from forecasting.errors import DamagedBundle
from forecasting.forecaster.bundle import read_bundle, write_bundle
from forecasting.forecaster.forecaster import Forecaster
from tests.forecasting.forecaster.bundled import LATER, ROWS, contents, rewrite_manifest
from tests.forecasting.rows import hourly_horizon, hourly_spec


def test_forecaster_read_back_forecasts_the_same_bits(fitted: Forecaster, kept: Path) -> None:
    again, first = read_bundle(kept).forecaster.predict(LATER.X), fitted.predict(LATER.X)
    for field in ("pred_return", "p_up", "conf", "member_returns"):
        assert getattr(again, field).tobytes() == getattr(first, field).tobytes()
    assert again.member_names == first.member_names


def test_everything_that_was_learned_is_read_back(fitted: Forecaster, kept: Path) -> None:
    again = read_bundle(kept).forecaster
    assert again.weights_ == fitted.weights_
    assert list(again.weights_) == list(fitted.weights_)
    assert again.shrinkages_ == fitted.shrinkages_
    assert again.scores_ == fitted.scores_
    assert again.train_span_ == fitted.train_span_
    assert again.horizon == fitted.horizon
    assert again.spec == fitted.spec
    np.testing.assert_array_equal(again.feature_ranges_, fitted.feature_ranges_)
    np.testing.assert_array_equal(again.importances_, fitted.importances_)


def test_reading_and_forecasting_need_none_of_the_libraries_that_trained(kept: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from forecasting.forecaster.bundle import read_bundle;"
        "bundle = read_bundle(Path(sys.argv[1]));"
        "bundle.forecaster.predict(bundle.manifest.golden.rows);"
        "print({'lightgbm', 'sklearn', 'pandas', 'statsmodels'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(kept)], check=True, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "set()"


def test_bundle_is_named_by_horizon_and_digest(kept: Path) -> None:
    bundle = read_bundle(kept)
    assert bundle.digest == hashlib.sha256((kept / "manifest.json").read_bytes()).hexdigest()
    assert bundle.model_id == f"1h-{bundle.digest[:12]}"


def test_manifest_tells_the_boundaries(fitted: Forecaster, kept: Path) -> None:
    manifest, split = read_bundle(kept).manifest, fitted.split_
    assert manifest.trained_label_end_ms == ROWS.label_end_ms[split.validation].max()
    assert manifest.test_start_ms == split.test_start_ms
    assert manifest.test_end_ms == ROWS.label_end_ms.max()
    assert manifest.data_fingerprint == ROWS.fingerprint()
    assert manifest.test_fingerprint == ROWS.take(split.test).fingerprint()
    assert manifest.boundaries.purged_rows == split.purged
    assert len(manifest.golden.X) == 8


def test_another_process_writes_the_same_bytes(kept: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from tests.forecasting.forecaster.test_bundle import *;"
        "made = Forecaster(hourly_horizon(), hourly_spec()).fit(ROWS);"
        "write_bundle(made, ROWS, Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "other")], check=True)
    assert contents(tmp_path / "other") == contents(kept)


def test_reading_and_writing_again_gives_the_same_bytes(kept: Path) -> None:
    forecaster = read_bundle(kept).forecaster
    for name, member in forecaster.members_.items():
        for file, content in member.dump().items():
            assert content == (kept / "members" / name / file).read_bytes()


def test_forged_manifest_does_not_meet_the_registered_digest(copied: Path) -> None:
    registered = read_bundle(copied).digest
    rewrite_manifest(copied, random_state=8)
    assert read_bundle(copied).forecaster.random_state == 8
    with pytest.raises(DamagedBundle, match="is needed"):
        read_bundle(copied, registered)


def test_golden_forecasts_must_be_reproduced_to_the_last_bit(copied: Path) -> None:
    golden = json.loads((copied / "manifest.json").read_bytes())["golden"]
    golden["pred_return"][3] = float(np.nextafter(golden["pred_return"][3], 1))
    rewrite_manifest(copied, golden=golden)
    with pytest.raises(DamagedBundle, match=r"golden forecasts are not reproduced \(written with foretick"):
        read_bundle(copied)


def test_golden_probabilities_must_be_reproduced(copied: Path) -> None:
    golden = json.loads((copied / "manifest.json").read_bytes())["golden"]
    golden["p_up"][3] += 1e-9
    rewrite_manifest(copied, golden=golden)
    with pytest.raises(DamagedBundle, match="golden"):
        read_bundle(copied)


def test_bundle_of_another_format_is_refused(copied: Path) -> None:
    rewrite_manifest(copied, format_version=99)
    with pytest.raises(DamagedBundle, match="format 99, 1 is needed"):
        read_bundle(copied)


def test_manifest_that_says_too_little_is_refused(copied: Path) -> None:
    rewrite_manifest(copied, boundaries={"train_rows": 1})
    with pytest.raises(DamagedBundle, match="cannot be understood"):
        read_bundle(copied)


def test_intervals_read_back_go_on_to_the_same_bits(tmp_path: Path) -> None:
    rows = replace(ROWS, volatility=np.full(len(ROWS), 0.01))
    first = Forecaster(hourly_horizon(), hourly_spec(), ()).fit(rows)
    write_bundle(first, rows, tmp_path / "bundle")
    again = read_bundle(tmp_path / "bundle").forecaster
    assert first.intervals_ is not None
    assert again.intervals_ is not None
    for learned in (first.intervals_, again.intervals_):
        learned.learn_label("AAA/SIM", int(LATER.as_of_ms[-1]) * 2, 1.25)
    assert canonical_json(again.intervals_.to_document()) == canonical_json(first.intervals_.to_document())


def test_a_bundle_of_before_there_were_intervals_has_none(kept: Path) -> None:
    assert not (kept / "intervals.json").exists()
    assert read_bundle(kept).forecaster.intervals_ is None


def test_a_bundle_with_other_intervals_than_it_was_written_with_is_refused(tmp_path: Path) -> None:
    rows = replace(ROWS, volatility=np.full(len(ROWS), 0.01))
    write_bundle(Forecaster(hourly_horizon(), hourly_spec(), ()).fit(rows), rows, tmp_path / "bundle")
    file = tmp_path / "bundle" / "intervals.json"
    file.write_bytes(file.read_bytes().replace(b'"window":2000', b'"window":2001'))
    with pytest.raises(DamagedBundle, match=r"intervals\.json differs from its digest"):
        read_bundle(tmp_path / "bundle")


def test_a_bundle_of_before_consensus_was_heeded_is_calibrated_on_distance(
    fitted: Forecaster, copied: Path
) -> None:
    manifest = json.loads((copied / "manifest.json").read_bytes())
    assert manifest.pop("heeds_consensus") is True
    assert manifest.pop("regime_weights")["by_regime"] == {}
    forecasts = fitted.predict(np.array(manifest["golden"]["X"], dtype=np.float64))
    distance = forecasts.pred_return - forecasts.member_returns[:, 0]
    p_up = fitted.rise_calibrator_.probability(distance)
    rises = fitted.sign_calibrator_.probability(distance)
    manifest["golden"]["p_up"] = p_up.tolist()
    manifest["golden"]["conf"] = np.where(forecasts.pred_return > 0, rises, 1 - rises).tolist()
    (copied / "manifest.json").write_text("{}")
    rewrite_manifest(copied, **manifest)
    again = read_bundle(copied).forecaster
    assert not again.heeds_consensus_
    assert again.regime_weights_ is None
    assert (p_up != forecasts.p_up).any()
