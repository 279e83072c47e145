"""The bot against a simulated Discord, in a page of the local browser: no token, no network."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import discord
import simcord
from discord import app_commands

from bot.errors import ConfigurationError
from bot.services.announcing.results import Filters
from bot.services.announcing.subscribing import add
from bot.services.desk import Desk
from bot.ui.client import Papercord, create_bot

if TYPE_CHECKING:
    from simcord.actors import MemberActor
    from simcord.builders import ChannelHandle
    from simcord.preview import Preview

GREETING = """**Welcome to the reading group.** Papercord keeps its papers. Type, for example:
- `/papers decentralized`: search
- `/author Pan Pan`: an author's figures
- `/paper` and the first letters of a title: one paper, whole
- `/about`: the corpus and its state
News of added papers is posted in #new-papers, at the second address that the terminal shows."""

NEWS = "new-papers"
NEWS_GREETING = """**Here the news arrives.** This channel is subscribed to all papers: bring some in \
with the command that the terminal shows, and they are posted here within seconds. \
`/notify status` proves it, `/notify add` subscribes to what you choose."""

TICK_SECONDS = 2.0
LOOK_SECONDS = 0.3
"""How often the page looks for what nobody in it did: news, and commands typed as one line."""


def serve_local_page(desk: Desk, *, port: int, announce: Callable[[str, str], None]) -> None:
    """Serve the pages on the loopback interface until Ctrl-C or their "End preview session".

    `announce` is told the address of #papers, and that of #new-papers.
    """
    asyncio.run(_serve(desk, port, announce))


async def _serve(desk: Desk, port: int, announce: Callable[[str, str], None]) -> None:
    bot = create_bot(desk)
    async with simcord.run(bot, check_errors=False) as discord_world:
        # Its calendar begins on a day of its own; people see today's.
        discord_world.backend.advance_clock((desk.clock() - discord_world.now()).total_seconds())
        if bot.user is not None:
            await bot.user.edit(username="Papercord")
        guild = discord_world.create_guild("Reading group")
        papers = guild.create_text_channel("papers")
        news = guild.create_text_channel(NEWS)
        managers = guild.create_role("managers", permissions=discord.Permissions(manage_channels=True))
        reader = guild.add_member(discord_world.create_user("you"), roles=[managers])
        host = guild.add_member(discord_world.create_user("host", global_name="Reading group"))
        await host.send(papers, GREETING)
        await host.send(news, NEWS_GREETING)
        add(desk, guild_id=guild.id, channel_id=news.id, creator_id=reader.id, filters=Filters())
        pages = [await _opened(discord_world, papers, reader, port)]
        # SimCord minds one page at a time; a second one, of another channel, does it no harm.
        discord_world._preview = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        pages.append(await _opened(discord_world, news, reader, 0))
        tending = [
            asyncio.create_task(_attend(page, bot, channel, reader))
            for page, channel in zip(pages, (papers, news), strict=True)
        ]
        tending.append(asyncio.create_task(_let_time_pass(discord_world)))
        try:
            # Before anybody is told how to stop it.
            stopped = _stop_signal()
            announce(*(page.url for page in pages))
            await _until_first(stopped.wait(), *(page.wait_closed() for page in pages))
        finally:
            for task in tending:
                task.cancel()
            await asyncio.gather(*tending, return_exceptions=True)
            for page in pages:
                await page.close()


async def _opened(world: simcord.Env, channel: ChannelHandle, reader: MemberActor, port: int) -> Preview:
    page = world.preview(channel, viewers=[reader], layout="channel", port=port)
    try:
        await page.__aenter__()
    except simcord.SetupError as error:
        raise ConfigurationError(f"Port {port} cannot be used: {error}. Choose another: --port.") from None
    return page


async def _attend(page: Preview, bot: Papercord, channel: ChannelHandle, reader: MemberActor) -> None:
    """Show messages that come by themselves, and carry out commands that were typed as one line.

    Discord's own input field takes "/papers decentralized" for the command; the page sends it as a message.
    """
    seen = len(channel.history())
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        messages = channel.history()
        # An operation of the page that is just going on is let through first.
        with suppress(simcord.SetupError):
            if len(messages) > seen:
                if messages[-1].author.id == reader.id:
                    await _carry_out(bot, channel, reader, messages[-1].content)
                await page.refresh()
                seen = len(channel.history())


async def _let_time_pass(world: simcord.Env) -> None:
    """Move the clock of the simulated world, which stands still else: the bot's rounds follow it."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        # What a person is just doing in a page goes first.
        with suppress(simcord.SetupError):
            await world.advance_time(TICK_SECONDS)


async def _carry_out(bot: Papercord, channel: ChannelHandle, reader: MemberActor, typed: str) -> None:
    name, _, argument = typed.removeprefix("/").partition(" ")
    command = bot.tree.get_command(name) if typed.startswith("/") else None
    if isinstance(command, app_commands.Command):
        option = next((parameter.name for parameter in command.parameters if parameter.required), None)
        if (option is not None) == bool(argument.strip()):
            await reader.slash(channel, name, **({option: argument.strip()} if option is not None else {}))


def _stop_signal() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set from now on."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


async def _until_first(*waits: Awaitable[object]) -> None:
    """Return when the first of these has ended."""
    tasks = {asyncio.ensure_future(wait) for wait in waits}
    _done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
