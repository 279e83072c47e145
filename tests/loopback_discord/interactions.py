"""Commands and answers of the loopback Discord: which the bot told, and what it says to who uses them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web
from discord.utils import time_snowflake

from tests.loopback_discord.answers import answer, error

Work = Callable[[], Awaitable[web.StreamResponse]]


def _stored(value: Any) -> Any:
    """A command as Discord gives it back: numbers of permissions as text, what is the default left out."""
    if isinstance(value, list):
        return [_stored(each) for each in value]
    if not isinstance(value, dict):
        return value
    stored = {key: _stored(each) for key, each in value.items() if each is not False and each != []}
    if stored.get("default_member_permissions") is not None:
        stored["default_member_permissions"] = str(stored["default_member_permissions"])
    return stored


class LoopbackInteractions:
    """Takes the bot's commands and its answers."""

    def __init__(self, breakable: Callable[[web.Request, str, Work], Awaitable[web.StreamResponse]]) -> None:
        self._breakable = breakable
        self.commands: list[dict[str, Any]] = []
        """Those for everywhere."""
        self.of_guilds: dict[str, list[dict[str, Any]]] = {}
        self.told = 0
        self.answers: list[dict[str, Any]] = []
        self.by_token: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        """The answers to each interaction."""
        self.acknowledged: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        """By token: when it was acknowledged, or tried to be, and by which program."""

    def routes(self, base: str) -> list[web.RouteDef]:
        return [
            web.get(f"{base}/applications/{{app}}/commands", self._known),
            web.put(f"{base}/applications/{{app}}/commands", self._told),
            web.get(f"{base}/applications/{{app}}/guilds/{{guild}}/commands", self._known),
            web.put(f"{base}/applications/{{app}}/guilds/{{guild}}/commands", self._told),
            web.post(f"{base}/interactions/{{id}}/{{token}}/callback", self._acknowledged),
            web.patch(f"{base}/webhooks/{{app}}/{{token}}/messages/@original", self._answered),
        ]

    async def _known(self, request: web.Request) -> web.StreamResponse:
        guild = request.match_info.get("guild")
        return answer(self.commands if guild is None else self.of_guilds.get(guild, []))

    async def _told(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        guild = request.match_info.get("guild")

        async def work() -> web.StreamResponse:
            self.told += 1
            commands = [
                {"description": ""}
                | _stored(command)
                | {"id": str(number), "application_id": "9000", "version": "1"}
                for number, command in enumerate(body, 1)
            ]
            if guild is None:
                self.commands = commands
            else:
                self.of_guilds[guild] = commands
            return answer(commands)

        return await self._breakable(request, "commands", work)

    async def _acknowledged(self, request: web.Request) -> web.StreamResponse:
        by = self.acknowledged[request.match_info["token"]]
        by.append((asyncio.get_running_loop().time(), request.headers.get("User-Agent", "")))
        if len(by) > 1:
            return error(400, 40060, "Interaction has already been acknowledged.")
        if request.content_type == "application/json" and (body := await request.json()).get("data"):
            self.by_token[request.match_info["token"]].append(body["data"])
        return answer({"interaction": {"id": request.match_info["id"], "type": 2}})

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.answers.append(body)
        self.by_token[request.match_info["token"]].append(body)
        return answer(message())


def message(components: Sequence[Any] = (), flags: int = 0) -> dict[str, Any]:
    """A message of the bot that answers an interaction."""
    return {
        "id": "4242",
        "channel_id": "5",
        "author": {"id": "9000", "username": "papercord", "discriminator": "0", "avatar": None},
        "content": "",
        "timestamp": "2026-03-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 20,
        "components": list(components),
        "flags": flags,
    }


def interaction(name: str, token: str, **options: str) -> dict[str, Any]:
    """The event of a person who uses a command in a private conversation with the bot."""
    user = {"id": "31", "username": "ada", "discriminator": "0", "avatar": None}
    return {
        "id": str(time_snowflake(dt.datetime.now(dt.UTC))),
        "application_id": "9000",
        "type": 2,
        "token": token,
        "version": 1,
        "user": user,
        "channel_id": "5",
        "channel": {"id": "5", "type": 1, "last_message_id": None, "recipients": [user]},
        "context": 1,
        "locale": "en-GB",
        "entitlements": [],
        "attachment_size_limit": 10_485_760,
        "authorizing_integration_owners": {},
        "app_permissions": "0",
        "data": {
            "id": "1",
            "name": name,
            "type": 1,
            "options": [{"name": key, "type": 3, "value": value} for key, value in options.items()],
        },
    }
