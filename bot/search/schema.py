"""What the index holds of a paper."""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import blake2b

from tantivy import Document, Index, Schema, SchemaBuilder

from bot.corpus.names import name_key
from bot.corpus.paper import first_day, last_day
from bot.store.papers import SearchedPaper
from bot.text.folding import plain, plain_analyzer, plain_words, stem_analyzer

SCHEMA_VERSION = 5
"""Raise it with every change of this file, of folding or of the list of spellings, to rebuild indexes."""

_KEY_BYTES = 7
"""Of a title's number: even among a hundred million titles, two hardly have the same."""

_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1


def build_schema() -> Schema:
    """All fields; nothing of a paper is stored, rows come from the store."""
    builder = SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True)
    # Title and abstract together, stemmed: what decides whether a paper matches.
    builder.add_text_field("text", tokenizer_name="stem", index_option="position")
    # The title alone, stemmed: counts in addition.
    builder.add_text_field("title", tokenizer_name="stem", index_option="freq")
    # The title with the endings of its words: for those who type it.
    builder.add_text_field("title_words", tokenizer_name="plain", index_option="position")
    # Title and abstract with their endings: exactness and spelling.
    builder.add_text_field("words", tokenizer_name="plain", index_option="basic")
    builder.add_text_field("authors", tokenizer_name="plain", index_option="position")
    builder.add_text_field("author_key", tokenizer_name="raw", index_option="basic")
    # Whole titles would be a tenth of the index.
    builder.add_unsigned_field("title_key", indexed=True)
    builder.add_text_field("field", tokenizer_name="raw", index_option="basic")
    # Days as proleptic ordinals; a paper without a date has neither.
    builder.add_unsigned_field("first_day", fast=True)
    builder.add_unsigned_field("last_day", fast=True)
    builder.add_boolean_field("has_code", indexed=True)
    builder.add_float_field("score", fast=True)
    # Newest first and, within a day, the lower id first; holds the id, so that hits need no other look-up.
    builder.add_unsigned_field("order", fast=True)
    # One document that is no paper: which state of the store this commit shows.
    builder.add_text_field("state", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    return builder.build()


def register_analyzers(index: Index) -> None:
    """Give an opened index the analyzers that its schema names."""
    index.register_tokenizer("plain", plain_analyzer())
    index.register_tokenizer("stem", stem_analyzer())


def paper_document(row: SearchedPaper, attributed: Iterable[str]) -> Document:
    """A row of the paper table, with the people on whose pages it stands, as the index keeps it."""
    document = Document()
    document.add_text("kind", "paper")
    document.add_unsigned("id", row.id)
    title, abstract = plain(row.title), plain(row.abstract)
    document.add_text("title", title)
    document.add_text("title_words", title)
    if key := title_key(title):
        document.add_unsigned("title_key", key)
    # Two values, so that no phrase reaches from the title into the abstract.
    for field in ("text", "words"):
        document.add_text(field, title)
        document.add_text(field, abstract)
    for other in row.other_titles or ():
        _add_other_title(document, plain(other["title"]))
    for name in dict.fromkeys((*row.authors, *attributed)):
        document.add_text("authors", plain(name))
        document.add_text("author_key", name_key(name))
    if row.field is not None:
        document.add_text("field", row.field)
    newest = 0
    if row.published is not None:
        newest = last_day(row.published).toordinal()
        document.add_unsigned("first_day", first_day(row.published).toordinal())
        document.add_unsigned("last_day", newest)
    if row.score is not None and math.isfinite(row.score):
        document.add_float("score", row.score)
    document.add_boolean("has_code", row.has_code)
    document.add_unsigned("order", (newest << _ID_BITS) | (_ID_MASK - row.id))
    return document


def _add_other_title(document: Document, title: str) -> None:
    """A paper is found by each of its titles."""
    for field in ("title", "title_words", "text", "words"):
        document.add_text(field, title)
    if key := title_key(title):
        document.add_unsigned("title_key", key)


def state_document(state: str) -> Document:
    """The document that says which state of the store a commit shows."""
    document = Document()
    document.add_text("kind", "state")
    document.add_text("state", state)
    return document


def id_of(order: int) -> int:
    """The paper's id within a value of the field `order`."""
    return _ID_MASK - (order & _ID_MASK)


def title_key(title: str) -> int:
    """A number for the words of a title; 0 where it has none."""
    words = plain_words(title)
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=_KEY_BYTES).digest()) if words else 0
