from __future__ import annotations

import re
from typing import Any

import pytest
import simcord
from discord import app_commands

from bot.discord_app.lifecycle import RunningBot
from cogs.families import FAMILIES, create_bot


@pytest.fixture
async def commands(simcord_env: simcord.Env) -> list[app_commands.Command]:
    return [
        command
        for command in simcord_env.bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    ]


def registrations(env: simcord.Env) -> list[list[dict]]:
    return [
        request.json
        for request in env.http_requests
        if request.method == "PUT" and re.fullmatch(r"/applications/\d+/commands", request.path)
    ]


async def test_the_commands_are_those_that_people_know(commands):
    assert {command.qualified_name for command in commands} == {
        "papers",
        "paper",
        "paper-merge",
        "paper-split",
        "author",
        "author-merge",
        "author-split",
        "coauthors",
        "compare",
        "corrections",
        *(
            f"notify {name}"
            for name in (
                "add",
                "list",
                "edit",
                "pause",
                "resume",
                "remove",
                "preview",
                "status",
                "check",
                "why",
                "export",
                "import",
            )
        ),
        *(f"alerts {name}" for name in ("add", "list", "edit", "remove", "here")),
        *(f"sources {name}" for name in ("add", "list", "status", "check", "pause", "remove")),
        *(f"list {name}" for name in ("show", "add", "remove", "new", "rename", "share", "export")),
        *(
            f"club {name}"
            for name in ("new", "edit", "end", "propose", "withdraw", "next", "skip", "swap", "history")
        ),
        "top",
        "add",
        "import",
        "about",
        "privacy",
    }


async def test_every_name_and_description_is_within_the_limits_and_says_something(commands):
    for command in commands:
        assert re.fullmatch(r"[a-z-]{1,32}", command.name)
        assert 10 <= len(command.description) <= 100
        assert len(command.parameters) <= 25
        for parameter in command.parameters:
            assert re.fullmatch(r"[a-z_-]{1,32}", parameter.display_name)
            assert 10 <= len(str(parameter.description)) <= 100


def _letters_of(described: Any) -> int:
    """What Discord bounds: the names, descriptions and values of a command, its options and their choices."""
    if isinstance(described, list):
        return sum(map(_letters_of, described))
    own = sum(len(str(described.get(key, ""))) for key in ("name", "description", "value"))
    return own + _letters_of(described.get("options", [])) + _letters_of(described.get("choices", []))


async def test_every_command_fits_and_works_wherever_it_is_installed(simcord_env):
    (payload,) = registrations(simcord_env)
    assert len(payload) <= 100
    for command in payload:
        assert _letters_of(command) <= 8000
        in_servers_alone = command["name"] in {"notify", "club"}
        assert command["contexts"] == ([0] if in_servers_alone else [0, 1, 2])
        assert command["integration_types"] == ([0] if in_servers_alone else [0, 1])
        assert command.get("nsfw", False) is False


async def test_the_bot_asks_for_guilds_alone_and_keeps_no_messages_and_no_members(simcord_env):
    bot = simcord_env.bot
    assert [name for name, value in bot.intents if value] == ["guilds"]
    assert bot._connection.max_messages is None
    assert not any(value for _name, value in bot._connection.member_cache_flags)
    assert bot.allowed_mentions.to_dict() == {"parse": []}


async def test_commands_are_told_to_discord_once(simcord_env, app):
    assert len(registrations(simcord_env)) == 1
    await simcord_env.restart_bot(create_bot(app))
    assert len(registrations(simcord_env)) == 1


async def test_changed_commands_are_told_again(simcord_env, app):
    class Changed(RunningBot):
        async def load_extension(self, name: str, *, package: str | None = None) -> None:
            await super().load_extension(name, package=package)
            command = self.tree.get_command("about")
            if command is not None:
                command.description = "Show something else altogether."

    await simcord_env.restart_bot(Changed(app, FAMILIES))
    told, again = registrations(simcord_env)
    assert len(told) == len(again)


async def test_another_application_is_asked_for_its_own_commands(simcord_env, app):
    simcord_env.backend.application_id += 1
    await simcord_env.restart_bot(create_bot(app))
    asked = {request.path for request in simcord_env.http_requests if request.path.endswith("/commands")}
    assert len(asked) == 2
