"""What reading a file yields: papers, the author's profile, refused rows, and remarks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.corpus.paper import AuthorProfile, PaperRecord


@dataclass(frozen=True, slots=True)
class PaperRead:
    """A paper, and the line on which it begins, counted from 1."""

    line: int
    record: PaperRecord


@dataclass(frozen=True, slots=True)
class ProfileRead:
    """What a page reports of its author."""

    line: int
    profile: AuthorProfile


@dataclass(frozen=True, slots=True)
class RowRefused:
    """A row that cannot be read, and why."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that was read with a reservation."""

    line: int | None
    text: str


Item = PaperRead | ProfileRead | RowRefused | Remark
