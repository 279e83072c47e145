"""What the documentation names is there."""

from __future__ import annotations

import re

import discord
import pytest

from bot.discord_app.permissions import NEEDED, NEEDED_FOR_THREADS
from tests.conftest import ROOT

PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/announcements.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/command-line.md",
    "docs/corpus.md",
    "docs/operations.md",
    "docs/reading.md",
    "docs/settings.md",
]


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders_that_a_page_names_exist(page: str):
    named = re.findall(r"`((?:bot|cogs|tests|tools|docs)/[\w./-]*)", text(page))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_and_pictures_lead_somewhere(page: str):
    links = [*re.findall(r"\]\(([^)#]+)\)", text(page)), *re.findall(r'src="([^"]+)"', text(page))]
    here = (ROOT / page).parent
    assert [
        link for link in links if not link.startswith(("http:", "https:")) and not (here / link).exists()
    ] == []


def test_every_target_of_make_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    named = {
        target for page in PAGES for target in re.findall(r"(?:`|^)make ([a-z-]+)", text(page), re.MULTILINE)
    }
    assert named
    assert named <= targets


def test_make_help_names_every_target():
    makefile = text("Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) - {"help", "tables-check"}
    assert {target for target in targets if f'"make {target} ' not in makefile} == set()


def test_the_readme_shows_three_pictures():
    assert set(re.findall(r'src="docs/(\w+)\.png"', text("README.md"))) == {
        "search",
        "author",
        "announcement",
    }


def test_no_file_names_a_package_registry():
    files = [ROOT / name for name in ("requirements.lock", "pyproject.toml", "Makefile", ".ci/run")]
    files.append(ROOT / ".pre-commit-config.yaml")
    for file in files:
        assert not re.search(
            r"--(?:extra-)?index-url [^-]|--find-links [^-]|pypi\.|pythonhosted", file.read_text("utf-8")
        ), file


def test_the_invitation_grants_what_the_options_need():
    (granted,) = re.findall(r"permissions=(\d+)", text("README.md"))
    assert discord.Permissions(int(granted)) >= NEEDED | NEEDED_FOR_THREADS
