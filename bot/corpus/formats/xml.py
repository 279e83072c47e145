"""XML of sources, parsed safely: no entities, no document types, no external references."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.corpus.formats.answers import UnusableAnswerError, what_it_is
from bot.corpus.formats.values import text_of


def parse_xml(body: bytes, source: str) -> Element:
    """The root of an answer."""
    try:
        return fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        if body[:200].lstrip().lower().startswith(b"<!doctype html"):
            raise UnusableAnswerError(f"{source} answered a page of HTML where XML was expected.") from None
        raise UnusableAnswerError(
            f"{source} answered XML with definitions of its own, which may be an attack; it was not read."
        ) from None
    except (ParseError, ValueError, LookupError):
        raise UnusableAnswerError(f"{source} answered {what_it_is(body)} where XML was expected.") from None


def child_text(element: Element, name: str) -> str:
    """The text of a child, on one line; empty where there is none."""
    child = element.find(name)
    return text_of(child.text) if child is not None else ""
