"""Addresses of the running stack are found while it runs, and only one stack runs in a folder."""

import subprocess
import sys

import pytest

from deployments.local.addresses import Addresses, addresses_file, only_one, published, read_address
from forecasting.errors import ServiceFailed
from forecasting.settings import load_settings

ADDRESSES = Addresses(
    "default", "http://p", "http://p/api", "http://m", "http://a", "http://a/openapi.json", "/logs"
)
HOLD = """
import sys
from pathlib import Path
from deployments.local.addresses import only_one
from forecasting.settings import load_settings
with only_one(load_settings(home=Path(sys.argv[1]))):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path)


def test_published_addresses_are_read_by_name(settings):
    with published(settings, ADDRESSES):
        assert read_address(settings, "prefect_api") == "http://p/api"


def test_after_the_block_nothing_is_published(settings):
    with pytest.raises(KeyboardInterrupt), published(settings, ADDRESSES):
        raise KeyboardInterrupt
    assert list(settings.home.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"{}", b"\xff"])
def test_an_unreadable_file_names_no_address(settings, content):
    if content is not None:
        addresses_file(settings).write_bytes(content)
    assert read_address(settings, "prefect_api") is None


def test_a_second_stack_in_the_same_folder_is_told_where_the_first_is(settings):
    refused = pytest.raises(ServiceFailed, match=r"runs already at http://p: use it, stop it .*FORETICK_HOME")
    with only_one(settings), published(settings, ADDRESSES), refused, only_one(settings):
        pass


def test_a_second_stack_is_refused_while_the_first_still_starts(settings):
    with only_one(settings), pytest.raises(ServiceFailed, match="is just starting"), only_one(settings):
        pass


def test_a_killed_stack_holds_nothing(settings):
    command = [sys.executable, "-c", HOLD, str(settings.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ServiceFailed), only_one(settings):
            pass
        holder.kill()
    with only_one(settings):
        pass
