"""Alerts over HTTP."""

from forecasting.adapters.store.alerts import Alert, AlertBook
from forecasting.types import utc_iso


def test_alerts_are_listed_newest_first_by_kind_and_page(reading, told):
    for number, kind in enumerate(("revision", "demoted", "revision")):
        AlertBook(reading.store).keep(Alert(f"id-{number}", kind, number, {"rows": number}))
    answer = told("/api/alerts", limit=2)
    assert [each["alert_id"] for each in answer["alerts"]] == ["id-2", "id-1"]
    assert answer["alerts"][0] == {
        "alert_id": "id-2", "kind": "revision", "raised_at": utc_iso(2), "facts": {"rows": 2},
    }  # fmt: skip
    assert [each["alert_id"] for each in told("/api/alerts", before=answer["next_before"])["alerts"]] == [
        "id-0"
    ]
    assert [each["alert_id"] for each in told("/api/alerts", kind="demoted")["alerts"]] == ["id-1"]
    assert told("/api/alerts", kind="\0") == {"alerts": [], "next_before": None}
