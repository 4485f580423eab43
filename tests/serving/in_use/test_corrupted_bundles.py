"""A thousand corrupted bundles: each is refused before anything of it is parsed, and the old model serves on."""

import random
import shutil
from pathlib import Path
from urllib.parse import urlparse

import pytest

from forecasting.adapters.promotion import tried
from forecasting.adapters.promotion.fetching_process import fetch_here
from forecasting.adapters.stored_bundle import BUNDLE_PATH
from forecasting.errors import DamagedBundle, RegistryUnavailable
from forecasting.forecaster import bundle as bundle_module
from forecasting.forecaster.bundle_files import read_checked_files
from forecasting.horizons import load_horizons
from serving.in_use import loading
from serving.in_use.bringing import RETRY_REFUSED_MS
from serving.in_use.snapshot import Production, ProductionVersion
from serving.in_use.watcher import ProductionWatcher

HORIZON = load_horizons()["1h"]
BUNDLES, PAGE = 1000, 4096
OF_REGISTRY = 11  # one in so many is also fetched, which takes MLflow long; prime to the number of kinds


def truncate(folder, chance, _):
    path = chance.choice(files_of(folder))
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])


def flip_bits(folder, chance, _):
    path = chance.choice(files_of(folder))
    content = bytearray(path.read_bytes())
    for place in chance.sample(range(len(content)), k=min(len(content), chance.randint(1, 3))):
        content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def zero_a_page(folder, chance, _):
    path = chance.choice(files_of(folder))
    content = bytearray(path.read_bytes())
    start = chance.randrange(0, len(content), PAGE)
    content[start : start + PAGE] = bytes(len(content[start : start + PAGE]))
    path.write_bytes(content)


def swap_two(folder, chance, _):
    one = chance.choice(files_of(folder))
    other = chance.choice([each for each in files_of(folder) if differs(one, each)])
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def take_from_another(folder, chance, another):
    """A whole file of another, healthy bundle: it would parse, and forecast something else."""
    names = [each.relative_to(folder) for each in files_of(folder)]
    shared = [name for name in names if (another / name).exists() and differs(another / name, folder / name)]
    name = chance.choice(shared)
    shutil.copy(another / name, folder / name)


def lose(folder, chance, _):
    chance.choice(files_of(folder)).unlink()


def add(folder, chance, _):
    name = chance.choice(
        ["members/extra/model.txt", "code.py", ".hidden", "intervals.json.bak", "members/lgbm/x"]
    )
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(chance.randbytes(chance.randrange(100)))


def link(folder, chance, another):
    """A folder that nobody named, and that leads out of the bundle."""
    (folder / f"link-{chance.randrange(1000)}").symlink_to(another / "members")


CORRUPTIONS = (truncate, flip_bits, zero_a_page, swap_two, take_from_another, lose, add, link)


def files_of(folder):
    """Files that hold something, which of the members' files not all do."""
    return sorted(each for each in folder.rglob("*") if each.is_file() and each.stat().st_size)


def differs(one, other):
    return one.read_bytes() != other.read_bytes()


def away(_):
    """Find no registry: what is on this machine is all there is."""
    raise RegistryUnavailable("MLflow does not answer")


class Clock:
    now_ms = 0

    def __call__(self):
        return self.now_ms


class Pointing:
    """A pointer under the test's control."""

    def __init__(self):
        self.version = None
        self.alerts = []

    def production(self, _):
        return Production(self.version, 1)

    def alert(self, _, refusal, __):
        self.alerts.append(refusal)


@pytest.fixture
def kept_in_registry(world):
    """Where MLflow keeps the second bundle; what a test does to it is undone."""
    folder = Path(urlparse(world.versions[1].location).path) / BUNDLE_PATH
    assert files_of(folder)
    yield folder
    renew(folder, world.bundles[1])


def renew(folder, whole):
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder)


def test_a_thousand_corrupted_bundles_are_refused_before_they_are_parsed_and_the_old_model_serves(
    source, world, kept_in_registry, installation, monkeypatch
):
    clock, pointing = Clock(), Pointing()
    watcher = ProductionWatcher(pointing, source, [HORIZON], clock=clock)
    first, second = (ProductionVersion(each.version, each.digest) for each in world.versions)
    pointing.version = first
    old = watcher.look().models["1h"]
    pointing.version = second
    copy, chance = installation.settings.bundle_folder / second.digest, random.Random(5)
    parsed, refusals = [], 0
    with monkeypatch.context() as patched:
        patched.setattr(tried, "load_in_sandbox", lambda *_: parsed.append("in the sandbox"))
        for name in ("load_member", "restore"):
            patched.setattr(bundle_module, name, lambda *_, name=name: parsed.append(name))
        for number in range(BUNDLES):
            corrupt, fetched = CORRUPTIONS[number % len(CORRUPTIONS)], number % OF_REGISTRY == 0
            for folder in (copy, kept_in_registry)[: 1 + fetched]:
                renew(folder, world.bundles[1])
                corrupt(folder, chance, world.bundles[0])
            with pytest.raises(DamagedBundle):
                bundle_module.read_bundle(copy, second.digest)
            patched.setattr(loading, "fetch_in_child", fetch_here if fetched else away)
            clock.now_ms += RETRY_REFUSED_MS
            snapshot = watcher.look()
            assert snapshot.models["1h"].forecaster is old.forecaster
            refusals += snapshot.refused["1h"].tried_ms == clock.now_ms
            assert parsed == [], corrupt
    assert (refusals, len(pointing.alerts)) == (BUNDLES, 1)
    renew(kept_in_registry, world.bundles[1])
    clock.now_ms += RETRY_REFUSED_MS
    assert watcher.look().models["1h"].version == second


@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_each_kind_is_seen_by_its_digest_or_its_name(world, tmp_path, corrupt):
    folder = tmp_path / "bundle"
    for seed in range(10):  # other files each time, not the manifest alone
        renew(folder, world.bundles[1])
        corrupt(folder, random.Random(seed), world.bundles[0])
        with pytest.raises(DamagedBundle):
            read_checked_files(folder, world.versions[1].digest)
