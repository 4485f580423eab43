"""A file of news to read."""

import pytest


@pytest.fixture
def write(tmp_path):
    def to(content, name="news.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to
