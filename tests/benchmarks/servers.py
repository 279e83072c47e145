"""Memory and start of a bot that is in many servers, over as many shards as Discord would recommend.

    python -m tests.benchmarks.servers --servers 2500 10000

The loopback Discord, a process of its own, tells the bot of each server, with ten channels and eight roles.
It prints the memory that the servers take, and the bot's time of the processor until it knows them all.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import utc_now
from bot.discord_app import identify
from cogs.families import create_bot
from tests.apps import close_app, open_app
from tests.discord_app.test_guild_events import RIGHTS, channel, role, server
from tests.loopback_discord.server import LoopbackDiscord

CHANNELS, ROLES = 10, 8
SERVERS_OF_A_SHARD = 1_000
"""About as Discord recommends."""
TOKEN = "MTA0.G4xY.a-secret_token"


def _server(number: int) -> dict:
    guild_id = number << 22
    channels = [channel(guild_id + 100 + place, 0) | {"guild_id": str(guild_id)} for place in range(CHANNELS)]
    roles = [role(guild_id + place, RIGHTS) for place in range(ROLES)]
    names = {"id": str(guild_id), "name": f"Reading group {number}"}
    return server(everyone=RIGHTS) | names | {"channels": channels, "roles": roles}


async def _discord(servers: int) -> None:
    """The loopback Discord: it tells each shard of its servers once it has identified itself."""
    discord = LoopbackDiscord(lambda: utc_now().timestamp())
    shards = discord.gateway.shards = max(1, servers // SERVERS_OF_A_SHARD)
    discord.gateway.at_once = shards
    print(await discord.start(), discord.gateway.url, flush=True)
    while len(discord.gateway.identified) < shards:  # noqa: ASYNC110 - of that there is no event
        await asyncio.sleep(0.01)
    await asyncio.sleep(2)  # the bot notes what it takes without servers
    for number in range(1, servers + 1):
        await discord.gateway.send("GUILD_CREATE", _server(number), shard=number % shards)
    await asyncio.Event().wait()


def _mebibytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


async def _bot(servers: int, url: str, gateway_url: str) -> None:
    Route.BASE = url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    identify.IDENTIFY_EVERY = 0.0
    logging.getLogger("bot").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        app = open_app(Path(folder))
        before = _mebibytes()
        async with create_bot(app) as bot:
            living = asyncio.create_task(bot.start(TOKEN))
            while not bot.has_gateway:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            begun, processor = time.monotonic(), time.process_time()
            connected = _mebibytes()
            while len(bot.guilds) < servers:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            spent = time.process_time() - processor
            grown = _mebibytes() - connected
            print(
                f"{servers:,} servers over {bot.shard_count} shards: {_mebibytes():.0f} MiB "
                f"({before:.0f} before the start), {grown * 1024 / servers:.0f} KiB and "
                f"{1000 * spent / servers:.2f} ms of the processor a server; all known after "
                f"{time.monotonic() - begun:.1f} s"
            )
            await bot.close()
            await asyncio.wait([living])
        close_app(app)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=int, nargs="+", default=[2_500, 10_000])
    parser.add_argument("--as-discord", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--as-bot", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.as_discord is not None:
        asyncio.run(_discord(given.as_discord))
    elif given.as_bot is not None:
        asyncio.run(_bot(int(given.as_bot[0]), *given.as_bot[1:]))
    else:
        for servers in given.servers:
            command = [sys.executable, "-m", "tests.benchmarks.servers"]
            with subprocess.Popen(
                [*command, "--as-discord", str(servers)], stdout=subprocess.PIPE, text=True
            ) as discord:
                addresses = discord.stdout.readline().split() if discord.stdout else []
                subprocess.run([*command, "--as-bot", str(servers), *addresses], check=True)
                discord.kill()


if __name__ == "__main__":
    main()
