"""Pages of the newest, on every engine: walked to the end they are the whole list, and no moment is parted."""

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecasting.adapters.store.alerts import Alert, AlertBook
from forecasting.adapters.store.collections import ALERTS
from forecasting.adapters.store.newest import Asked, newest_page


def walked(read):
    """Every page from the newest to the oldest."""
    pages, before_ms = [], None
    while True:
        page = read(before_ms)
        pages.append(page)
        before_ms = page.next_before_ms
        if before_ms is None:
            return pages


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12), limit=st.integers(1, 4))
def test_pages_are_the_list_and_part_no_moment(shared_store, moments, limit):
    for each in list(shared_store.find(ALERTS)):
        shared_store.delete(ALERTS, each["_id"])
    for number, (moment_ms, wanted) in enumerate(moments):
        AlertBook(shared_store).keep(Alert(f"{number:02d}", "a kind", moment_ms, {"wanted": wanted}))
    asked = Asked(ALERTS, "raised_ms", keep=lambda document: document["facts"]["wanted"])
    pages = walked(lambda before_ms: newest_page(shared_store, asked, before_ms, limit))
    found = [each["raised_ms"] for page in pages for each in page.documents]
    assert found == sorted((moment_ms for moment_ms, wanted in moments if wanted), reverse=True)
    ids = [each["_id"] for page in pages for each in page.documents]
    assert len(ids) == len(set(ids))
    for page, later in itertools.pairwise(pages):
        assert len(page.documents) >= limit
        assert page.documents[-1]["raised_ms"] > later.documents[0]["raised_ms"]
