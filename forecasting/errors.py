"""All errors that Foretick raises on purpose.

Each message is one line: what was found, what is needed, what to do.

    ForetickError
    ├── InputError                what the user gave is wrong (exit code 2)
    │   ├── InvalidSettings       settings, horizons file or option
    │   │   └── OtherMeaning      a model answers another question than the horizon of its name asks
    │   ├── InvalidCandles        a candle table breaks its contract
    │   ├── InvalidEvents         an event table breaks its contract
    │   ├── InvalidFeatures       rows of features and labels break their contract
    │   ├── InvalidEvidence       rows or ledger entries that a licence rests on break their contract
    │   ├── UnreadableFile        a file is missing, empty, damaged or of an unknown shape
    │   ├── AmbiguousInput        the data does not prove its meaning; an option must say it
    │   ├── UnknownSymbol
    │   ├── UnknownInterval
    │   ├── UnknownHorizon
    │   ├── UnknownVersion        no such model version is registered
    │   ├── UnknownRow            no such row is in quarantine
    │   ├── UnknownForecast       no such forecast was logged
    │   ├── UnknownRun            no such simulated run was stored
    │   ├── UnknownJob            no such job was asked for here
    │   ├── UnknownDeployment     the orchestrator was never told of what should run
    │   ├── NewMeaning            a change makes another question of a horizon, and nobody said that this is meant
    │   ├── KeyReused             one idempotency key, two different requests
    │   └── NotEnoughHistory      too few candles for what was asked
    └── MachineError              the world failed (exit code 1)
        ├── StoreUnavailable      the document store cannot be reached, read or written
        ├── RegistryUnavailable   MLflow cannot be reached, read or written
        ├── SourceUnavailable     an exchange or network source does not answer
        ├── ServiceFailed         a server of ours did not start or ended by itself
        ├── OrchestratorUnavailable  who runs jobs cannot be reached, or refuses us
        ├── DamagedBundle         a model bundle is incomplete or its digest is wrong
        ├── LoadInterrupted       what loads or fetches a bundle was told to end: nothing is known of the bundle
        ├── PointerMoved          another moved the promotion pointer first
        └── SettingsMoved         another changed the stored settings first
"""

from __future__ import annotations


class ForetickError(Exception):
    """Any failure that Foretick explains in one line."""

    exit_code = 1


class InputError(ForetickError):
    """What the user gave is wrong; the same call fails again until it is changed."""

    exit_code = 2


class InvalidSettings(InputError):
    """A setting, an option or the horizons file has a value that cannot be used."""


class OtherMeaning(InvalidSettings):
    """A model was trained for a horizon of the same name and another meaning; its message is fit for an answer."""


class InvalidCandles(InputError):
    """A candle table breaks its contract (columns, order, grid, prices)."""


class InvalidEvents(InputError):
    """An event table breaks its contract."""


class InvalidFeatures(InputError):
    """Rows of features and labels cannot be trained on: infinite, mostly missing or impossible values."""


class InvalidEvidence(InputError):
    """Rows or ledger entries that a licence rests on break their contract."""


class UnreadableFile(InputError):
    """A file is missing, empty, damaged or of a shape that no importer knows."""


class AmbiguousInput(InputError):
    """The data does not prove its own meaning; the named option has to say it."""


class UnknownSymbol(InputError):
    """No candles are stored for the symbol."""


class UnknownInterval(InputError):
    """The candle interval is not one that Foretick knows."""


class UnknownHorizon(InputError):
    """The horizon is not in the horizons file."""


class UnknownVersion(InputError):
    """The model registry has no such version."""


class UnknownRow(InputError):
    """No row of that id is in quarantine."""


class UnknownForecast(InputError):
    """No forecast of that id was logged."""


class UnknownRun(InputError):
    """No simulated run of that id was stored."""


class UnknownJob(InputError):
    """No job of that id was asked for here."""


class UnknownDeployment(InputError):
    """The orchestrator was never told of what should run."""


class NewMeaning(InputError):
    """A change of settings makes another question of a horizon, and nobody said that this is meant."""


class KeyReused(InputError):
    """An idempotency key came with another request before."""


class NotEnoughHistory(InputError):
    """Too few closed candles for what was asked."""


class MachineError(ForetickError):
    """The world failed: a disk, a network, a server; the same call may succeed later."""


class StoreUnavailable(MachineError):
    """The document store cannot be reached, read or written."""


class RegistryUnavailable(MachineError):
    """The model registry cannot be reached, read or written."""


class SourceUnavailable(MachineError):
    """A market data source does not answer."""


class ServiceFailed(MachineError):
    """A server that Foretick runs did not start or ended by itself."""


class OrchestratorUnavailable(MachineError):
    """Who runs jobs cannot be reached in time, or refuses us; what was asked may have begun all the same."""


class DamagedBundle(MachineError):
    """A model bundle is incomplete or a file does not match its digest."""


class LoadInterrupted(MachineError):
    """A process that loads or fetches a bundle was told to end, which says nothing about the bundle."""


class PointerMoved(MachineError):
    """Another moved the promotion pointer first, or overtook the mover's lease; nothing was changed."""


class SettingsMoved(MachineError):
    """Another changed the stored settings first; nothing was changed."""
