"""Settings: read from the environment and .env, validated, secrets hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.config import Settings, load_settings
from bot.errors import ConfigurationError
from tests.conftest import ROOT

NOWHERE = Path("/nonexistent/.env")


def setting_names() -> set[str]:
    return {info.alias for info in Settings.model_fields.values() if info.alias}


def test_env_example_names_every_setting_and_no_other():
    assert set(dotenv_values(ROOT / ".env.example")) == setting_names()


def test_the_readme_names_every_setting():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {name for name in setting_names() if f"`{name}`" not in readme} == set()


def test_without_settings_the_database_is_sqlite_in_data():
    settings = load_settings({}, NOWHERE)
    assert settings.database_url == "sqlite:///data/papercord.db"
    assert settings.index_dir == Path("data/index")


def test_the_environment_wins_over_the_file_and_empty_counts_as_not_set(tmp_path: Path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("PAPERCORD_DATA_DIR=from-file\nDISCORD_TOKEN=file-token\n")
    settings = load_settings({"PAPERCORD_DATA_DIR": "from-environment", "DISCORD_TOKEN": ""}, dotenv)
    assert settings.data_dir == Path("from-environment")
    assert settings.require_token() == "file-token"


def test_a_missing_token_names_the_setting_and_the_way_without_one():
    with pytest.raises(ConfigurationError, match=r"DISCORD_TOKEN is not set.*make try") as caught:
        load_settings({}, NOWHERE).require_token()
    assert caught.value.exit_code == 2


def test_the_token_may_stand_in_a_file(tmp_path: Path):
    secret = tmp_path / "token"
    secret.write_text("secret-token\n")
    assert load_settings({"DISCORD_TOKEN_FILE": str(secret)}, NOWHERE).require_token() == "secret-token"


def test_an_unreadable_token_file_is_named(tmp_path: Path):
    settings = load_settings({"DISCORD_TOKEN_FILE": str(tmp_path / "absent")}, NOWHERE)
    with pytest.raises(ConfigurationError, match=r"DISCORD_TOKEN_FILE .*absent"):
        settings.require_token()


def test_secrets_stay_out_of_repr():
    settings = load_settings(
        {"DISCORD_TOKEN": "top-secret", "PAPERCORD_DATABASE_URL": "postgresql://u:pass-word@h/d"}, NOWHERE
    )
    assert "top-secret" not in repr(settings)
    assert "pass-word" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"), [("PAPERCORD_LOG_LEVEL", "LOUD"), ("PAPERCORD_REPORT_URL", "javascript:alert(1)")]
)
def test_a_wrong_setting_is_named_without_its_value(name: str, value: str):
    with pytest.raises(ConfigurationError, match=name) as caught:
        load_settings({name: value}, NOWHERE)
    assert value not in str(caught.value)
