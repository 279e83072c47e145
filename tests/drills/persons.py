"""Persons of the cluster drill: each asks in a server, or presses a button, until there is an answer."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.discord_app.replies import AWAY, IN_A_MOMENT
from tests.loopback_discord.interactions import interaction, message
from tests.loopback_discord.reading import walk
from tests.loopback_discord.server import LoopbackDiscord

WAIT = 30.0
"""Seconds for an answer, before a person asks again."""
UNTOLD_WAIT = 5.0
"""Where no process was connected when the person asked: one may come back and hear of it."""
PATIENCE = 240.0
"""Seconds after which a person asks no more."""


@dataclass
class Answered:
    """How it went for the persons."""

    asked: int = 0
    pressed: int = 0
    """Of these, presses of buttons."""
    again: int = 0
    """How often a person asked again: nobody was connected, the process was killed, or it said so."""
    unanswered: int = 0
    doubled: int = 0
    longest: float = 0.0
    """Seconds from a question that a living process got to its acknowledgement."""
    buttons: list[tuple[str, int, list[Any]]] = field(default_factory=list)
    """Buttons that stand on answers, who may press them, and the answer's components."""


class Persons:
    """All who ask."""

    def __init__(
        self,
        loopback: LoopbackDiscord,
        servers: dict[int, list[dict[str, Any]]],
        seed: int,
        lives: Callable[[str], bool],
    ) -> None:
        """Make them; `lives` answers whether a process was not killed so far."""
        self.found = Answered()
        self._discord = loopback
        self._servers = servers
        self._random = random.Random(seed)
        self._lives = lives

    async def one(self, number: int) -> None:
        """Ask until it is answered."""
        loop = asyncio.get_running_loop()
        shard = self._random.choice(list(self._servers))
        server = self._random.choice(self._servers[shard])
        button = self._random.choice(self.found.buttons) if self.found.buttons and number % 2 else None
        person = button[1] if button is not None else 1000 + number
        self.found.asked += 1
        self.found.pressed += button is not None
        until = loop.time() + PATIENCE
        for attempt in range(1000):
            token = f"t{number}-{attempt}"
            asked = interaction("papers", token, query="kind")
            if button is not None:
                asked |= pressed(button[0], button[2])
            if await self._ask(shard, in_server(asked, server, person), token):
                self._look_at(token, person)
                return
            if loop.time() > until:
                break
            self.found.again += 1
            await asyncio.sleep(0.5)
        print(f"{number} was never answered: {self._said(token)}", file=sys.stderr)
        self.found.unanswered += 1

    async def _ask(self, shard: int, asked: dict[str, Any], token: str) -> bool:
        loop, sent = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        told = await self._discord.gateway.send("INTERACTION_CREATE", asked, shard=shard)
        wait = WAIT if told else UNTOLD_WAIT
        while loop.time() < sent + wait:
            if any(_is_answer(one) for one in self._discord.interactions.by_token[token]):
                acknowledged = self._discord.interactions.acknowledged[token]
                if told and acknowledged:
                    self.found.longest = max(self.found.longest, acknowledged[0][0] - sent)
                return True
            died = told and not any(self._lives(one) for one in told)
            if died or AWAY in self._said(token):
                return False
            await asyncio.sleep(0.05)
        if any(self._lives(one) for one in told):
            print(f"{token} was not answered by {told}: {self._said(token)}", file=sys.stderr)
            self.found.unanswered += 1
        return False

    def _look_at(self, token: str, person: int) -> None:
        for answer in self._discord.interactions.by_token[token]:
            components = answer.get("components") or []
            for component in walk(components):
                custom_id = str(component.get("custom_id", ""))
                if component.get("type") == 2 and custom_id.startswith("paper:"):
                    self.found.buttons.append((custom_id, person, components))
        del self.found.buttons[:-50]

    def judge(self) -> Answered:
        """What was answered by more than one process, too."""
        tried = self._discord.interactions.acknowledged.values()
        self.found.doubled = sum(len(by) > 1 for by in tried)
        return self.found

    def _said(self, token: str) -> str:
        return json.dumps(self._discord.interactions.by_token[token], ensure_ascii=False)


def _is_answer(body: dict[str, Any]) -> bool:
    """Whether it answers, and does not say that it will, that one may ask again, or that it failed."""
    words = json.dumps(body, ensure_ascii=False)
    is_content = bool(body.get("components")) or bool(body.get("content"))
    return is_content and not any(no in words for no in (IN_A_MOMENT, AWAY, "Something went wrong"))


def in_server(asked: dict[str, Any], server: dict[str, Any], person: int) -> dict[str, Any]:
    """The same interaction, of a person in a server."""
    user = {**asked.pop("user"), "id": str(person)}
    member = {
        "user": user,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": "2147483647",
    }
    channel = server["channels"][0]
    return asked | {
        "member": member,
        "guild_id": server["id"],
        "guild": {"id": server["id"], "locale": "en-US", "features": []},
        "channel_id": channel["id"],
        "channel": channel | {"permissions": "2147483647"},
        "context": 0,
        "app_permissions": "2147483647",
    }


def pressed(custom_id: str, components: list[Any]) -> dict[str, Any]:
    """What makes an interaction the press of a button on a message of these components."""
    shown = message(components, discord.MessageFlags(components_v2=True).value)
    return {"type": 3, "message": shown, "data": {"custom_id": custom_id, "component_type": 2}}
