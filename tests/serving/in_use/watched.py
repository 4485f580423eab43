"""A watcher of pointers, bundles and a clock that the test controls."""

import threading

from forecasting.errors import DamagedBundle, StoreUnavailable
from forecasting.horizons import load_horizons
from forecasting.meaning import Meaning
from serving.in_use.snapshot import Production, ProductionVersion, ServedModel
from serving.in_use.watcher import LoadPolicy, ProductionWatcher

HOUR, DAY = (load_horizons()[name] for name in ("1h", "1d"))
ONE, TWO, THREE = (ProductionVersion(number, digit * 64) for number, digit in ("1a", "2b", "3c"))
SECONDS = 20.0


class Source:
    """Pointers, bundles and the memory of what was served last, under the test's control."""

    def __init__(self, **named):
        self.named = {"1h": None, "1d": None} | {f"1{name}": version for name, version in named.items()}
        self.previous = None
        self.withdrawn = None
        self.candidate = None
        self.reason = ""
        self.down = False
        self.broken = set()
        self.hanging = {TWO}
        self.failure = DamagedBundle("model.txt does not match its digest")
        self.loaded = []
        self.alerts = []
        self.kept = {}
        self.may_load = threading.Event()
        self.may_load.set()

    def production(self, horizon):
        if self.down:
            raise StoreUnavailable("the store at home does not answer")
        version = self.named[horizon.name]
        return Production(version, 1, "" if version else self.reason, self.previous, self.withdrawn)

    def challenger(self, horizon):
        return self.candidate if horizon.name == "1h" else None

    def alert(self, horizon, refusal, instead):
        if self.down:
            raise StoreUnavailable("the store at home does not answer")
        self.alerts.append((horizon.name, refusal.version.number, instead))

    def load(self, horizon, version, now_ms):
        if version in self.hanging:
            self.may_load.wait(SECONDS)
        self.loaded.append((horizon.name, version.number))
        if version in self.broken:
            raise self.failure
        return model_of(horizon, version, now_ms)

    def last_good(self, horizon, now_ms):
        version = self.kept.get(horizon.name)
        if version in self.broken:
            raise self.failure
        return version and model_of(horizon, version, now_ms)

    def keep_last_good(self, horizon, version):
        self.kept[horizon.name] = version


def model_of(horizon, version, now_ms):
    model_id = f"{horizon.name}-{version.digest[:12]}"
    return ServedModel(
        horizon.name, model_id, horizon.model_name, version, None, None, 0, now_ms, Meaning.of(horizon)
    )


class Clock:
    now_ms = 1_000_000

    def __call__(self):
        return self.now_ms


def watcher_of(source, clock=None, **policy):
    return ProductionWatcher(
        source,
        source,
        (HOUR, DAY),
        policy=LoadPolicy(**policy),
        poll_seconds=0.001,
        clock=clock or Clock(),
    )


def numbers(snapshot):
    return {name: model.version.number for name, model in snapshot.models.items()}
