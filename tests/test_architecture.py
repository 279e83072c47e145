"""The house rules that can be read off the source: who may import whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ONLY_ON_THE_SURFACE = {"asyncio", "discord", "simcord"}
SURFACE = {"bot.discord_app", "cogs"}


def sources() -> list[Path]:
    return sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")])


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room(module: str) -> str:
    """The package that a module belongs to: bot.store, cogs; or the module itself at the top of bot."""
    parts = module.split(".")
    return parts[0] if parts[0] == "cogs" else ".".join(parts[:2])


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "bot")


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_asyncio_and_discord_stay_on_the_surface(path: Path):
    if room(module_name(path)) not in SURFACE:
        assert {name.split(".")[0] for name in imported(path)} & ONLY_ON_THE_SURFACE == set()


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_nothing_below_the_command_line_imports_the_cogs(path: Path):
    if room(module_name(path)) not in {"cogs", "bot.cli", "bot.__main__"}:
        assert not [name for name in imported(path) if name.split(".")[0] == "cogs"]
