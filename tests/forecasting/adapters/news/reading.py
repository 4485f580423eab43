"""Files of news, written and read."""

from forecasting.adapters.news.files import EventReading, read_events_file
from forecasting.types import parse_utc

NOW_MS = parse_utc("2023-01-01")
HEADER = "date;sentiment;source;subject;text;title;url"
ROWS = (
    "5-7-2022 04:24;{'class': 'neutral', 'a': 0.0};Wire;bitcoin;Up, up, and away.;Bitcoin, Ether rise;https://w.org/1",
    "15-6-2022 23:11;{'class': 'neutral', 'a': 0.1};Desk;nft;A story, told;Chain of AI art sold;https://d.org/2",
)


def lines(*rows):
    return "\n".join(rows) + "\n"


def read(path, **options):
    return read_events_file(path, EventReading(**options), NOW_MS)
