"""Settings, read once at the edge (``cli``) and passed down; importing this module reads nothing."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from core.accounts import Rights
from core.errors import SettingsInvalid

ENV_PREFIX = "KANSRIJK_"
Goal = Annotated[int, Field(ge=1, le=1_000_000)]


class Targets(BaseModel):
    """What a plan wants to reach; the figures are those of the sector plan. Placements count by the day of signing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vacancies: Goal = 400
    work_to_other_occupation: Goal = 50
    work_to_same_occupation: Goal = 50
    back_to_work: Goal = 300
    light_guidance: Goal = 400
    """Placements with aftercare: as many as the three kinds of placements together."""
    reach_hours_share: Annotated[float, Field(gt=0, le=1)] = 0.75
    """Share of the placements that should reach 1,040 hours."""
    since: date | None = None
    """First day that counts; empty means from the beginning."""
    until: date | None = None
    """Last day that counts."""

    @model_validator(mode="after")
    def _ordered(self) -> "Targets":
        if self.since and self.until and self.since > self.until:
            raise ValueError("since is after until; swap them or leave one empty")
        return self


class Settings(BaseSettings):
    """What can be configured, each from the environment variable ``KANSRIJK_<NAME>``.

    The two that other tools share keep their usual names: ``DATABASE_URL`` and ``MLFLOW_TRACKING_URI``.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, frozen=True, extra="forbid", populate_by_name=True, env_ignore_empty=True
    )

    home: Path = Path("kansrijk-data")
    """Folder that holds all state of the embedded default."""
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    """PostgreSQL in production; empty means SQLite inside the home."""
    mlflow_tracking_uri: str | None = Field(default=None, validation_alias="MLFLOW_TRACKING_URI")
    """Remote tracking server; empty means a SQLite store inside the home."""
    encoder: str | None = None
    """Path or hub name of a sentence-transformers model; empty means the default encoder."""
    encoder_query_prompt: str = ""
    encoder_passage_prompt: str = ""
    retrieve: Annotated[int, Field(ge=1, le=5_000)] = 300
    """Talents retrieved by similarity before ranking."""
    exploration_share: Annotated[float, Field(ge=0, le=0.3)] = 0.0
    """Share of a shortlist that is drawn by lot from the eligible people, to learn about whom the model never shows."""
    interleave: bool = False
    """Whether shortlists mix the champion's choices with the challenger's, to compare the two in use."""
    api_key: SecretStr | None = None
    """Needed on every call when set; must be set to listen on anything but loopback."""
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+$")] | None = None
    """Where browsers find the pages, such as ``https://kansrijk.example``; needed for OpenID Connect."""
    session_idle_minutes: Annotated[int, Field(ge=5, le=480)] = 30
    """Who does nothing for so long logs in again."""
    session_hours: Annotated[int, Field(ge=1, le=24)] = 8
    """Who logged in so long ago logs in again."""
    oidc_issuer: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Address of the organisation's own login (OpenID Connect); empty means passwords only."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: str = "groups"
    """Claim of the id token that says which groups somebody belongs to."""
    oidc_roles: dict[str, str] = Field(default_factory=dict)
    """Role of each group, as JSON; ``municipality:NAME`` and ``employer:ID`` say whose. The first that fits counts."""
    targets: Targets = Targets()
    """What the overview counts against, as JSON: ``{"vacancies": 400, "back_to_work": 300}``."""
    threads: Annotated[int, Field(ge=1, le=256)] = Field(default_factory=lambda: min(os.cpu_count() or 1, 8))
    """Threads that FAISS and LightGBM may use."""
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    @model_validator(mode="after")
    def _whole_oidc(self) -> Self:
        """A login elsewhere that is half set up would fail at the first visitor."""
        for rights in self.oidc_roles.values():
            Rights.read(rights)
        if self.oidc_issuer is None:
            return self
        issuer = urlsplit(self.oidc_issuer)
        if issuer.scheme != "https" and issuer.hostname not in {"127.0.0.1", "localhost"}:
            raise ValueError("KANSRIJK_OIDC_ISSUER must be https: over http others could log in as anybody")
        if not (self.oidc_client_id and self.oidc_roles and self.public_url):
            raise ValueError("KANSRIJK_OIDC_ISSUER needs …_OIDC_CLIENT_ID, …_OIDC_ROLES and KANSRIJK_PUBLIC_URL too")
        return self

    @property
    def store_url(self) -> str:
        """SQLAlchemy address of the store, password included: never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.home / 'kansrijk.db').resolve()}"

    @property
    def tracking_uri(self) -> str:
        """Address of the MLflow store."""
        return self.mlflow_tracking_uri or f"sqlite:///{(self.home / 'mlflow.db').resolve()}"

    @property
    def index_dir(self) -> Path:
        """Where index artifacts live."""
        return self.home / "index"

    @property
    def encoder_dir(self) -> Path:
        """Where an encoder that was fitted on this home's own texts lives."""
        return self.home / "encoder"

    @property
    def models_dir(self) -> Path:
        """Where the copy of the champion lies."""
        return self.home / "models"

    @property
    def challenger_dir(self) -> Path:
        """Where the copy of the challenger lies, when there is one."""
        return self.home / "challenger"

    @property
    def rejects_dir(self) -> Path:
        """Where imports write the rows that they refused."""
        return self.home / "rejects"

    def effective(self) -> dict[str, Any]:
        """The settings as they are in force, secrets masked, for the log at start."""
        return self.model_dump(mode="json")


def load_settings(**overrides: Any) -> Settings:
    """Reads the environment; ``overrides`` (command-line options) win.

    Raises:
        SettingsInvalid: a variable is unknown or its value is out of bounds.
    """
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name not in known)
    if unknown:
        allowed = ", ".join(sorted(known))
        raise SettingsInvalid(f"unknown setting {', '.join(unknown)}; known are {allowed}")
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})
    except SettingsError:
        raise SettingsInvalid(
            f"setting refused: {ENV_PREFIX}OIDC_ROLES is JSON, such as "
            '{"my-group": "matchmaker", "city": "municipality:Rotterdam"}'
        ) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors(include_input=False)
        )
        raise SettingsInvalid(f"setting refused: {problems}") from None
