import pytest

from forecasting.licence.stakes import DAILY, HOURLY, MINUTELY, Stakes, stakes_of
from forecasting.types import DAY_MS, HOUR_MS, MINUTE_MS


@pytest.mark.parametrize(
    ("bar_ms", "stakes"),
    [(MINUTE_MS, MINUTELY), (5 * MINUTE_MS, MINUTELY), (HOUR_MS, HOURLY), (DAY_MS, DAILY)],
)
def test_the_fewer_bars_there_can_be_the_larger_the_stakes(bar_ms: int, stakes: Stakes) -> None:
    assert stakes_of(bar_ms) == stakes
