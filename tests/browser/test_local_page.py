"""The first thing that a newcomer sees: `papercord try`, and its page in a browser."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.page import TRIAL_ENVIRONMENT, Trial, opened, trial_command, type_command, type_line
from tests.conftest import ROOT


def test_it_prints_what_to_do_and_ctrl_c_closes_the_port(tmp_path: Path):
    with Trial.running(tmp_path) as trial:
        assert "26 papers are loaded. Type there: /papers decentralized" in trial.greeting
        assert "PAPERCORD_DATA_DIR=" in trial.import_command
        folder = Path(trial.import_command.split("PAPERCORD_DATA_DIR=")[1].split()[0])
        assert folder.is_dir()
        code, out, err = trial.stop()
        assert (code, err) == (0, "")
        assert "Closed" in out
        assert not folder.exists()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(trial.address).port)) != 0


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        run = subprocess.run(
            trial_command("--port", port),
            cwd=tmp_path,
            env=TRIAL_ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 2
    assert run.stderr.startswith(f"papercord: Port {port} cannot be used")
    assert len(run.stderr.splitlines()) == 1


def test_typing_papers_decentralized_answers_with_the_three_papers(tmp_path: Path):
    with Trial.running(tmp_path) as trial, opened(trial.address) as page:
        expect(page.locator("#channel-message-list")).to_contain_text("/papers")
        type_command(page, "papers", "decentralized")
        answer = page.locator("#channel-message-list")
        expect(answer).to_contain_text("DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training")
        expect(answer).to_contain_text(
            "Exponential Graph is Provably Efficient for Decentralized Deep Training"
        )
        expect(answer).to_contain_text("Revisiting Optimal Convergence Rate for Smooth and Non-convex")
        expect(answer.get_by_role("button", name="Details")).to_have_count(3)
        expect(answer.locator("strong", has_text="decentralized").first).to_be_visible()


def test_a_line_that_lacks_an_option_is_answered_and_so_is_what_follows(tmp_path: Path):
    with Trial.running(tmp_path) as trial, opened(trial.address) as page:
        messages = page.locator("#channel-message-list")
        type_line(page, "/compare Pan Pan, Kun Yuan")
        expect(messages).to_contain_text("/compare lacks second. Type /compare first:… second:…")
        type_line(page, "/notify list channel:#new-papers")
        expect(messages).to_contain_text("1 subscription")
        type_line(page, "/compare first:Pan Pan second:Kun Yuan")
        expect(messages).to_contain_text("co-authors of both")
        code, out, err = trial.stop()
        assert (code, err) == (0, "")
        assert "Closed" in out


def test_the_printed_command_brings_the_news_as_it_stands(tmp_path: Path):
    with Trial.running(ROOT) as trial, opened(trial.news_address) as page:
        messages = page.locator("#channel-message-list")
        expect(messages).to_contain_text("Here the news arrives")
        done = subprocess.run(
            trial.import_command,
            shell=True,
            cwd=ROOT,
            env=TRIAL_ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "4 added" in done.stdout
        for title in ("Wan-Animate", "Efficient Long-Context LLM Inference", "DFVEdit", "RoPeSLR"):
            expect(messages).to_contain_text(title, timeout=10_000)
        expect(messages.get_by_role("button", name="BibTeX")).to_have_count(4)


def test_papers_imported_from_another_terminal_are_posted_in_the_channel_of_news(tmp_path: Path):
    paper = {
        "id": "n1",
        "title": "A Gossip Protocol for Reading Groups",
        "authors": ["Ada Example", "Pan Pan"],
        "date": "2026-03-01",
        "categories": ["cs.LG"],
        "abstract": "We let papers travel by word of mouth.",
    }
    (tmp_path / "news.jsonl").write_text(json.dumps(paper) + "\n", encoding="utf-8")
    with Trial.running(tmp_path) as trial, opened(trial.news_address) as page:
        messages = page.locator("#channel-message-list")
        expect(messages).to_contain_text("Here the news arrives")
        folder = trial.import_command.split("PAPERCORD_DATA_DIR=")[1].split()[0]
        subprocess.run(
            [sys.executable, "-m", "bot", "import", "news.jsonl"],
            cwd=tmp_path,
            env={**TRIAL_ENVIRONMENT, "PAPERCORD_DATA_DIR": folder},
            capture_output=True,
            timeout=60,
            check=True,
        )
        expect(messages).to_contain_text("A Gossip Protocol for Reading Groups", timeout=10_000)
        expect(messages).to_contain_text("We let papers travel by word of mouth")
        expect(messages.get_by_role("button", name="BibTeX")).to_be_visible()
