"""The bot against a simulated Discord, in a page of the local browser: no token, no network."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
PATIENCE_SECONDS = 600.0
"""SimCord waits until the bot has nothing under way; while many papers come in that may take a while."""
LOOK_SECONDS = 0.3
"""How often the page looks for what nobody in it did: news, and commands typed as one line."""


def serve_local_page(desk: Desk, *, port: int, announce: Callable[[str, str], None]) -> None:
    """Serve the pages on the loopback interface until Ctrl-C or their "End preview session".

    `announce` is told the address of #papers, and that of #new-papers.
    """
    asyncio.run(_serve(desk, port, announce))


async def _serve(desk: Desk, port: int, announce: Callable[[str, str], None]) -> None:
    bot = create_bot(desk)
    async with _world_of_today(bot, desk.clock()) as discord_world:
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
        turns = asyncio.Lock()
        pages = [await _opened(discord_world, papers, reader, port, turns)]
        # SimCord minds one page at a time; a second one, of another channel, does it no harm.
        discord_world._preview = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        pages.append(await _opened(discord_world, news, reader, 0, turns))
        tending = [
            asyncio.create_task(_attend(page, bot, channel, reader, turns))
            for page, channel in zip(pages, (papers, news), strict=True)
        ]
        tending.append(asyncio.create_task(_let_time_pass(discord_world, turns)))
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


@asynccontextmanager
async def _world_of_today(bot: Papercord, now: datetime) -> AsyncGenerator[simcord.Env]:
    """A simulated Discord that the bot is connected to.

    Its calendar, which begins on a day of its own, is set before the bot starts: rounds that
    have begun would all be made up for else, one by one.
    """
    world = simcord.Env(bot, check_errors=False, settle_timeout=PATIENCE_SECONDS)
    world.backend.advance_clock((now - world.now()).total_seconds())
    await world.start()
    with world.time_context():
        try:
            yield world
        finally:
            await world.shutdown()


async def _opened(
    world: simcord.Env, channel: ChannelHandle, reader: MemberActor, port: int, turns: asyncio.Lock
) -> Preview:
    """A page whose actions wait for their turn.

    SimCord refuses one while something else goes on, and the page then takes no further action at all.
    """
    page = world.preview(channel, viewers=[reader], layout="channel", port=port)
    act = page._action  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def act_in_turn(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with turns:
            return await act(context_id, body)

    page._action = act_in_turn  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    try:
        await page.__aenter__()
    except simcord.SetupError as error:
        raise ConfigurationError(f"Port {port} cannot be used: {error}. Choose another: --port.") from None
    return page


async def _attend(
    page: Preview, bot: Papercord, channel: ChannelHandle, reader: MemberActor, turns: asyncio.Lock
) -> None:
    """Show messages that come by themselves, and carry out commands that were typed as one line.

    Discord's own input field takes "/papers decentralized" for the command; the page sends it as a message.
    """
    seen = len(channel.history())
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        messages = channel.history()
        if len(messages) > seen:
            async with turns:
                if messages[-1].author.id == reader.id:
                    await _carry_out(bot, channel, reader, messages[-1].content)
                await page.refresh()
                seen = len(channel.history())


async def _let_time_pass(world: simcord.Env, turns: asyncio.Lock) -> None:
    """Move the clock of the simulated world, which stands still else: the bot's rounds follow it."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        async with turns:
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
