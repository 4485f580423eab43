"""How MLflow is reached: quietly, with bounded waits, and with its failures told in one line.

Nothing is sent to MLflow's makers, nothing is printed, and no message carries a password.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from forecasting.errors import RegistryUnavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

SQLITE = "sqlite:///"

_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_UV_AUTO_DETECT": "false",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    }
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST = 300

_opening = threading.Lock()


def is_embedded(tracking_uri: str) -> bool:
    """Whether the URI names an SQLite file of this machine instead of a server."""
    return tracking_uri.startswith(SQLITE)


def open_client(tracking_uri: str) -> MlflowClient:
    """Client of a tracking server or of an SQLite file, which is created with its folder.

    Raises
    ------
    RegistryUnavailable
        The file cannot be opened or is no MLflow database.
    """
    with translated_errors("open its database", tracking_uri), quiet():
        from mlflow import MlflowClient

        if not is_embedded(tracking_uri):
            return MlflowClient(tracking_uri, registry_uri=tracking_uri)
        _make_database(Path(tracking_uri.removeprefix(SQLITE)))
        client = MlflowClient(tracking_uri, registry_uri=tracking_uri)
        # Opens the store of the model registry while warnings are still muted.
        client.search_registered_models(max_results=1)
        return client


def _make_database(file: Path) -> None:
    """Make MLflow's database where there is none, whole or not at all.

    Two processes that build its tables in one file, or one that is killed meanwhile, leave a file that MLflow
    refuses for ever. So it is built aside, and the first that is done gives it its name.
    """
    if file.exists():
        return
    from mlflow import MlflowClient

    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".new-") as folder:
        built, whole = Path(folder) / "built.db", Path(folder) / "whole.db"
        uri = f"{SQLITE}{built}"
        MlflowClient(uri, registry_uri=uri).search_registered_models(max_results=1)
        # A copy, because MLflow keeps the file that it built open.
        shutil.copyfile(built, whole)
        with suppress(FileExistsError):
            os.link(whole, file)


def prepare_mlflow() -> None:
    """Import MLflow with what it reads from the environment, unless the user has set it, and mute its log."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # Importing MLflow sets its log level, so ours comes second.
    import mlflow  # noqa: F401

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def quiet() -> Iterator[None]:
    """Mute the warnings that MLflow and SQLAlchemy raise about each other; one thread at a time."""
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def translated_errors(doing: str, tracking_uri: str) -> Iterator[None]:
    """Turn every failure of MLflow, its database, disk or network into one line.

    Raises
    ------
    RegistryUnavailable
        Says what could not be done, where, and why.
    """
    prepare_mlflow()
    from mlflow.exceptions import MlflowException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, RequestException, SQLAlchemyError, OSError) as error:
        where = without_credentials(tracking_uri)
        # The cause may quote the address with its password, so it is not chained.
        raise RegistryUnavailable(
            f"MLflow at {where} cannot {doing}: {_reason(error)}{_remedy(error, tracking_uri)}"
        ) from None


def without_credentials(text: str) -> str:
    """Text without the user and password of any address in it.

    Examples
    --------
    >>> without_credentials("GET http://me:secret@host:5000/x failed")
    'GET http://host:5000/x failed'
    """
    return _CREDENTIALS.sub("", text)


def _reason(error: Exception) -> str:
    text = str(error).strip() or repr(error)
    if "Max retries exceeded" in text:
        return "it does not answer; start it, or check MLFLOW_TRACKING_URI"
    return without_credentials(text.splitlines()[0])[:_LONGEST]


def _remedy(error: Exception, tracking_uri: str) -> str:
    """Say what to do about a file or folder of this machine; of a server the reason says it."""
    from sqlalchemy.exc import OperationalError

    if is_embedded(tracking_uri) and isinstance(error, OSError | OperationalError):
        return "; check the disk and its rights, or name another folder in FORETICK_MLRUNS"
    return ""


def error_code(error: Exception) -> str:
    """MLflow's own code of a failure, `RESOURCE_DOES_NOT_EXIST` for one; empty for other errors."""
    return str(getattr(error, "error_code", ""))
