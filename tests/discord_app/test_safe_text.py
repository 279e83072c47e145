"""Foreign text in Discord: safe, and of a length that fits."""

from __future__ import annotations

import re
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.discord_app.safe_text import fit, plain, safe, safe_url

HOSTILE = [
    "@everyone and @here",
    "<@123> <@!123> <@&5>",
    "<#1> <t:1> <t:1:R> </cmd:1> <id:browse>",
    "[a](http://b.c) [a](<http://b.c> 'x') [a][b] ![i](http://b.c) [a]: http://b.c",
    "**bold** __under__ ~~gone~~ ||spoiler|| *i* _i_ `code` ```block``` ~~~",
    "http://b.c https://b.c/x_y <http://b.c> steam://x mailto:a@b.c",
    "<:emoji:123> <a:emoji:123> :smile:",
    "# heading",
    "-# small",
    "> quote",
    ">>> quote",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "    indented code",
    "title\n=====",
    "a\n---\nb",
    "back\\slash \\* \\\\",
    "](http://b.c)",
    "<b>html</b> &amp;",
]
MARKUP = st.text(alphabet=st.sampled_from(list("ab1. \n\\*_~|`[]()<>@#:!-+=/&;\u200b\u202e")), max_size=60)

markdown = (
    MarkdownIt("commonmark", {"linkify": True})
    .enable(["strikethrough", "linkify", "table"])
    .disable("entity")
)


def parsed(text: str) -> str:
    """What a Markdown reader shows of a text; fails where it shows anything but plain words."""
    shown: list[str] = []
    for block in markdown.parse(text):
        assert block.type in {"paragraph_open", "inline", "paragraph_close"}, block.type
        for token in block.children or ():
            assert token.type in {"text", "softbreak", "text_special"}, token.type
            shown.append(token.content or " ")
    return "".join(shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_it_is_written(text: str) -> None:
    assert parsed(safe(text)) == " ".join(text.split())


@given(MARKUP | st.text(max_size=60))
def test_whatever_is_made_safe_is_plain_text(text: str) -> None:
    assert parsed(safe(text)) == plain(text)


@given(MARKUP | st.text(max_size=60))
def test_every_special_character_is_escaped(text: str) -> None:
    unescaped = re.sub(r"\\[!-/:-@\[-`{-~]", "", safe(text))
    assert not set(unescaped) & set("\\*_~|`[]()<>@#:")
    assert not re.match(r"[-+=]|\d+[.)]", safe(text))


@given(st.text(max_size=60))
def test_nothing_invisible_is_left(text: str) -> None:
    for shown in (safe(text), plain(text), safe(text, paragraphs=True).replace("\n", "")):
        assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "abcdef"),
        ("a\x00b\x1b[31m\x7fc", "a b \\[31m c"),
        ("a\r\nb\u2028c\u00a0d\te", "a b c d e"),
        ("\u3164\u115fname\u034f", "name"),
        ("\ud800half", "half"),
        ("潘攀 Ünï مرحبا 👍", "潘攀 Ünï مرحبا 👍"),
        ("", ""),
    ],
)
def test_invisible_characters_go_and_letters_stay(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_paragraphs_can_be_kept() -> None:
    text = " One\nline. \n \n\n- Two\n\n\n"
    assert safe(text, paragraphs=True) == "One line.\n\n\\- Two"
    assert safe(text) == "One line. - Two"


def test_a_label_is_one_line_without_escapes() -> None:
    assert plain(" a*b\u202e\n [c] ") == "a*b [c]"


@given(MARKUP | st.text(max_size=60), st.integers(-1, 70))
def test_what_is_fitted_fits_and_ends_in_no_lone_backslash(text: str, limit: int) -> None:
    fitted = fit(safe(text), limit)
    assert len(fitted) <= max(limit, 0)
    bare = fitted.removesuffix("…")
    assert (len(bare) - len(bare.rstrip("\\"))) % 2 == 0
    assert safe(text).startswith(bare.rstrip()) or bare == ""


@given(MARKUP, st.integers(1, 70))
def test_what_is_fitted_is_still_plain_text(text: str, limit: int) -> None:
    assert parsed(fit(safe(text), limit)).removesuffix("…") in plain(text)


@pytest.mark.parametrize(
    ("text", "limit", "fitted"),
    [
        ("short", 5, "short"),
        ("several words here", 17, "several words…"),
        ("several words here", 14, "several words…"),
        ("several words here", 13, "several…"),
        ("oneverylongwordindeed", 10, "oneverylo…"),
        ("a oneverylongwordindeed", 12, "a oneverylo…"),
        ("abc\\_def", 5, "abc…"),
        ("abc\\_def", 6, "abc\\_…"),
        ("abc\\\\def", 6, "abc\\\\…"),
        ("e\u0301" * 5, 4, "e\u0301…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("", 0, ""),
    ],
)
def test_long_text_is_cut_at_a_word(text: str, limit: int, fitted: str) -> None:
    assert fit(text, limit) == fitted


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2110.13363",
        "http://a.b/c?d=e#f",
        "https://例え.jp/é",
        "https://a.b/@c",
        "https://a.b/" + "x" * 500,
    ],
)
def test_a_web_address_may_become_a_link(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "ftp://a.b/c",
        "javascript:alert(1)",
        "discord://x",
        "//a.b/c",
        "https://",
        "https://[a",
        "https://me:secret@a.b/",
        "https://a.b/c d",
        "https://a.b/\u202ec",
        "https://a.b/\u200b",
        "https://a.b/\n",
        "https://a.b/" + "x" * 501,
    ],
)
def test_anything_else_is_no_link(url: str | None) -> None:
    assert safe_url(url) is None


def test_all_ascii_punctuation_is_shown_as_it_is() -> None:
    assert parsed(safe(f"x{string.punctuation}x")) == f"x{string.punctuation}x"
