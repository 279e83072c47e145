"""`papercord try` as a process, and its page in a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import ROOT

BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
]
TRIAL_ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def trial_command(*arguments: str) -> list[str]:
    """The command line of a trial that opens no browser of its own."""
    return [sys.executable, "-m", "bot", "try", "--no-browser", *arguments]


class Trial:
    """A running `papercord try`: what it printed, and how it ends."""

    def __init__(self, process: subprocess.Popen[str], greeting: list[str]) -> None:
        self.process = process
        self.greeting = greeting

    @property
    def address(self) -> str:
        return next(word for line in self.greeting for word in line.split() if word.startswith("http://"))

    @property
    def news_address(self) -> str:
        return next(line.split()[-1] for line in self.greeting if "#new-papers" in line)

    @property
    def import_command(self) -> str:
        return next(line.strip() for line in self.greeting if "PAPERCORD_DATA_DIR=" in line)

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *arguments: str) -> Iterator[Self]:
        """Start it in `folder`, wait until it says that Ctrl-C ends it, and end it at last."""
        process = subprocess.Popen(
            trial_command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=TRIAL_ENVIRONMENT,
        )
        try:
            assert process.stdout is not None
            greeting: list[str] = []
            for line in process.stdout:
                greeting.append(line.rstrip("\n"))
                if line.startswith("Ctrl-C"):
                    break
            else:
                pytest.fail(f"it ended at once: {greeting} {process.communicate()[1]}")
            yield cls(process, greeting)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    def stop(self) -> tuple[int, str, str]:
        """Press Ctrl-C; answers the exit code and what was printed since on stdout and stderr."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


@contextmanager
def opened(address: str, *, width: int = 1100, height: int = 900) -> Iterator[Page]:
    """The page in Debian's Chromium; skips the test where there is none."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(address)
        expect(page.locator("#channel-composer-input")).to_be_visible()
        yield page
        browser.close()


def type_line(page: Page, line: str) -> None:
    """Write a whole line at once, as when it is pasted, and send it as a message."""
    page.locator("#channel-composer-input").click()
    page.keyboard.insert_text(line)
    # It is enabled once the page has asked which command the line may be.
    page.get_by_role("button", name="Send").click()


def type_command(page: Page, command: str, option: str) -> None:
    """Type a slash command with its first option, letter by letter as a person does, and send it."""
    page.locator("#channel-composer-input").click()
    page.keyboard.type(f"/{command}")
    expect(page.locator(".command-entry.is-active")).to_contain_text(f"/{command}")
    page.keyboard.press("Enter")
    # So slowly that each letter is looked up, and the world outside goes on meanwhile.
    page.keyboard.type(option, delay=300)
    expect(page.locator(".command-popup-heading")).to_have_text(f"OPTIONS MATCHING {option.upper()}")
    expect(page.locator(".command-suggestion").first).to_be_visible()
    expect(page.locator("#action-status")).to_have_text("Action completed")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
