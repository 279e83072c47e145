"""The tables of README.md, docs/ and .env.example, made from the code by `make docs`."""

from __future__ import annotations

import ast
import asyncio
import datetime as dt
import importlib
import inspect
import textwrap
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import typer
from discord import app_commands
from discord.ext import commands

from bot.cli.commands import command_line
from bot.config import Settings
from bot.sources.providers.table import KINDS

ROOT = Path(__file__).resolve().parent.parent
LINE = 118
"""Characters in a line of .env.example."""

AppCommand = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


def discord_commands(family: str = "") -> str:
    """The commands of Discord: all, with a group as one row; or those of one group."""
    found = asyncio.run(_app_commands())
    if family:
        (group,) = (one for one in found if isinstance(one, app_commands.Group) and one.name == family)
        rows = [_row(one) for one in sorted(group.commands, key=lambda one: one.name)]
    else:
        rows = [_row(one) for one in sorted(found, key=lambda one: (_is_menu(one), one.name))]
    return _table("command", "options", "what it does", rows=rows)


def _is_menu(command: AppCommand) -> bool:
    return isinstance(command, app_commands.ContextMenu)


def _row(command: AppCommand) -> tuple[str, str, str]:
    match command:
        case app_commands.ContextMenu():
            says = "In the menu of a message: the papers that it links to, privately."
            return f"Apps → {command.name}", "", says
        case app_commands.Group():
            children = ", ".join(sorted(child.name for child in command.commands))
            return f"`/{command.qualified_name}` …", children, f"{command.description.rstrip('.')}."
        case _:
            options = ", ".join(
                f"**{each.display_name}**" if each.required else each.display_name
                for each in command.parameters
            )
            return f"`/{command.qualified_name}`", options, command.description


async def _app_commands() -> list[AppCommand]:
    """The commands and menus of all cogs, each built as the bot builds it at the start."""
    collector = _Collector()
    for file in _files("cogs"):
        module = importlib.import_module(_module(file))
        if hasattr(module, "setup"):
            await module.setup(collector)
    found: list[AppCommand] = []
    for cog in collector.cogs:
        found += [cog.app_command] if cog.app_command is not None else cog.get_app_commands()
        found += [value for value in vars(cog).values() if isinstance(value, app_commands.ContextMenu)]
    return found


class _Collector:
    """Stands where cogs expect the bot, and keeps them."""

    def __init__(self) -> None:
        self.cogs: list[commands.Cog] = []

    async def add_cog(self, cog: commands.Cog) -> None:
        self.cogs.append(cog)

    def __getattr__(self, name: str) -> Mock:
        return Mock(name=name)


def shell_commands() -> str:
    """The commands of `papercord` with their options; their types are private to typer."""
    rows = _shell_rows(typer.main.get_command(command_line), "papercord")
    return _table("command", "what it does", rows=rows)


def _shell_rows(command: Any, name: str) -> Iterator[tuple[str, str]]:
    children = getattr(command, "commands", None)
    if children is not None:
        for child in children.values():
            yield from _shell_rows(child, f"{name} {child.name}")
        return
    shown = (each for each in command.params if each.name != "help" and not getattr(each, "hidden", False))
    options = " ".join(map(_usage, shown))
    yield f"`{name} {options}`".replace(" `", "`"), (command.help or "").split("\n\n")[0].replace("\n", " ")


def _usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = f"{(parameter.metavar or parameter.name or '').upper().strip('[]')}"
        written = f"{name}…" if parameter.nargs == -1 else name
        return written if parameter.required else f"[{written}]"
    names = "/".join([*parameter.opts[-1:], *parameter.secondary_opts])
    return f"[{names}]"


def source_kinds() -> str:
    """The kinds of sources, with an example, and how often each is checked."""
    rows = [(kind.name, f"`{kind.example}`", _duration(kind.every)) for kind in KINDS.values()]
    return _table("kind", "such as", "checked every", rows=rows)


def _duration(time: dt.timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes % 60:
        return f"{minutes} minutes"
    return "hour" if minutes == 60 else f"{minutes // 60} hours"


def settings() -> str:
    """Every setting and what it means."""
    return _table("setting", "meaning", rows=[(f"`{name}`", meaning) for name, meaning in _settings()])


def env_example() -> str:
    """Every setting with its meaning as a comment, and without a value."""
    return "\n".join(
        textwrap.fill(meaning, LINE, initial_indent="# ", subsequent_indent="# ") + f"\n{name}="
        for name, meaning in _settings()
    )


def _settings() -> Iterator[tuple[str, str]]:
    """The name of each setting, and the string below its field."""
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body
    assert isinstance(written, ast.ClassDef)
    for field, below in pairwise(written.body):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                yield Settings.model_fields[name].alias or name, " ".join(meaning.split())
            case _:
                pass


def rooms() -> str:
    """The packages of bot and cogs with their docstrings."""
    packages = [file for part in ("bot", "cogs") for file in _files(part) if file.name == "__init__.py"]
    rows = [(f"`{_folder(file)}/`", _docstring(file)) for file in packages if file.parent.name != "versions"]
    return _table("room", "what is in it", rows=rows)


def files() -> str:
    """Every file of bot and cogs with its docstring, one table for each package."""
    parts: list[str] = []
    for package in (file for part in ("bot", "cogs") for file in _files(part) if file.name == "__init__.py"):
        inside = [file for file in sorted(package.parent.glob("*.py")) if file != package]
        if inside and package.parent.name != "versions":
            rows = [(f"`{file.name}`", _docstring(file).rstrip(".")) for file in inside]
            table = _table("file", "what is in it", rows=rows)
            parts.append(f"## `{_folder(package)}/`\n\n{_docstring(package)}\n\n{table}")
    return "\n\n".join(parts)


def _files(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"), key=lambda file: (file.parent, file.name))


def _folder(file: Path) -> str:
    return file.parent.relative_to(ROOT).as_posix()


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _docstring(file: Path) -> str:
    written = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return written.split("\n\n")[0].replace("\n", " ")


def _table(*heads: str, rows: Iterable[tuple[str, ...]]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [heads, ["---"] * len(heads), *escaped]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
