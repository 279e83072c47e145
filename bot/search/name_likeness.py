"""How well two names fit: who may be meant by a name that is not exact."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from anyascii import anyascii
from rapidfuzz.distance import DamerauLevenshtein


def _pairs(table: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in table.split(","))
    return {sign: tuple(written) for signs, *written in entries for sign in signs}


FAMILY_NAMES = _pairs(
    """
    김 kim, 이 lee yi rhee, 박 park pak, 최 choi, 정 jung jeong chung, 강 kang, 조 cho jo, 윤 yoon yun,
    장 jang chang, 임 lim im, 오 oh, 서 seo suh, 신 shin, 권 kwon, 황 hwang, 안 ahn, 류유 yoo ryu you,
    전 jeon jun chun, 고 ko koh, 문 moon, 손 son sohn, 배 bae, 백 baek paik, 허 heo hur huh, 심 shim,
    노 noh roh, 곽 kwak, 성 sung seong, 주 joo ju, 우 woo, 구 koo, 민 min, 천 cheon chun, 공 kong gong,
    현 hyun, 변 byun, 염 yeom, 길 gil kil, 선 sun, 여 yeo, 추 choo, 엄 eom um, 원 won, 명 myung, 금 keum,
    李 lee, 王 wong, 张張 cheung chang, 陈陳 chan, 刘劉 lau, 杨楊 yeung young, 黄黃 wong, 赵趙 chiu chao,
    吴吳 ng wu, 周 chow chou, 徐 hsu tsui, 孙孫 suen, 朱 chu, 马馬 mah, 胡 woo, 郭 kwok kuo, 林 lam lim,
    何 ho, 高 ko kao, 梁 leung, 郑鄭 cheng chang, 罗羅 law lo, 宋 sung, 谢謝 tse hsieh, 许許 hui hsu,
    邓鄧 tang teng, 曹 tsao cho, 曾 tsang tseng, 彭 pang, 肖 xiao hsiao, 萧蕭 siu hsiao, 蔡 choi tsai,
    潘 poon pan, 吕呂 lyu lv lu, 叶葉 yip yeh, 余 yu yue, 江 kong chiang, 蒋蔣 chiang, 钟鍾 chung,
    姜 chiang, 卢盧 lo, 丁 ting, 邱 yau chiu, 廖 liu liao, 洪 hung, 石 shek shih, 庄莊 chong chuang
    """
)
"""The character of a family name, and how it is also written in Latin letters."""


MOST_PARTS = 12
"""Of a name that are compared."""
_JOINED_FROM = 4
"""Letters of the shortest name whose parts may be joined or parted otherwise."""
_SYLLABLES = re.compile(r"[A-Z]?[^A-Z\W]+|[A-Z]")
_WRONG_LETTER_FROM = 3
"""Characters of the shortest part that may have a wrong letter."""
_SHARED_FROM = 2
"""Characters of the shortest part that counts as shared: an initial does not."""


class Fit(IntEnum):
    """How a typed name fits, best first."""

    SAME_PARTS = 0
    """The same parts, perhaps in another order."""
    SHORTENED = 1
    """Every typed part is one of the name, begins one, or is written there as an initial."""
    MISSPELT = 2
    """As before, with one wrong letter in a part."""
    SHARES = 3
    """At least one part in common."""


@dataclass(frozen=True, slots=True, order=True)
class Likeness:
    """A fit with what orders several of them; the least is the best."""

    fit: Fit
    flaws: int
    """Typed parts that are not whole parts of the name."""


def likeness(typed_key: str, name_key: str) -> Likeness | None:
    """Judge how well a typed name fits a name, both folded; None where they have nothing in common.

    A name in another script is also judged as it is written in Latin letters, but never as the same.
    """
    found = _likeness(typed_key.split()[:MOST_PARTS], name_key.split())
    if found is not None and found.fit is Fit.SAME_PARTS:
        return found
    both = [
        (typed[:MOST_PARTS], parts)
        for typed in latin_writings(typed_key)
        for parts in latin_writings(name_key)
    ]
    if any(not joined_spellings(typed).isdisjoint(joined_spellings(parts)) for typed, parts in both):
        return Likeness(Fit.SAME_PARTS, 1)
    if not (typed_key.isascii() and name_key.isascii()):
        judged = [one for typed, parts in both if (one := _likeness(typed, parts)) is not None]
        latin = [Likeness(max(one.fit, Fit.SHORTENED), one.flaws + 1) for one in judged]
        return min([*latin, found] if found is not None else latin, default=None)
    return found


def latin_parts(name_key: str) -> list[str]:
    """The parts of a name in Latin letters; each character of Chinese or Korean is a part of its own."""
    if name_key.isascii():
        return name_key.split()
    return [part.lower() for word in anyascii(name_key).split() for part in _SYLLABLES.findall(word)]


def latin_writings(name_key: str) -> list[list[str]]:
    """The parts of a name in Latin letters, in each way in which its family name is commonly written."""
    parts = latin_parts(name_key)
    others = FAMILY_NAMES.get(name_key[:1], ())
    return [parts, *([family, *parts[1:]] for family in others if parts[0] != family)]


def joined_spellings(parts: Sequence[str]) -> set[str]:
    """The letters of a name without spaces, in either order: those of "Xiao Ming Li" and "Li Xiaoming"."""
    whole = "".join(parts)
    if len(whole) < _JOINED_FROM:
        return set()
    first, last = parts[0], parts[-1]
    return {whole, f"{last}{whole[: len(whole) - len(last)]}", f"{whole[len(first) :]}{first}"}


def _likeness(typed: list[str], parts: list[str]) -> Likeness | None:
    not_whole, left = _take(typed, parts, _same)
    not_begun, left_begun = _take(not_whole, left, _begins)
    not_short, left_short = _take(not_begun, left_begun, _is_written_short)
    not_similar, _ = _take(not_short, left_short, _differs_by_a_letter)
    # Initials alone are anybody's.
    if not typed or len(not_similar) == len(typed) or (not not_short and len(not_begun) == len(typed)):
        return None
    if not not_whole:
        return Likeness(Fit.SHORTENED if left else Fit.SAME_PARTS, 0)
    if not not_short:
        return Likeness(Fit.SHORTENED, len(not_whole))
    if not not_similar:
        return Likeness(Fit.MISSPELT, len(not_short))
    if any(len(part) >= _SHARED_FROM and part in parts for part in typed):
        return Likeness(Fit.SHARES, len(not_short))
    return None


def _take(
    typed: list[str], parts: list[str], fits: Callable[[str, str], bool]
) -> tuple[list[str], list[str]]:
    """Pair typed parts with parts that fit; answer what stays of both."""
    left = list(parts)
    unmatched: list[str] = []
    for part in typed:
        found = next((other for other in left if fits(part, other)), None)
        if found is None:
            unmatched.append(part)
        else:
            left.remove(found)
    return unmatched, left


def _same(typed: str, part: str) -> bool:
    return typed == part


def _begins(typed: str, part: str) -> bool:
    return part.startswith(typed)


def _is_written_short(typed: str, part: str) -> bool:
    return len(part) == 1 and typed.startswith(part)


def _differs_by_a_letter(typed: str, part: str) -> bool:
    return (
        len(typed) >= _WRONG_LETTER_FROM
        and len(part) >= _SHARED_FROM
        and DamerauLevenshtein.distance(typed, part, score_cutoff=1) <= 1
    )
