"""Addresses in records: which may become links, and which lead to code."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.corpus.paper import MAX_URL_LENGTH

_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]*[A-Za-z0-9](?:/[!-~]*)?")

_CODE_HOSTS = ("github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/", "gitee.com/", "git.sr.ht/")
_CODE_ADDRESS = re.compile(
    rf"(?:https?://)?(?<![\w.@-])(?:www\.)?(?:{'|'.join(map(re.escape, _CODE_HOSTS))})"
    r"[^\s<>{}\"'`|^\\/]+/(?:\\[_%#&~]|[^\s<>{}\"'`|^\\])+",
    re.IGNORECASE,
)
_SENTENCE_END = ".,;:!?*$~"


def problem_of_address(address: str) -> str | None:
    """Why an address may not become a link; None where it may."""
    if len(address) > MAX_URL_LENGTH:
        return f"has {len(address):,} characters, more than {MAX_URL_LENGTH}"
    if _PLAIN_ADDRESS.fullmatch(address):
        return None
    if not address.isprintable() or " " in address:
        return "has spaces or control characters"
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "is no address"
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return "is not http(s)"
    return "has a user name in it" if "@" in parts.netloc else None


def code_address(text: str) -> str | None:
    """The first address of a code repository in a text, without the punctuation that follows it."""
    lowered = text.lower()
    if not any(host in lowered for host in _CODE_HOSTS):  # most texts have none, and this is fast
        return None
    for found in _CODE_ADDRESS.finditer(text):
        address = re.sub(r"\\(.)", r"\1", found[0]).rstrip(_SENTENCE_END)
        while address.endswith((")", "]")) and address.count(")") + address.count("]") > (
            address.count("(") + address.count("[")
        ):
            address = address[:-1].rstrip(_SENTENCE_END)
        if "://" not in address:
            address = f"https://{address}"
        if problem_of_address(address) is None:
            return address
    return None
