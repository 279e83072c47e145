"""`papercord try`: the shipped corpus in a throwaway database, and a local page to type commands in."""

from __future__ import annotations

import importlib.util
import logging
import shlex
import sys
import tempfile
from pathlib import Path

import typer

from bot.app import open_app
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.ingest import importer

_PACKAGE = Path(__file__).resolve().parents[1]
_DATA = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"
"""Within the package where it was installed from a wheel, beside it in a checkout."""
SHIPPED_CORPUS = _DATA / "author-page-pan-pan.txt"
NEWER_PAPERS = _DATA / "newer-papers.jsonl"
"""Later papers by some of the same authors, to be imported while the page is open."""


def run_trial(settings: Settings, *, port: int, browser: bool) -> None:
    """Serve the page until Ctrl-C; nothing of it is left afterwards."""
    if importlib.util.find_spec("simcord") is None:
        raise ConfigurationError("The local page needs SimCord: pip install 'papercord[try]', or make try.")
    for shipped in (SHIPPED_CORPUS, NEWER_PAPERS):
        if not shipped.exists():
            raise ConfigurationError(f"The shipped corpus is missing: {shipped}")
    # SimCord tries discord.py out when it is imported, which warns of voice and intents in vain.
    logging.getLogger("discord").setLevel(logging.ERROR)
    from bot.discord_app.local_page import serve_local_page
    from cogs.families import create_bot

    with tempfile.TemporaryDirectory(prefix="papercord-try-", ignore_cleanup_errors=True) as folder:
        throwaway = settings.model_copy(
            update={"data_dir": Path(folder), "database_address": None, "enrich": False}
        )
        with open_app(throwaway) as app:
            report = importer.import_files(app, [SHIPPED_CORPUS])
            command = _import_command(settings, throwaway)

            def announce(address: str, alert: str) -> None:
                typer.echo(f"Papercord is open at {address}")
                typer.echo(f"{report.added} papers are loaded. Type there: /papers decentralized")
                typer.echo("To add more papers, paste this into another terminal, in the same folder:")
                typer.echo(f"  {command}")
                typer.echo(f"They are announced in #new-papers: {alert}")
                typer.echo("Ctrl-C ends it.")
                if browser:
                    typer.launch(address)

            serve_local_page(create_bot(app), port=port, announce=announce)
    typer.echo("Closed; the throwaway database is gone.")


def _import_command(settings: Settings, throwaway: Settings) -> str:
    """The shell command that imports newer papers into the throwaway database, whatever the settings say."""
    variables = [f"PAPERCORD_DATA_DIR={shlex.quote(str(throwaway.data_dir))}"]
    if settings.database_address is not None:
        variables.append(f"PAPERCORD_DATABASE_URL={shlex.quote(throwaway.database_url)}")
    return " ".join([*variables, _program(), "import", _from_here(NEWER_PAPERS)])


def _program() -> str:
    """The program that belongs to the running Python; the module, where it was installed without one."""
    program = Path(sys.executable).with_name("papercord")
    return _from_here(program) if program.exists() else f"{_from_here(Path(sys.executable))} -m bot"


def _from_here(path: Path) -> str:
    """A path for a shell; short where it lies below the current folder."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
