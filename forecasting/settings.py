"""The settings of one process: where things are stored, which ports, which costs. Read from the environment.

Built once, at the top of a flow, in the app factory or in the command line, and handed down as values; never
at import. Secrets (the MongoDB address) come from the environment only and are never printed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from forecasting.errors import InvalidSettings
from forecasting.gate.evidence import Policy

PROJECT = Path(__file__).resolve().parents[1]
DATA_DOCS_PATH = "/data-docs"

Port = Annotated[int, Field(ge=1, le=65_535)]
Origin = Annotated[str, Field(pattern=r"^https?://[a-z0-9.\-\[\]:]+$")]


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Attributes
    ----------
    workspace
        Name of a separate set of candles, models and decisions; `FORETICK_WORKSPACE`.
    home
        Folder of the embedded store, logs and Prefect's database; `FORETICK_HOME`.
    mlruns
        Folder of the embedded MLflow stores, one for each workspace; `FORETICK_MLRUNS`.
    reports
        Folder of the reports on models: `reports/` of the project, or of `home` where that was moved;
        `FORETICK_REPORTS`.
    mongo_uri
        MongoDB instead of the embedded SQLite store; `MONGO_URI`.
    source_mongo_uri
        MongoDB server of collections that candles are read from, `mongo_uri` by default;
        `FORETICK_SOURCE_MONGO_URI`.
    mlflow_tracking_uri
        An MLflow server instead of the embedded one under `mlruns/`; `MLFLOW_TRACKING_URI`.
    horizons_file
        A horizons file instead of the defaults; `FORETICK_HORIZONS`.
    seed
        Seed of every random choice in training; `FORETICK_SEED`.
    cost_bps
        Fee and slippage of a trade, in basis points of the traded amount; `FORETICK_COST_BPS`.
    gate_policy
        `strict` asks a candidate's recipe for its licence, `classic` promotes on one backtest and marks what it promotes as
        unproven; `FORETICK_GATE_POLICY`.
    keep_versions
        How many of the newest versions of each model stay when old ones are deleted; `FORETICK_KEEP_VERSIONS`.
    load_models
        `eager`: the API loads all models at its start; `lazy`: each at the first question about its horizon;
        `FORETICK_LOAD_MODELS`.
    load_challengers
        Whether the API loads the newest candidate of each horizon too, which answers only who names it;
        `FORETICK_LOAD_CHALLENGERS`.
    api_key
        A key of scope admin for the API, beside those that `foretick keys` makes; `FORETICK_API_KEY`.
    allowed_hosts
        Names that requests may call the API by, besides those of loopback, with commas; `FORETICK_ALLOWED_HOSTS`.
    cors_origins
        Origins whose pages may use the API, as in `https://pages.example`, with commas; none by default;
        `FORETICK_CORS_ORIGINS`.
    rate_limit
        Requests that one caller of the API may send in a second; where it is not set, 200 of each key, and without keys any
        number; `FORETICK_RATE_LIMIT`.
    prefect_api_url
        The Prefect server that runs jobs, that of `foretick up` by default; `PREFECT_API_URL`.
    prefect_api_key, prefect_api_auth_string
        What it asks for, if anything: a bearer key, or name:password; `PREFECT_API_KEY`, `PREFECT_API_AUTH_STRING`.
    prefect_port, mlflow_port, api_port
        Loopback ports of `foretick up`; `FORETICK_PREFECT_PORT` and so on.
    """

    model_config = SettingsConfigDict(
        env_prefix="FORETICK_", env_ignore_empty=True, frozen=True, populate_by_name=True, extra="ignore"
    )

    workspace: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9\-]{0,40}$")] = "default"
    home: Path = PROJECT / ".foretick"
    mlruns: Path = PROJECT / "mlruns"
    reports: Path | None = None
    mongo_uri: Annotated[SecretStr | None, Field(validation_alias="MONGO_URI")] = None
    source_mongo_uri: SecretStr | None = None
    # An address may carry a password.
    mlflow_tracking_uri: Annotated[str | None, Field(validation_alias="MLFLOW_TRACKING_URI", repr=False)] = (
        None
    )
    horizons_file: Annotated[Path | None, Field(validation_alias="FORETICK_HORIZONS")] = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 7
    cost_bps: Annotated[float, Field(ge=0, le=1000)] = 5.0
    gate_policy: Policy = "strict"
    keep_versions: Annotated[int, Field(ge=1)] = 20
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    cors_origins: Annotated[tuple[Origin, ...], NoDecode] = ()
    rate_limit: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    load_models: Literal["eager", "lazy"] = "eager"
    load_challengers: bool = True
    api_key: Annotated[SecretStr | None, Field(min_length=20, max_length=512)] = None
    prefect_api_url: Annotated[str | None, Field(validation_alias="PREFECT_API_URL", repr=False)] = None
    prefect_api_key: Annotated[SecretStr | None, Field(validation_alias="PREFECT_API_KEY")] = None
    prefect_api_auth_string: Annotated[
        SecretStr | None, Field(validation_alias="PREFECT_API_AUTH_STRING")
    ] = None
    prefect_port: Port = 4200
    mlflow_port: Port = 5000
    api_port: Port = 8000

    @field_validator("allowed_hosts", "cors_origins", mode="before")
    @classmethod
    def _with_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(each.strip().lower() for each in value.split(",") if each.strip())

    @field_validator("home", "mlruns", "reports")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.absolute()

    @field_validator(
        "mongo_uri", "source_mongo_uri", "mlflow_tracking_uri", "horizons_file", "reports", mode="before"
    )
    @classmethod
    def _empty_means_unset(cls, value: object) -> object:
        return None if value == "" else value

    @property
    def workspace_folder(self) -> Path:
        """Folder of this workspace's embedded store and logs."""
        return self.home / "workspaces" / self.workspace

    @property
    def store_path(self) -> Path:
        """File of the embedded document store."""
        return self.workspace_folder / "store.db"

    @property
    def database(self) -> str:
        """Name of the MongoDB database of this workspace."""
        return f"foretick-{self.workspace}"

    @property
    def api_key_file(self) -> Path:
        """File where a server keeps the digests of the API keys that it knew last."""
        return self.workspace_folder / "api-keys.json"

    @property
    def bundle_folder(self) -> Path:
        """Folder of the bundles fetched from the registry, each under its digest."""
        return self.workspace_folder / "bundles"

    @property
    def last_good_folder(self) -> Path:
        """Folder where a server keeps what it served last, to begin with it when it starts again."""
        return self.workspace_folder / "last-good"

    @property
    def api_url(self) -> str:
        """Address of the forecast API of this machine."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def prefect_url(self) -> str:
        """Address of the API of the Prefect server that was named, else of the one that `foretick up` runs here."""
        return (self.prefect_api_url or f"http://127.0.0.1:{self.prefect_port}/api").rstrip("/")

    @property
    def mlflow_pages(self) -> str:
        """Address of MLflow's pages without the password that it may carry.

        Those of the server that was named, else of the one that `foretick up` runs here.
        """
        scheme, _, rest = self.tracking_uri.rstrip("/").partition("://")
        named = f"{scheme}://{rest.rpartition('@')[2]}"
        return named if scheme in {"http", "https"} else f"http://127.0.0.1:{self.mlflow_port}"

    @property
    def data_docs_folder(self) -> Path:
        """Folder of the pages on what was validated in this workspace."""
        return self.home / "data-docs" / self.workspace

    @property
    def report_folder(self) -> Path:
        """Folder of the reports on this workspace's models."""
        beside = PROJECT if self.home == PROJECT / ".foretick" else self.home
        folder = beside / "reports" if self.reports is None else self.reports
        return (folder if self.workspace == "default" else folder / self.workspace) / "model_eval"

    @property
    def mlflow_folder(self) -> Path:
        """Folder of the embedded MLflow store."""
        return self.mlruns if self.workspace == "default" else self.mlruns / self.workspace

    @property
    def tracking_uri(self) -> str:
        """Where MLflow runs and versions are: the server that was named, else the embedded SQLite database."""
        return self.mlflow_tracking_uri or f"sqlite:///{self.mlflow_folder / 'mlflow.db'}"

    @property
    def expectations_folder(self) -> Path:
        """Folder of the Great Expectations suites."""
        return PROJECT / "expectations"


def load_settings(**changes: object) -> Settings:
    """Read the settings from the environment; keyword arguments win over it.

    Raises
    ------
    InvalidSettings
        Names the setting, what was found and what is needed.
    """
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name, variable = ".".join(map(str, first["loc"])), str(first["loc"][0]).upper()
        found = "" if name.lower().endswith(("_uri", "_key")) else f" (found {first['input']!r})"
        # pydantic counts the characters of a secret as items.
        needed = first["msg"].replace("items after validation", "characters")
        named = "" if name.isupper() else f"; FORETICK_{variable} in the environment sets it"
        raise InvalidSettings(f"setting {name}: {needed}{found}{named}") from error
