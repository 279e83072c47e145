"""The checks of what the bot sends must themselves be able to fail."""

from __future__ import annotations

import pytest

from tests.conftest import shared_path
from tests.discord_app.requests import check_message

NONE_MENTIONED = {"parse": []}


def text(content: str) -> dict:
    return {"type": 10, "content": content}


def button(**parts: object) -> dict:
    return {"type": 1, "components": [{"type": 2, "style": 2, "label": "x", "custom_id": "x", **parts}]}


def test_discords_description_refuses_a_wrong_body_and_takes_a_right_one(descriptions):
    shared_path("docs/discord-openapi.json")
    edit = ("PATCH", "/webhooks/1/token/messages/@original")
    right = {"components": [text("x"), button()], "allowed_mentions": NONE_MENTIONED, "flags": 1 << 15}
    assert descriptions.problems(*edit, right) == []
    wrong = {**right, "components": [text("x"), button(label="x" * 81)]}
    assert descriptions.problems(*edit, wrong) != []
    command = {"name": "papers", "description": "d" * 101, "type": 1}
    assert descriptions.problems("PUT", "/applications/1/commands", [command]) != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": "x" * 2001},
        {"content": "x", "allowed_mentions": {"parse": ["everyone"]}},
        {"components": [text("x" * 4001)]},
        {"components": [text("x")] * 41},
        {"components": [text("x"), button(), button()]},
        {"components": [text("x"), button(custom_id="x" * 101)]},
        {"components": [text("x")], "content": "x"},
        {"components": [text("x")], "flags": 0},
    ],
)
def test_a_message_beyond_a_limit_is_found(wrong):
    with pytest.raises(AssertionError):
        check_message({"allowed_mentions": NONE_MENTIONED, "flags": 1 << 15, **wrong})
