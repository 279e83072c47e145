"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 paper", "1,791 papers", "2 searches"."""
    if noun == "person" and number != 1:
        return f"{number:,} people"
    if noun == "turn to present":
        return f"{number:,} turn{'' if number == 1 else 's'} to present"
    ending = "" if number == 1 else "es" if noun.endswith("ch") else "s"
    return f"{number:,} {noun}{ending}"
