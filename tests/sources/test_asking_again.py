"""The running bot asks providers again about papers of the corpus: a round an hour, bounded and resumable."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from bot.announcements.status import announcer_status
from bot.app import App, corpus_status
from bot.cli.answers.status import print_status, status_document
from bot.corpus.paper import Identifier, NoticeKind
from bot.ingest.importer import import_records
from bot.sources.enrichment import (
    ROUND_REQUESTS,
    EnrichmentWorker,
    enrich,
    enrich_round,
    is_round_due,
    round_of_asking,
)
from bot.sources.library import Library
from cogs.about.cards import about_card
from tests.apps import Clock
from tests.corpora import all_papers
from tests.fetch.loopback import Reply
from tests.sources.stub_providers import Catalogues, crossref_work
from tests.sources.test_citations import texts
from tests.sources.test_enrichment import printed

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def asking(app: App) -> App:
    return replace(app, settings=app.settings.model_copy(update={"enrich": True}))


def test_a_retraction_is_known_within_a_month_for_young_papers_and_a_year_for_all(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    pmid = (Identifier(scheme="pmid", value="77"),)
    young: dict[str, Any] = {"published": "2025-11-01"}
    import_records(
        here,
        "a library",
        [printed(1, **young), printed(2), printed(3, **young, doi=None, other_ids=pmid)],
        newly_added=True,
    )
    catalogues.pubmed = {"77": "TI  - Matter 3\nFAU - Lee, Ann\n"}
    # It has no provider's word yet, so all of them are asked about; then nobody for a month.
    enrich(here, providers, by="id")
    catalogues.requests()
    retraction = {"DOI": "10.1000/n", "type": "retraction", "updated": {"date-parts": [[2026, 4, 2]]}}
    work = crossref_work("10.1000/1", "Matter 1", "Ann Lee", **{"updated-by": [retraction]})
    catalogues.crossref = [work, work | {"DOI": "10.1000/2", "title": ["Matter 2"]}]
    catalogues.pubmed = {"77": "TI  - Matter 3\nFAU - Lee, Ann\nPT  - Retracted Publication\n"}
    day.move(days=30)
    assert enrich(here, providers, providers=["Crossref", "PubMed"], by="id").asked == 0
    day.move(days=1)
    assert enrich(here, providers, providers=["Crossref", "PubMed"], by="id").asked == 2
    kinds = {paper.title: [one.kind for one in paper.notices] for paper in all_papers(here.store)}
    assert kinds == {"Matter 1": [NoticeKind.RETRACTED], "Matter 2": [], "Matter 3": [NoticeKind.RETRACTED]}
    day.move(days=330)
    enrich(here, providers, providers=["Crossref"], by="id")
    assert all(paper.notices for paper in all_papers(here.store))


def test_a_round_an_hour_asks_a_few_requests_by_ids_only_and_the_next_goes_on(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    app = asking(here)
    number = 20 * ROUND_REQUESTS + 5
    import_records(app, "a library", [printed(one) for one in range(number)], newly_added=True)
    import_records(app, "a library", [printed(number, doi=None)], newly_added=True)
    assert not is_round_due(here)  # switched off
    assert not is_round_due(app)  # the first is in an hour
    day.move(hours=1)
    assert is_round_due(app)
    report = enrich_round(app, providers, threading.Event())
    assert catalogues.requests()["crossref"] == ROUND_REQUESTS
    assert report.waiting == 5
    assert not is_round_due(app)
    day.move(hours=1)
    worker = EnrichmentWorker(app, providers)
    worker.wake()
    worker.wake()
    next(one for one in threading.enumerate() if one.name == "enrichment").join(60)
    worker.close()
    assert catalogues.requests() == {"crossref": 1}
    assert not is_round_due(app)
    worker.wake()  # it was closed
    assert catalogues.requests() == {}


def test_what_went_wrong_in_a_round_stands_in_the_status_until_a_round_goes_well(
    here: App, providers: Library, catalogues: Catalogues, day: Clock
):
    import_records(here, "a library", [printed(1)], newly_added=True)
    catalogues.refusing = {"crossref": Reply(b"<html>Sorry</html>")}
    round_of_asking(here, providers, threading.Event())
    status = corpus_status(here)
    assert status.failed_round is not None
    (error,) = status.failed_round.errors
    assert error == "Crossref by id: Crossref answered a page of HTML where JSON was expected."
    card = about_card(status, announcer_status(here), latency_ms=None, owner=None, report_url=None)
    assert f"⚠ Asking again about papers (<t:{int(day().timestamp())}:R>): Crossref by id" in texts(card)
    document = status_document(status, announcer_status(here), ())
    assert document["asking_again_failed"]["errors"] == [error]
    console = Console(record=True, width=200, file=io.StringIO())
    print_status(console, status, announcer_status(here), ())
    assert f"asking again about papers, {day():%Y-%m-%d %H:%M} UTC: {error}" in console.export_text()
    catalogues.refusing = {}
    day.move(days=400)
    round_of_asking(here, providers, threading.Event())
    assert corpus_status(here).failed_round is None
