"""The house rules that can be read off the source: who may import whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAY_IMPORT = {
    "bot.corpus": {"bot.corpus"},
    "bot.fetching": {"bot.fetching"},
    "bot.people": {"bot.people", "bot.corpus"},
    "bot.store": {"bot.store", "bot.corpus"},
    "bot.search": {"bot.search", "bot.store", "bot.corpus"},
    "bot.services": {
        "bot.services",
        "bot.fetching",
        "bot.people",
        "bot.search",
        "bot.store",
        "bot.corpus",
        "bot.config",
    },
    "bot.ui": {"bot.ui", "bot.services", "cogs"},
    "cogs": {"cogs", "bot.ui", "bot.services"},
    "bot.cli": {"bot.cli", "bot.services", "bot.ui", "bot.config"},
}
"""Every room may also import bot.errors and the version in bot."""

ONLY_ON_THE_SURFACE = {"asyncio", "discord", "simcord"}
SURFACE = {"bot.ui", "cogs"}


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
def test_imports_run_one_way(path: Path):
    module = module_name(path)
    allowed = MAY_IMPORT.get(room(module))
    if allowed is None:
        assert module in {"bot", "bot.config", "bot.errors", "bot.__main__", "bot.commands"}
        return
    ours = {room(name) for name in imported(path) if name.split(".")[0] in {"bot", "cogs"}}
    assert ours - allowed - {"bot", "bot.errors", "bot.__version__"} == set()


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_asyncio_and_discord_stay_on_the_surface(path: Path):
    if room(module_name(path)) not in SURFACE:
        assert {name.split(".")[0] for name in imported(path)} & ONLY_ON_THE_SURFACE == set()


def test_the_architecture_page_names_every_file():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = {path.name for path in sources() if path.name != "__init__.py" and "migrations" not in path.parts}
    assert {name for name in names if name not in page} == set()
