"""The bot against a simulated Discord, in a page of the local browser: no token, no network."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord
import simcord
from discord import AppCommandOptionType, AppCommandType, app_commands

from bot.announcements.results import Filters
from bot.announcements.subscriptions import add
from bot.discord_app.client import Papercord
from bot.discord_app.replies import BadInputError
from bot.discord_app.safe_text import fit, plain, safe
from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from simcord.actors import MemberActor
    from simcord.builders import ChannelHandle, GuildHandle
    from simcord.preview import Preview

Tree = app_commands.CommandTree[Any]
Command = app_commands.Command[Any, ..., Any]
Group = app_commands.Group
Parameter = app_commands.Parameter

Find = Callable[[AppCommandOptionType, str], object | None]
"""(kind of option, a name without its # or @) -> the channel, role or member; None where there is none."""

_MAX_QUOTED = 80
_YES_AND_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command by its whole name, such as "notify add", and the values of its options."""

    name: str
    options: Mapping[str, object]


def read_line(tree: Tree, typed: str, find: Find) -> TypedCommand | None:
    """The command that a line asks for; None where it does not begin with a slash.

    An option is written as its name, a colon and its value. What stands before the first of them is
    the value of the first option that the command needs.

    Raises:
        BadInputError: there is no such command or option, a value cannot be, or a needed option lacks.

    """
    words = plain(typed)
    if not words.startswith("/"):
        return None
    command, rest = _command(tree, words.removeprefix("/"))
    given = _options(command, rest)
    lacking = [each.display_name for each in command.parameters if each.required and each.name not in given]
    if lacking:
        raise BadInputError(f"/{command.qualified_name} lacks {_listed(lacking)}. {_usage(command)}")
    values = {
        each.display_name: _value(each, given[each.name], find)
        for each in command.parameters
        if each.name in given
    }
    return TypedCommand(command.qualified_name, values)


def _command(tree: Tree, words: str) -> tuple[Command, str]:
    name, _, rest = words.partition(" ")
    found = tree.get_command(name.casefold())
    if found is None:
        known = _listed([f"/{each.name}" for each in tree.get_commands(type=AppCommandType.chat_input)])
        raise BadInputError(f"There is no command /{_quoted(name)}. There are {known}.")
    while isinstance(found, Group):
        name, _, rest = rest.partition(" ")
        child = found.get_command(name.casefold())
        if child is None:
            known = _listed([each.name for each in found.commands])
            missing = f"has no {_quoted(name)}: " if name else "is followed by "
            raise BadInputError(f"/{found.qualified_name} {missing}one of {known}.")
        found = child
    return found, rest.strip()


def _options(command: Command, words: str) -> dict[str, str]:
    """The options that are given, by name, and their values as typed."""
    by_name = {each.display_name.casefold(): each for each in command.parameters}
    if words and not by_name:
        raise BadInputError(f"/{command.qualified_name} takes no options: type it alone.")
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    names_found = list(re.finditer(rf"(?:^|(?<=\s))({names}):", words, re.IGNORECASE)) if names else []
    ends = [*(found.start() for found in names_found[1:]), len(words)]
    given: dict[str, str] = {}
    for found, end in zip(names_found, ends, strict=True) if names_found else ():
        option, value = by_name[found[1].casefold()], words[found.end() : end].strip()
        if option.name in given:
            raise BadInputError(f"{option.display_name} is given twice.")
        if not value:
            raise BadInputError(f"{option.display_name} is empty: type its value after the colon.")
        given[option.name] = value
    unnamed = words[: names_found[0].start() if names_found else len(words)].strip()
    if unnamed:
        given[_taker(command, given, unnamed)] = unnamed
    return given


def _taker(command: Command, given: Mapping[str, str], unnamed: str) -> str:
    """The option to which a value without a name belongs: one that is needed, or else the first text."""
    needed = [each for each in command.parameters if each.required]
    texts = [each for each in command.parameters if each.type is AppCommandOptionType.string]
    free = [each.name for each in needed or texts[:1] if each.name not in given]
    if not free:
        raise BadInputError(f"“{_quoted(unnamed)}” belongs to no option. {_usage(command)}")
    return free[0]


def _value(option: Parameter, text: str, find: Find) -> object:
    if option.choices:
        return _choice(option, text)
    match option.type:
        case AppCommandOptionType.string:
            return text
        case AppCommandOptionType.integer | AppCommandOptionType.number:
            try:
                return int(text) if option.type is AppCommandOptionType.integer else float(text)
            except ValueError:
                raise BadInputError(f"{option.display_name}: “{_quoted(text)}” is no number.") from None
        case AppCommandOptionType.boolean:
            if text.casefold() not in _YES_AND_NO:
                raise BadInputError(f"{option.display_name}: type true or false.")
            return _YES_AND_NO[text.casefold()]
        case AppCommandOptionType.attachment:
            raise BadInputError(
                f"{option.display_name}: a file cannot be typed. Type /, choose the command from the list, "
                "and attach the file there."
            )
        case _:
            found = find(option.type, text.lstrip("#@"))
            if found is None:
                kind = option.type.name
                raise BadInputError(f"{option.display_name}: there is no {kind} “{_quoted(text)}” here.")
            return found


def _choice(option: Parameter, text: str) -> object:
    """The value of a choice that is typed as Discord shows it, as its first word, or as its value."""
    wanted = text.casefold()
    for choice in option.choices:
        name = choice.name.casefold()
        if wanted in {name, name.partition(":")[0], str(choice.value).casefold()}:
            return choice.value
    known = _listed([choice.name.partition(":")[0] for choice in option.choices])
    raise BadInputError(f"{option.display_name}: “{_quoted(text)}” is none of {known}.")


def _usage(command: Command) -> str:
    needed = [f" {each.display_name}:…" for each in command.parameters if each.required]
    others = [each.display_name for each in command.parameters if not each.required]
    words = f"Type /{command.qualified_name}{''.join(needed)}"
    return f"{words}; it also takes {_listed(others)}." if others else f"{words}."


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _quoted(text: str) -> str:
    return fit(safe(text), _MAX_QUOTED)


GREETING = """**Welcome to the reading group.** Papercord keeps its papers. Type, for example:
- `/papers decentralized`: search
- `/author Pan Pan`: an author's figures
- `/paper` and the first letters of a title: one paper, whole
- `/compare first:Pan Pan second:Kun Yuan`: two authors side by side
- `/about`: the corpus and its state
News of added papers is posted in #new-papers, at the second address that the terminal shows."""

NEWS = "new-papers"
NEWS_GREETING = """**Here the news arrives.** This channel is subscribed to all papers: bring some in \
with the command that the terminal shows, and they are posted here within seconds. \
`/notify status` proves it, `/notify add` subscribes to what you choose."""

_log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
PATIENCE_SECONDS = 600.0
"""SimCord waits until the bot has nothing under way; while many papers come in that may take a while."""
LOOK_SECONDS = 0.3
"""How often the page looks for what nobody in it did: news, and commands typed as one line."""


def serve_local_page(bot: Papercord, *, port: int, announce: Callable[[str, str], None]) -> None:
    """Serve the pages on the loopback interface until Ctrl-C or their "End preview session".

    `announce` is given the address of #papers, and that of #new-papers.
    """
    asyncio.run(_serve(bot, port, announce))


async def _serve(bot: Papercord, port: int, announce: Callable[[str, str], None]) -> None:
    app = bot.app
    async with _world_of_today(bot, app.clock()) as discord_world:
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
        add(app, guild_id=guild.id, channel_id=news.id, creator_id=reader.id, filters=Filters())
        turns = asyncio.Lock()
        pages = [await _opened(discord_world, papers, reader, port, turns)]
        # SimCord minds one page at a time; a second one, of another channel, does it no harm.
        discord_world._preview = None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        pages.append(await _opened(discord_world, news, reader, 0, turns))
        looking = [
            asyncio.create_task(
                _every(LOOK_SECONDS, turns, _TypedLines(page, bot, channel, reader, host).look)
            )
            for page, channel in zip(pages, (papers, news), strict=True)
        ]
        looking.append(asyncio.create_task(_every(TICK_SECONDS, turns, _passing_of_time(discord_world))))
        try:
            # Before the terminal says how to stop it.
            stopped = _stop_signal()
            announce(*(page.url for page in pages))
            await _until_first(stopped.wait(), *(page.wait_closed() for page in pages))
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
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


async def _every(seconds: float, turns: asyncio.Lock, step: Callable[[], Awaitable[None]]) -> None:
    """Take a step again and again, each in its turn; one that fails is logged, and the next is taken."""
    while True:
        await asyncio.sleep(seconds)
        async with turns:
            try:
                await step()
            except Exception:  # noqa: BLE001 - the page goes on whatever a command or SimCord does
                _log.exception("The local page could not take a step; it goes on")


def _passing_of_time(world: simcord.Env) -> Callable[[], Awaitable[None]]:
    """Moves the clock of the simulated world, which stands still else: the bot's rounds follow it."""

    async def pass_time() -> None:
        await world.advance_time(TICK_SECONDS)

    return pass_time


class _TypedLines:
    """Shows messages that come by themselves, and carries out commands that were typed as one line.

    Discord's own input field takes "/papers decentralized" for the command; the page sends it as a message.
    """

    def __init__(
        self, page: Preview, bot: Papercord, channel: ChannelHandle, reader: MemberActor, host: MemberActor
    ) -> None:
        self._page = page
        self._bot = bot
        self._channel = channel
        self._reader = reader
        self._host = host
        self._seen = self._newest()

    def _newest(self) -> int:
        return max((message.id for message in self._channel.history()), default=0)

    async def look(self) -> None:
        """Answer what was typed since the last look, and show what came."""
        new = [message for message in self._channel.history() if message.id > self._seen]
        for message in new:
            self._seen = message.id
            if message.author.id == self._reader.id:
                await self._carry_out(message.content)
        if new:
            self._seen = max(self._seen, self._newest())
            await self._page.refresh()

    async def _carry_out(self, typed: str) -> None:
        """Carry out a line that is a command; what stands in the way is said in the channel."""
        try:
            command = read_line(self._bot.tree, typed, self._find)
            if command is not None:
                await self._reader.slash(self._channel, command.name, **command.options)
        except BadInputError as error:
            await self._host.send(self._channel, str(error))
        except (simcord.SetupError, simcord.BackendError) as error:
            # SimCord refuses what Discord's own input field would: a number too large, a text too long.
            await self._host.send(self._channel, f"This cannot be carried out: {fit(safe(str(error)), 500)}")

    def _find(self, kind: discord.AppCommandOptionType, name: str) -> object | None:
        guild = self._channel.guild
        return _found_in(guild, kind, name) if guild is not None else None


def _found_in(guild: GuildHandle, kind: discord.AppCommandOptionType, name: str) -> object | None:
    """A channel or a role by its name, or by its mention without what encloses it."""
    named: Mapping[str, Any] = {}
    match kind:
        case discord.AppCommandOptionType.channel:
            named = guild.channels
        case discord.AppCommandOptionType.role:
            named = guild.roles
        case _:
            return None
    wanted = name.casefold().strip("<#@&>")
    return next((each for key, each in named.items() if wanted in {key.casefold(), str(each.id)}), None)


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
