"""Checks of what the bot sends: Discord's published description, and the limits that it lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from tests.conftest import ROOT

DESCRIPTION = ROOT.parent / "shared" / "docs" / "discord-openapi.json"
"""Absent outside the workshop; then only the limits are checked."""

ROUTES = [
    (
        "POST",
        r"/interactions/\d+/[^/]+/callback",
        "/interactions/{interaction_id}/{interaction_token}/callback",
    ),
    (
        "PATCH",
        r"/webhooks/\d+/[^/]+/messages/@original",
        "/webhooks/{webhook_id}/{webhook_token}/messages/@original",
    ),
    ("POST", r"/channels/\d+/messages", "/channels/{channel_id}/messages"),
    ("POST", r"/channels/\d+/threads", "/channels/{channel_id}/threads"),
    ("PATCH", r"/channels/\d+", "/channels/{channel_id}"),
    ("POST", r"/webhooks/\d+/[^/]+", "/webhooks/{webhook_id}/{webhook_token}"),
    ("PUT", r"/applications/\d+/commands", "/applications/{application_id}/commands"),
]
BODY_SCHEMA = ("requestBody", "content", "application/json", "schema")
SECTION, TEXT, BUTTON, SELECT = 9, 10, 2, 3
IS_V2 = 1 << 15
ANSWERED, DEFERRED = 4, 5


class Descriptions:
    """The published descriptions of request bodies."""

    @property
    def known(self) -> bool:
        return DESCRIPTION.exists()

    @cached_property
    def _document(self) -> dict[str, Any]:
        import orjson

        return orjson.loads(DESCRIPTION.read_bytes())

    @cached_property
    def _validators(self) -> dict[tuple[str, str], Any]:
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT202012

        registry = Registry().with_resource(
            "urn:discord", Resource.from_contents(self._document, default_specification=DRAFT202012)
        )
        validators: dict[tuple[str, str], Any] = {}
        for method, _pattern, path in ROUTES:
            pointer = "/".join(
                part.replace("~", "~0").replace("/", "~1")
                for part in [
                    "paths",
                    path,
                    method.lower(),
                    "requestBody",
                    "content",
                    "application/json",
                    "schema",
                ]
            )
            pointer = pointer.replace("{", "%7B").replace("}", "%7D")
            validators[method, path] = Draft202012Validator(
                {"$ref": f"urn:discord#/{pointer}"}, registry=registry
            )
        return validators

    @cached_property
    def _sound(self) -> set[tuple[str, str, bytes]]:
        """Bodies that are valid; every bot tells Discord the same commands, which takes long to check."""
        return set()

    def problems(self, method: str, path: str, body: Any) -> list[str]:
        """What the description says against this body; nothing for routes that the bot need not know."""
        import orjson

        for known_method, pattern, template in ROUTES:
            if known_method == method and re.fullmatch(pattern, path):
                checked = (method, template, orjson.dumps(body))
                if checked in self._sound:
                    return []
                found = [
                    f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
                    for error in self._validators[method, template].iter_errors(body)
                    if not _is_false_alarm(error)
                ]
                if not found:
                    self._sound.add(checked)
                return found
        return []


def _is_false_alarm(error: Any) -> bool:
    """discord.py numbers the files of a message; the description knows ids as strings alone."""
    return [type(part) for part in error.absolute_path] == [str, int, str] and (
        (error.absolute_path[0], error.absolute_path[2]) == ("attachments", "id")
    )


def check_requests(requests: Iterable[Any], descriptions: Descriptions) -> None:
    """Every body is valid, and within the limits that the description lacks; no mention is allowed."""
    for request in requests:
        if request.json is None:
            continue
        if descriptions.known:
            assert descriptions.problems(request.method, request.path, request.json) == [], request.path
        for message in messages_of(request):
            check_message(message)


def messages_of(request: Any) -> Iterator[dict[str, Any]]:
    body = request.json
    if re.fullmatch(r"/interactions/\d+/[^/]+/callback", request.path):
        if body["type"] in {4, 7}:
            yield body["data"]
    elif request.path.startswith("/webhooks/") and request.method in {"POST", "PATCH"}:
        yield body


def check_message(message: dict[str, Any]) -> None:
    assert len(message.get("content") or "") <= 2000
    assert message["allowed_mentions"] == {"parse": []}
    components = list(walk(message.get("components") or []))
    assert len(components) <= 40
    assert sum(len(each["content"]) for each in components if each["type"] == TEXT) <= 4000
    custom_ids = [each["custom_id"] for each in components if "custom_id" in each]
    assert len(custom_ids) == len(set(custom_ids))
    assert all(1 <= len(custom_id) <= 100 for custom_id in custom_ids)
    for each in components:
        if each["type"] == TEXT:
            assert each["content"].strip()
        if each["type"] == BUTTON:
            assert 1 <= len(each.get("label") or "") <= 80
            assert len(each.get("url") or "") <= 512
        if each["type"] == SELECT:
            assert 1 <= len(each["options"]) <= 25
            for option in each["options"]:
                assert 1 <= len(option["label"]) <= 100
                assert len(option.get("description") or "") <= 100
    if any(each["type"] == TEXT for each in components):
        assert message.get("flags", 0) & IS_V2
        assert not message.get("content")


def walk(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All components, nested ones included."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        if "accessory" in component:
            yield from walk([component["accessory"]])


def text_of(message: Any) -> str:
    """What a person reads in a message."""
    assert message is not None
    parts = [each["content"] for each in walk(message.components) if each["type"] == TEXT]
    return "\n".join([message.content, *parts] if message.content else parts)


def buttons_of(message: Any) -> dict[str, dict[str, Any]]:
    """The buttons of a message by label; the last where several have one label."""
    assert message is not None
    return {each["label"]: each for each in walk(message.components) if each["type"] == BUTTON}


def custom_ids_of(message: Any, label: str) -> list[str]:
    """The custom_ids of all buttons with this label."""
    return [
        each["custom_id"]
        for each in walk(message.components)
        if each["type"] == BUTTON and each["label"] == label
    ]


def menu_of(message: Any) -> dict[str, Any]:
    """The one menu of a message."""
    (menu,) = [each for each in walk(message.components) if each["type"] == SELECT]
    return menu


def first_answers(env: Any) -> list[int]:
    """The types of the first answers to all interactions, in order."""
    return [request.json["type"] for request in env.http_requests if request.path.endswith("/callback")]
