"""What replays of forecasts are asked about."""

SECONDS = 30.0
ASKED = {"symbol": "AAA/SIM", "horizon": "1h"}


def fields(replay):
    return [each.field for each in replay.differences]


def assert_identical(replay):
    assert (replay.differences, replay.causes, replay.identical) == ((), (), True)
