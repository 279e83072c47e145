"""Commands typed as one line of text, such as "/compare first:Pan Pan second:Kun Yuan"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from discord import AppCommandOptionType, AppCommandType, app_commands

from bot.discord_app.command_tree import BadInputError
from bot.discord_app.safe_text import fit, plain, safe

Tree = app_commands.CommandTree[Any]
Command = app_commands.Command[Any, ..., Any]
Group = app_commands.Group
Parameter = app_commands.Parameter

Find = Callable[[AppCommandOptionType, str], object | None]
"""(kind of option, a name without its # or @) -> the channel, role or member; None where there is none."""

_MAX_QUOTED = 80
_YES_AND_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command by its whole name, such as "notify add", and the values of its options."""

    name: str
    options: Mapping[str, object]


def read_line(tree: Tree, typed: str, find: Find) -> TypedCommand | None:
    """The command that a line asks for; None where it does not begin with a slash.

    An option is written as its name, a colon and its value. What stands before the first of them is
    the value of the first option that the command needs.

    Raises:
        BadInputError: there is no such command or option, a value cannot be, or a needed option lacks.

    """
    words = plain(typed)
    if not words.startswith("/"):
        return None
    command, rest = _command(tree, words.removeprefix("/"))
    given = _options(command, rest)
    lacking = [each.display_name for each in command.parameters if each.required and each.name not in given]
    if lacking:
        raise BadInputError(f"/{command.qualified_name} lacks {_listed(lacking)}. {_usage(command)}")
    values = {
        each.display_name: _value(each, given[each.name], find)
        for each in command.parameters
        if each.name in given
    }
    return TypedCommand(command.qualified_name, values)


def _command(tree: Tree, words: str) -> tuple[Command, str]:
    name, _, rest = words.partition(" ")
    found = tree.get_command(name.casefold())
    if found is None:
        known = _listed([f"/{each.name}" for each in tree.get_commands(type=AppCommandType.chat_input)])
        raise BadInputError(f"There is no command /{_quoted(name)}. There are {known}.")
    while isinstance(found, Group):
        name, _, rest = rest.partition(" ")
        child = found.get_command(name.casefold())
        if child is None:
            known = _listed([each.name for each in found.commands])
            missing = f"has no {_quoted(name)}: " if name else "is followed by "
            raise BadInputError(f"/{found.qualified_name} {missing}one of {known}.")
        found = child
    return found, rest.strip()


def _options(command: Command, words: str) -> dict[str, str]:
    """The options that are given, by name, and their values as typed."""
    by_name = {each.display_name.casefold(): each for each in command.parameters}
    if words and not by_name:
        raise BadInputError(f"/{command.qualified_name} takes no options: type it alone.")
    names = "|".join(re.escape(name) for name in sorted(by_name, key=len, reverse=True))
    marks = list(re.finditer(rf"(?:^|(?<=\s))({names}):", words, re.IGNORECASE)) if names else []
    ends = [*(mark.start() for mark in marks[1:]), len(words)]
    given: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True) if marks else ():
        option, value = by_name[mark[1].casefold()], words[mark.end() : end].strip()
        if option.name in given:
            raise BadInputError(f"{option.display_name} is given twice.")
        if not value:
            raise BadInputError(f"{option.display_name} is empty: type its value after the colon.")
        given[option.name] = value
    unnamed = words[: marks[0].start() if marks else len(words)].strip()
    if unnamed:
        given[_taker(command, given, unnamed)] = unnamed
    return given


def _taker(command: Command, given: Mapping[str, str], unnamed: str) -> str:
    """The option to which a value without a name belongs: one that is needed, or else the first text."""
    needed = [each for each in command.parameters if each.required]
    texts = [each for each in command.parameters if each.type is AppCommandOptionType.string]
    free = [each.name for each in needed or texts[:1] if each.name not in given]
    if not free:
        raise BadInputError(f"“{_quoted(unnamed)}” belongs to no option. {_usage(command)}")
    return free[0]


def _value(option: Parameter, text: str, find: Find) -> object:
    if option.choices:
        return _choice(option, text)
    match option.type:
        case AppCommandOptionType.string:
            return text
        case AppCommandOptionType.integer | AppCommandOptionType.number:
            try:
                return int(text) if option.type is AppCommandOptionType.integer else float(text)
            except ValueError:
                raise BadInputError(f"{option.display_name}: “{_quoted(text)}” is no number.") from None
        case AppCommandOptionType.boolean:
            if text.casefold() not in _YES_AND_NO:
                raise BadInputError(f"{option.display_name}: type true or false.")
            return _YES_AND_NO[text.casefold()]
        case AppCommandOptionType.attachment:
            raise BadInputError(
                f"{option.display_name}: a file cannot be typed. Type /, choose the command from the list, "
                "and attach the file there."
            )
        case _:
            found = find(option.type, text.lstrip("#@"))
            if found is None:
                kind = option.type.name
                raise BadInputError(f"{option.display_name}: there is no {kind} “{_quoted(text)}” here.")
            return found


def _choice(option: Parameter, text: str) -> object:
    """The value of a choice that is typed as Discord shows it, as its first word, or as its value."""
    wanted = text.casefold()
    for choice in option.choices:
        name = choice.name.casefold()
        if wanted in {name, name.partition(":")[0], str(choice.value).casefold()}:
            return choice.value
    known = _listed([choice.name.partition(":")[0] for choice in option.choices])
    raise BadInputError(f"{option.display_name}: “{_quoted(text)}” is none of {known}.")


def _usage(command: Command) -> str:
    needed = [f" {each.display_name}:…" for each in command.parameters if each.required]
    others = [each.display_name for each in command.parameters if not each.required]
    words = f"Type /{command.qualified_name}{''.join(needed)}"
    return f"{words}; it also takes {_listed(others)}." if others else f"{words}."


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def _quoted(text: str) -> str:
    return fit(safe(text), _MAX_QUOTED)
