"""`papercord commands`: the slash commands that Discord has of the bot, for everywhere or for one server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console

from bot.app import open_app
from bot.cli.answers.printing import Document, JsonOption, show
from bot.config import load_settings

if TYPE_CHECKING:
    from bot.discord_app.client import Papercord
    from bot.discord_app.registration import Command

GuildOption = Annotated[
    int | None, typer.Option(help="The id of a server: the commands of that server alone.", min=1)
]
T = TypeVar("T")

command_line = typer.Typer(
    help="The slash commands that Discord has of the bot, for everywhere or for one server.",
    no_args_is_help=True,
)


@command_line.command()
def sync(guild: GuildOption = None, as_json: JsonOption = False) -> None:
    """Register the commands of this version, where Discord has others."""
    from bot.discord_app.registration import sync_commands

    changed = _with_discord(lambda bot, application_id: sync_commands(bot, application_id, guild))
    said = f"Registered anew; Discord had others, or none: {', '.join(changed)}."
    show(
        {"changed": changed},
        as_json,
        lambda console: console.print(said if changed else "Discord has these commands already."),
    )


@command_line.command(name="show")
def show_commands(guild: GuildOption = None, as_json: JsonOption = False) -> None:
    """Show the commands that Discord has, and which of them differ from those of this version."""
    from bot.discord_app.registration import differing, fetch_commands, own_commands

    async def work(bot: Papercord, application_id: int) -> tuple[list[Command], list[str]]:
        found = await fetch_commands(bot.http, application_id, guild)
        return found, differing(own_commands(bot), found)

    found, changed = _with_discord(work)
    document: Document = {"commands": found, "differing": changed}

    def for_people(console: Console) -> None:
        for one in found:
            console.print(f"{one['name']}  {one.get('description') or '(menu)'}", markup=False)
        if not found:
            console.print("Discord has no commands here.")
        if changed:
            console.print(f"Not as in this version: {', '.join(changed)}.")
            console.print("To register those of this version: papercord commands sync")

    show(document, as_json, for_people)


@command_line.command()
def clear(guild: GuildOption = None, as_json: JsonOption = False) -> None:
    """Remove the commands from Discord; the next start of the bot registers them again."""
    from bot.discord_app.registration import fetch_commands, replace_commands

    async def work(bot: Papercord, application_id: int) -> int:
        found = await fetch_commands(bot.http, application_id, guild)
        await replace_commands(bot.http, application_id, [], guild)
        return len(found)

    removed = _with_discord(work)
    show({"removed": removed}, as_json, lambda console: console.print(f"Removed from Discord: {removed}."))


def _with_discord(work: Callable[[Papercord, int], Awaitable[T]]) -> T:
    from bot.discord_app.registration import with_discord
    from cogs.families import create_bot

    settings = load_settings()
    token = settings.require_token()
    with open_app(settings) as app:
        return with_discord(create_bot(app), token, work)
