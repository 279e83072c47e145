"""A whole bot as one of several processes: to be killed."""

from __future__ import annotations

import datetime as dt
import logging
import multiprocessing
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route

from bot import shards as claims
from bot.discord_app import identify, shards
from bot.discord_app.identify import Identifications
from bot.discord_app.lifecycle import run_bot
from bot.shards import Share
from bot.store import leases
from cogs.families import create_bot
from tests.apps import close_app, open_app

TOKEN = "MTA0.G4xY.a-secret_token"


@dataclass(frozen=True)
class Life:
    """What a process has to know."""

    name: str
    """What it calls itself to Discord."""
    host: str
    """Whether a process of another host has died is not to be seen."""
    folder: Path
    database: str
    discord: str
    gateway: str
    every: float
    """Seconds between sessions of a bucket."""
    renewed: float
    """Seconds between renewals of the lease on shards."""
    steady: float
    """Seconds after which the others give shards to it."""
    without_gate: bool = False
    without_leases: bool = False


def _name_itself(name: str) -> None:
    begin = HTTPClient.__init__

    def begin_named(http: HTTPClient, *arguments: Any, **options: Any) -> None:
        begin(http, *arguments, **options)
        http.user_agent = name

    HTTPClient.__init__ = begin_named


def _open_gate() -> None:
    """Break a rule: each process begins sessions as it likes."""

    @asynccontextmanager
    async def turn(*_arguments: Any) -> AsyncIterator[None]:
        yield

    async def begin(*_arguments: Any) -> None:
        pass

    Identifications.turn = turn
    Identifications.begin = begin


def _live(life: Life) -> None:
    life.folder.mkdir(parents=True, exist_ok=True)
    log = os.open(life.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    Route.BASE = life.discord
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(life.gateway)
    leases.socket.gethostname = lambda: life.host
    identify.IDENTIFY_EVERY = life.every
    shards.EVERY_SECONDS = life.renewed
    claims.STEADY = dt.timedelta(seconds=life.steady)
    _name_itself(life.name)
    if life.without_gate:
        _open_gate()
    app = open_app(life.folder, url=life.database)
    bot = create_bot(app, Share.WHOLE if life.without_leases else Share.AUTO)
    bot._connection.guild_ready_timeout = 0.1  # the loopback sends all servers together
    run_bot(bot, TOKEN)
    close_app(app)


def start(life: Life) -> BaseProcess:
    """Bring a process to life, forked from one that has loaded everything and done nothing yet."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_live, args=(life,))
    process.start()
    return process
