"""What stands in a message: whether Discord would take it, and what a reader sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any


def problem_of(body: dict[str, Any]) -> str | None:
    """Why Discord would answer 400."""
    components = list(walk(body.get("components", [])))
    text = sum(len(component.get("content", "")) for component in components)
    if not 1 <= len(components) <= 40:
        return f"components: {len(components)} of at most 40"
    if text > 4000:
        return f"components: {text} characters of at most 4000"
    if len(str(body.get("nonce", ""))) > 25:
        return "nonce: at most 25 characters"
    ids = [component["custom_id"] for component in components if "custom_id" in component]
    if len(ids) != len(set(ids)) or any(len(custom_id) > 100 for custom_id in ids):
        return "custom_id: unique, at most 100 characters"
    return None


def walk(components: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """All components at any depth."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        if component.get("accessory"):
            yield from walk([component["accessory"]])


def papers_in(components: Iterable[dict[str, Any]]) -> set[int]:
    """The papers that a message shows, by its Details buttons."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for component in walk(components):
        kind, _, rest = str(component.get("custom_id", "")).partition(":")
        if kind == "paper":
            found[kind].add(int(rest.split(":")[0]))
    return found["paper"]


def text_of(message: dict[str, Any]) -> str:
    """All text that a reader sees in a message."""
    return "\n".join(
        component["content"] for component in walk(message["components"]) if "content" in component
    )
