"""Asks providers for single papers, by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from bot.config import Settings
from bot.corpus.formats.arxiv_atom import read_arxiv_atom
from bot.corpus.formats.crossref import read_crossref_work
from bot.corpus.formats.openalex import read_openalex_work
from bot.corpus.formats.openreview import read_openreview_note
from bot.corpus.paper import PaperRecord
from bot.errors import RefusedError
from bot.fetch.errors import NotFoundError
from bot.sources.links import PaperLink
from bot.sources.providers import Library, Provider, Request, contact_options, openalex_options


def fetch_paper(settings: Settings, library: Library, link: PaperLink) -> PaperRecord:
    """What the provider that knows best says of a paper.

    Raises:
        RefusedError: no provider knows it.
        FetchError: the provider could not be asked.

    """
    try:
        match link.scheme:
            case "arxiv":
                return _from_arxiv(library, link)
            case "openreview":
                target = f"/notes?{urlencode({'id': link.value})}"
                return library.ask(
                    Provider.OPENREVIEW, Request(target), lambda answer: read_openreview_note(answer.body)
                )
            case _:
                return _from_doi(settings, library, link)
    except NotFoundError:
        raise _unknown(link) from None


def _from_arxiv(library: Library, link: PaperLink) -> PaperRecord:
    target = f"/api/query?{urlencode({'id_list': link.value, 'max_results': '1'})}"
    page = library.ask(Provider.ARXIV, Request(target), lambda answer: read_arxiv_atom(answer.body))
    for record in page.records:
        if record.source_key == link.value:
            return record
    raise _unknown(link)


def _from_doi(settings: Settings, library: Library, link: PaperLink) -> PaperRecord:
    """From Crossref, where most publishers register; OpenAlex knows those of other registries."""
    doi = quote(link.value, safe="/:;()._-")
    try:
        request = _request(f"/works/{doi}", contact_options(settings))
        return library.ask(Provider.CROSSREF, request, lambda answer: read_crossref_work(answer.body))
    except NotFoundError:
        request = _request(f"/works/doi:{doi}", openalex_options(settings))
        return library.ask(Provider.OPENALEX, request, lambda answer: read_openalex_work(answer.body))


def _request(path: str, options: Mapping[str, str]) -> Request:
    return Request(f"{path}?{urlencode(options)}" if options else path)


def _unknown(link: PaperLink) -> RefusedError:
    return RefusedError(f"No source knows {link.label}: look whether it is written right.")
