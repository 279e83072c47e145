"""Name frequency: how many people are expected to bear a name, estimated from a collection of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Self

from anyascii import anyascii

from bot.disambiguation.name_forms import NameForm, form_of


def _shares(table: str) -> dict[str, float]:
    pairs = (entry.split() for entry in table.split(","))
    return {name: int(number) / 100_000 for name, number in pairs}


SURNAMES = _shares(
    """
    wang 2271, li 2149, zhang 2097, chen 1686, liu 1678, yang 1117, wu 1010, huang 935, xu 930, zhao
    809, zhou 770, kim 760, lee 712, zhu 687, yu 647, lin 626, sun 626, hu 579, he 534, guo 534, ma
    519, jiang 507, lu 474, zheng 470, gao 416, song 410, luo 389, shi 387, tang 385, han 376, xie
    373, liang 335, park 328, cheng 321, wei 320, feng 319, shen 315, yan 307, cao 300, nguyen 295,
    peng 281, fan 279, yuan 269, zeng 267, ye 265, cai 261, xiao 260, jin 258, fu 255, deng 254, pan
    253, dong 247, tan 244, yin 236, du 234, yao 234, ding 230, ren 229, su 222, fang 209, gu 209,
    choi 208, singh 199, kang 198, jia 195, dai 193, zhong 189, tian 186, cui 185, chang 185, hong
    184, qin 181, qiu 178, xia 176, liao 169, wen 167, ji 164, gong 154, xiong 153, bai 153, meng
    149, hou 146, xue 145, mao 145, kumar 144, qian 142, gupta 138, zou 136, wan 136, khan 132, qi
    130, hao 125, duan 123, lv 116, shao 116, tao 115, sharma 113, kong 112, lyu 112, cho 111, guan
    109, jung 106, lei 106, qu 105, le 105, tran 104, ge 102, yi 102, xiang 101, jain 96, lai 94, an
    94, bao 93, lim 93, niu 93, zhan 90, shah 89, jang 88, xing 88, tu 85, patel 85, ni 84, chu 84,
    ahmed 83, tong 83, zhuang 82, you 82, jeong 81, long 81, shin 81, qiao 78, pham 77, das 76, wong
    75, pang 75, miao 75, yue 73, ali 71, lan 71, oh 70, islam 67, yoon 67, hwang 66, agarwal 66,
    rao 66, rahman 65, zhai 64, mei 62, kwon 62, chan 62, jiao 61, shang 61, mishra 61, nie 60, roy
    60, jeon 60, shu 58, hua 58, zuo 57, ouyang 57, jing 57, ghosh 56, seo 56, chung 55, gan 55,
    sheng 54, mo 54, geng 54, shan 53, ling 53, weng 52, smith 52, min 51, pei 51, lou 51, dang 50,
    ning 49, yun 49, garcia 49, bi 47, xi 47, xin 47, hossain 47, hsu 47, rodriguez 46, garg 46,
    joshi 46, ruan 46, chowdhury 45, ho 45, ahn 44, ke 43, mu 43, cohen 42, chai 42, huo 41, ju 41,
    ou 41, bae 41, pu 40, chi 40, ng 40, fei 39, bian 39, thomas 39, ko 39, agrawal 39, ying 39, vu
    39, lian 38, hasan 38, verma 38, muller 38, yoo 38, yadav 38, srivastava 38, saha 38, team 38,
    tsai 38, silva 38, ahmad 38, mehta 37, do 37, brown 37, martin 37, moon 37, ai 36, kulkarni 36,
    gonzalez 35, kuang 35, son 35, pandey 35, gui 34, banerjee 34, mai 33, hassan 33, s 33,
    chakraborty 33, reddy 33, dou 32
    """
)
GIVEN = _shares(
    """
    david 423, michael 391, daniel 335, md 261, thomas 228, alexander 225, mohammad 211, andrew 182,
    yu 180, muhammad 178, ali 176, john 171, martin 170, peter 159, benjamin 145, paul 144, alex
    142, matthew 141, jonathan 141, james 141, wei 136, christian 135, anna 133, yi 132, robert 132,
    marco 127, kevin 125, maria 125, christopher 125, andrea 125, mohamed 124, jan 122, adam 122,
    simon 122, eric 120, mark 116, ahmed 115, patrick 108, sebastian 108, william 106, samuel 105,
    andreas 105, jun 98, li 98, nicolas 98, brian 95, juan 94, chen 94, jose 94, kai 93, amir 93,
    jason 93, luca 92, ivan 91, nicholas 90, hao 89, victor 88, richard 88, francesco 88, joseph 86,
    ryan 86, dan 85, rui 82, chris 81, yang 80, cheng 80, aditya 80, yan 80, jean 80, xin 78, stefan
    78, gabriel 78, mohammed 77, joshua 77, felix 77, tim 77, tom 77, george 75, luis 74, marc 74,
    jonas 73, sara 73, laura 72, lukas 72, dong 72, antonio 72, jin 71, bo 71, yuan 71, matteo 71,
    sarah 71, lucas 71, jacob 70, aaron 69, adrian 69, pierre 69, max 69, alessandro 67, ming 67,
    steven 67, jing 66, jian 66, vincent 66, jia 66, lei 65, michal 65, ben 64, julian 64, han 64,
    oliver 63, xiao 63, minh 62, qi 62, wen 62, charles 62, julia 61, peng 61, hong 61, johannes 61,
    florian 61, pedro 61, lin 60, maximilian 60, yong 59, christoph 59, miguel 59, rahul 59, jie 59,
    alberto 58, ying 58, anthony 58, min 58, yue 58, zheng 58, justin 58, tao 57, alexandre 57,
    emily 57, markus 57, sam 57, fabian 57, matthias 57, liang 56, yifan 56, manuel 56, philipp 56,
    joao 56, federico 55, yun 55, lorenzo 55, xinyu 55, chao 55, philip 55, carlos 55, tobias 54,
    sai 54, nathan 54, frank 54, diego 54, hui 53, stefano 53, ana 53, javier 53, chun 53, xu 52,
    amit 52, ahmad 52, abhishek 52, chi 51, xiang 51, sean 51, stephen 51, bin 51, syed 51, ting 51,
    wang 50, pablo 50, sheng 50, elena 50, zhen 50, fabio 50, scott 50, yao 50, francisco 50, feng
    49, omar 49, fei 49, jack 49, zhi 49, ji 48, giovanni 48, andre 48, ian 47, long 47, alan 47,
    andrei 46, chang 46, bowen 46, rafael 46, kun 46, erik 46, davide 45, lu 45, timothy 45, ethan
    45, mario 45, jeremy 45, yiming 44, fan 44, ke 44, nikhil 44, jeffrey 43, robin 43, dominik 43,
    nikita 43, jennifer 43, xuan 42, mahdi 42, jiahao 42, jiayi 42, haoran 42, roman 42, ye 42,
    alejandro 42, roberto 42, nick 42, giuseppe 42, meng 42, anton 42, guillaume 42, eduardo 42,
    pranav 42, xi 41, yuchen 41, qing 41, zhiyuan 41, riccardo 41, zhe 40, tong 40, qian 40
    """
)


POPULATION = 1_000_000
"""People among whom the bearers of a name are counted: about as many as publish in computer science."""


_BACKGROUND = 2_000
"""How many names the general shares weigh as much as: they decide where few names are at hand."""
_RARE_SURNAME, _RARE_GIVEN = 5e-5, 1e-4
"""The general share of a name that is not among the common ones."""
_MOST_REMEMBERED = 500_000
_INITIAL = 1 / 15
"""The general share of a first letter."""


class NameFrequency:
    """The frequencies of given names and family names among distinct names.

    The expected bearers of a name are population x share of the family name x share of the given
    name, as if both were independent. The shares are of distinct names, so that a prolific author
    counts once, and of the others: that a name is there says nothing of how many bear it.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Count the parts of names.

        Args:
            names: Each folded name once.

        """
        self._total = self._written = 0
        self._surnames, self._given = Counter[str](), Counter[str]()
        self._first, self._initials = Counter[str](), Counter[str]()
        for form in map(form_of, names):
            if not form.given:
                continue
            self._total += 1
            self._surnames[form.surname] += 1
            if len(form.first) > 1:
                self._written += 1
                self._given[form.given_name] += 1
                self._first[form.first] += 1
                self._initials[form.first[0]] += 1
        self._remembered: dict[str, float] = {}

    def dump(self) -> list[Any]:
        """All of it as JSON knows it; a part that stands in one name only counts as one that is unknown."""
        parts = (self._surnames, self._given, self._first, self._initials)
        return [self._total, self._written, *(_repeated(counts) for counts in parts)]

    @classmethod
    def load(cls, dumped: Sequence[Any]) -> Self:
        """What was dumped."""
        frequency = cls(())
        frequency._total, frequency._written, *counts = dumped
        parts: list[Counter[str]] = [Counter(each) for each in counts]
        frequency._surnames, frequency._given, frequency._first, frequency._initials = parts
        return frequency

    def bearers(self, form: NameForm) -> float:
        """How many people are expected to bear this name."""
        found = self._remembered.get(form.key)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[form.key] = self._bearers(form)
        return found

    def is_given(self, word: str) -> bool:
        """Whether other people have this given name."""
        return word in GIVEN or self._first[word] > 1

    def others(self, one: NameForm, other: NameForm) -> int:
        """How many further names have the part in which these two forms differ; of the rarer part."""
        if one.first == other.first and one.surname == other.surname:
            counts, part, other_part = self._given, one.given_name, other.given_name
        elif one.first == other.first:
            counts, part, other_part = self._surnames, one.surname, other.surname
        else:
            counts, part, other_part = self._first, one.first, other.first
        return max(0, min(counts[part], counts[other_part]) - 1)

    def _bearers(self, form: NameForm) -> float:
        if form.is_full and not form.given:
            # Of signs no parts are counted: their reading in Chinese shows how common they are.
            family, given = (anyascii(part).lower() for part in (form.surname[0], form.surname[1:]))
            return POPULATION * SURNAMES.get(family, _RARE_SURNAME) * GIVEN.get(given, _RARE_GIVEN)
        surname = _share(self._surnames[form.surname], self._total, SURNAMES.get(form.surname, _RARE_SURNAME))
        if not form.given:
            return POPULATION * surname
        first = form.first
        if len(first) == 1:
            share = _share(self._initials[first], self._written, _INITIAL)
            for part in form.given[1:]:
                share *= 0.1 if len(part) == 1 else 0.01
            return POPULATION * surname * share
        share = _share(self._first[first], self._written, GIVEN.get(first, _RARE_GIVEN))
        if len(form.given) > 1:
            # One namesake in ten shares a middle initial; far fewer share a middle name, unless the
            # given names are common together.
            whole = _share(self._given["".join(form.given)], self._written, 0.0)
            written_out = max(len(part) for part in form.given[1:]) > 1
            share = min(share * (0.02 if written_out else 0.1), max(whole, share * 0.005))
        return POPULATION * surname * share


def _repeated(counts: Counter[str]) -> dict[str, int]:
    return {part: count for part, count in counts.items() if count > 1}


def _share(count: int, total: int, background: float) -> float:
    return (max(0, count - 1) + _BACKGROUND * background) / (total + _BACKGROUND)
