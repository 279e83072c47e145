"""`papercord try`: the shipped corpus in a throwaway database, and a local page to type commands in."""

from __future__ import annotations

import importlib.util
import logging
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import typer

from bot.config import Settings
from bot.errors import ConfigurationError
from bot.services import importing
from bot.services.desk import Desk

SHIPPED_CORPUS = Path(__file__).resolve().parents[2] / "data" / "author-page-pan-pan.txt"


def run_trial(
    settings: Settings,
    open_desk: Callable[[Settings], AbstractContextManager[Desk]],
    *,
    port: int,
    browser: bool,
) -> None:
    """Serve the page until Ctrl-C; nothing of it is left afterwards."""
    if importlib.util.find_spec("simcord") is None:
        raise ConfigurationError("The local page needs SimCord: pip install 'papercord[try]', or make try.")
    if not SHIPPED_CORPUS.exists():
        raise ConfigurationError(f"The shipped corpus is missing: {SHIPPED_CORPUS}")
    # SimCord tries discord.py out when it is imported, which warns of voice and intents in vain.
    logging.getLogger("discord").setLevel(logging.ERROR)
    from bot.ui.local_page import serve_local_page

    with tempfile.TemporaryDirectory(prefix="papercord-try-", ignore_cleanup_errors=True) as folder:
        throwaway = settings.model_copy(update={"data_dir": Path(folder), "database_address": None})
        with open_desk(throwaway) as desk:
            report = importing.import_files(desk, [SHIPPED_CORPUS])
            command = _import_command(settings, throwaway)

            def announce(address: str, news: str) -> None:
                typer.echo(f"Papercord is open at {address}")
                typer.echo(f"{report.added} papers are loaded. Type there: /papers decentralized")
                typer.echo("To add more papers, type in another terminal:")
                typer.echo(f"  {command}")
                typer.echo(f"They are announced in #new-papers: {news}")
                typer.echo("Ctrl-C ends it.")
                if browser:
                    typer.launch(address)

            serve_local_page(desk, port=port, announce=announce)
    typer.echo("Closed; the throwaway database is gone.")


def _import_command(settings: Settings, throwaway: Settings) -> str:
    """The shell command that imports into the throwaway database, whatever the settings say."""
    variables = f"PAPERCORD_DATA_DIR={throwaway.data_dir}"
    if settings.database_address is not None:
        variables += f" PAPERCORD_DATABASE_URL={throwaway.database_url}"
    return f"{variables} {_program()} import FILE"


def _program() -> str:
    program = Path(".venv/bin/papercord")
    return str(program) if program.exists() else "papercord"
