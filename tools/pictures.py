"""The README's pictures, taken anew from the local page in a headless Chromium: make pictures."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.page import TRIAL_ENVIRONMENT, Trial, opened, type_line

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WIDTH, HEIGHT = 760, 1600
"""Of the window, in pixels: high enough that a whole card is seen without scrolling."""


def _take(page: Page, words: str, name: str) -> None:
    """Save the newest message of the bot that has its name above it and these words in it."""
    of_the_bot = page.locator("article.channel-message", has=page.locator(".message-app-badge"))
    message = of_the_bot.filter(has_text=words).last
    expect(message).to_be_visible()
    # The chart of a card is loaded after it, and then drawn from memory.
    page.wait_for_load_state("networkidle")
    for image in page.locator("img").all():
        expect(image).to_have_js_property("complete", True)
        expect(image).not_to_have_js_property("naturalWidth", 0)
    page.mouse.move(0, 0)
    message.screenshot(path=DOCS / name, animations="disabled")
    print(f"Wrote docs/{name}")


def main() -> int:
    """Take all three; the exit code is 2 without Chromium."""
    if shutil.which("chromium") is None:
        print("Chromium is not installed (Debian: apt-get install chromium).", file=sys.stderr)
        return 2
    with Trial.running(ROOT) as trial:
        with opened(trial.address, width=WIDTH, height=HEIGHT) as page:
            type_line(page, "/papers decentralized")
            _take(page, "DecentLaM", "search.png")
            type_line(page, "/author Pan Pan")
            _take(page, "h-index", "author.png")
        with opened(trial.news_address, width=WIDTH, height=HEIGHT) as page:
            subprocess.run(  # noqa: S602 - a line for a shell, printed by ourselves
                trial.import_command,
                shell=True,
                cwd=ROOT,
                env=TRIAL_ENVIRONMENT,
                check=True,
                stdout=subprocess.DEVNULL,
            )
            _take(page, "New, and matches", "announcement.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
