"""What is wrong with a row, in words for whoever made the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

_NOT_A_NUMBER = re.compile(rb"[\[:,]\s*(-?(?:NaN|Infinity))\b")
_LONE_SURROGATE = re.compile(r"lone|surrogate", re.IGNORECASE)
_EXPECTED_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "finite_number": "a finite number",
}
_KINDS: Mapping[str, str] = {
    "str": "a text",
    "list": "a list",
    "dict": "an object",
    "bool": "true or false",
    "NoneType": "null",
}


def json_problem(line: bytes, error: orjson.JSONDecodeError) -> str:
    """Why a line is no JSON."""
    if b"\x00" in line:
        return "the line has NUL bytes, so the file is damaged or no text"
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return f"the line is not UTF-8: byte 0x{line[wrong.start]:02x} at place {wrong.start + 1:,}"
    if found := _NOT_A_NUMBER.search(line):
        return f"the line has {found[1].decode()}, which is no number in JSON; write null"
    message = str(error.msg)
    if _LONE_SURROGATE.search(message):
        return "a text has half of a surrogate pair (such as \\ud800), which is no character"
    if "recursion" in message.lower() or "depth" in message.lower():
        return "the line is nested too deeply"
    if "end of data" in message or "end of input" in message or error.pos >= len(line.decode()):
        return "the line ends in the middle of its object"
    return f"the line is not JSON: {message} at character {error.pos + 1:,}"


def validation_problem(error: ValidationError) -> str:
    """What is wrong with the keys of a row."""
    # A key that may be of several types reports one problem for each.
    by_key: dict[str, list[Mapping[str, Any]]] = {}
    for problem in error.errors(include_url=False):
        by_key.setdefault(_key(problem["loc"]), []).append(problem)
    return "; ".join(_sentence(key, problems) for key, problems in by_key.items())


def _key(location: tuple[int | str, ...]) -> str:
    """The key in a row, and the entry of its list counted from 1."""
    key = f'"{location[0]}"'
    return f"{key}, entry {location[1] + 1}" if len(location) > 1 and isinstance(location[1], int) else key


def _sentence(key: str, problems: list[Mapping[str, Any]]) -> str:
    first = problems[0]
    if key.startswith('"author_ids", '):
        return f'{key} must be a text, null, or an object with the texts "scheme" and "value"'
    if first["type"] == "missing":
        return f"{key} is missing"
    wanted = dict.fromkeys(_EXPECTED_TYPES.get(problem["type"], "") for problem in problems)
    given = first["input"]
    if "" in wanted:
        return f"{key} cannot be read: {first['msg']}"
    return f"{key} must be {' or '.join(wanted)}, not {_kind(given)}"


def _kind(value: object) -> str:
    """What stands there instead; a number is named as it is."""
    return _KINDS.get(type(value).__name__) or str(value)[:40]
