"""What providers really answered, cut to a few facts; each says who recorded it, and where it is shown."""

from __future__ import annotations

from typing import Any

SCHOLAR_CITING: dict[str, Any] = {
    "offset": 0,
    "data": [
        {
            "isInfluential": True,
            "citingPaper": {
                "paperId": "bdcbc589c8d1e4dd0c6572630f8511557406ad2f",
                "externalIds": {
                    "DBLP": "journals/ral/MonastirskyAS23",
                    "DOI": "10.1109/LRA.2022.3229266",
                    "CorpusId": 254723237,
                },
                "title": "Learning to Throw With a Handful of Samples Using Decision Transformers",
                "year": 2023,
                "authors": [
                    {"authorId": "97501516", "name": "M. Monastirsky"},
                    {"authorId": "2049081755", "name": "Osher Azulay"},
                    {"authorId": "38111870", "name": "A. Sintov"},
                ],
            },
        }
    ],
}
"""Semantic Scholar: Citation.json of the tests of danielnsilva/semanticscholar (MIT)."""

OPENCITATIONS: list[dict[str, str]] = [
    {
        "oci": "06101801781-06180334099",
        "citing": "omid:br/06101801781 doi:10.7717/peerj-cs.421 pmid:33817056",
        "cited": "omid:br/06180334099 doi:10.1108/jd-12-2013-0166",
        "creation": "2021-03-10",
        "timespan": "P6Y0M1D",
        "journal_sc": "no",
        "author_sc": "no",
    },
    {
        "oci": "061202325243-062403150807",
        "citing": "omid:br/061202325243 doi:10.1145/3535511.3535541 openalex:W4283735155",
        "cited": "omid:br/062403150807 doi:10.1145/3452383.3452391 openalex:W3159497091",
        "creation": "2022-05-16",
        "timespan": "P1Y2M21D",
        "journal_sc": "no",
        "author_sc": "no",
    },
]
"""OpenCitations: the example of its API's own description, and an answer that its users show."""

DATACITE: dict[str, Any] = {
    "data": [
        {
            "id": "10.26093/cds/vizier.22640008",
            "type": "dois",
            "attributes": {
                "doi": "10.26093/cds/vizier.22640008",
                "types": {"resourceTypeGeneral": "Dataset"},
                "relatedIdentifiers": [
                    {
                        "relationType": "IsSupplementTo",
                        "relatedIdentifier": "2023ApJS..264....8H",
                        "relatedIdentifierType": "bibcode",
                    },
                    {
                        "relationType": "IsSupplementTo",
                        "relatedIdentifier": "10.3847/1538-4365/ac9af8",
                        "relatedIdentifierType": "DOI",
                    },
                ],
            },
        }
    ]
}
"""DataCite: how VizieR registers a catalogue with its article, as its data centre describes it."""

BIORXIV: dict[str, Any] = {
    "messages": [
        {"status": "ok", "interval": "2026-08-01:2026-08-01", "cursor": 0, "count": 1, "total": "1"}
    ],
    "collection": [
        {
            "authors": "Loconsole, M.; Xue, C.; Garcia-Pelegrin, E.",
            "author_corresponding": "Maria Loconsole",
            "author_corresponding_institution": "University of Padova",
            "title": "Evolutionary roots of sound symbolism",
            "doi": "10.64898/2026.07.31.741992",
            "date": "2026-08-01",
            "version": "1",
            "type": "new results",
            "license": "cc_by_nc_nd",
            "category": "animal behavior and cognition",
            "jatsxml": "https://www.biorxiv.org/content/early/2026/08/01/2026.07.31.741992.source.xml",
            "abstract": "Humans reliably associate certain speech-like sounds with visual shapes.",
            "funder": "NA",
            "published": "NA",
            "server": "bioRxiv",
        }
    ],
}
"""bioRxiv: an answer that its users show; its title is cut there, and made whole here."""

MEDLINE = """
PMID- 16403221
OWN - NLM
STAT- MEDLINE
DA  - 20060220
IS  - 1471-2105 (Electronic)
VI  - 7
DP  - 2006
TI  - A high level interface to SCOP and ASTRAL implemented in python.
PG  - 10
AB  - BACKGROUND: Benchmarking algorithms in structural bioinformatics often involves
      the construction of datasets of proteins with given sequence and structural
      properties.
FAU - Casbon, James A
AU  - Casbon JA
FAU - Crooks, Gavin E
AU  - Crooks GE
FAU - Saqi, Mansoor A S
AU  - Saqi MA
PT  - Evaluation Studies
PT  - Journal Article
DEP - 20060110
TA  - BMC Bioinformatics
JT  - BMC bioinformatics
PMC - PMC1373603
AID - 1471-2105-7-10 [pii]
AID - 10.1186/1471-2105-7-10 [doi]
SO  - BMC Bioinformatics. 2006 Jan 10;7:10.

PMID- 16377612
DP  - 2006 Mar 1
TI  - GenomeDiagram: a python package for the visualization of large-scale genomic
      data.
PG  - 616-7
FAU - Pritchard, Leighton
AU  - Pritchard L
FAU - Birch, Paul R J
AU  - Birch PR
PT  - Journal Article
JT  - Bioinformatics (Oxford, England)
AID - btk021 [pii]
AID - 10.1093/bioinformatics/btk021 [doi]
"""
"""PubMed: pubmed_result2.txt of the tests of Biopython, cut."""

OAI_RECORDS = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2013-02-27T09:10:56Z</responseDate>
<request metadataPrefix="oai_dc" verb="ListRecords">http://test.example.com/oai</request>
<ListRecords>
<record><header status="deleted"><identifier>oai:test.example.com:1585310</identifier>
<datestamp>2011-07-18T16:31:00Z</datestamp></header></record>
<record><header><identifier>oai:test.example.com:1585322</identifier>
<datestamp>2011-01-10T10:19:23Z</datestamp></header>
<metadata><oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"><dc:title>Sample Title</dc:title>
<dc:identifier>http://test.example.com/publication/1585322</dc:identifier>
<dc:creator>John Doe</dc:creator><dc:creator>John Doe</dc:creator>
<dc:description xml:lang="eng">Lorem ipsum dolor sit amet,
   consectetur adipisicing elit.
</dc:description>
<dc:language>eng</dc:language><dc:source>Sample Source</dc:source>(?s)
<dc:publisher>
  Sample Publisher
</dc:publisher><dc:date>2010</dc:date>
<dc:type>info:eu-repo/semantics/article</dc:type><dc:type>doc-type:article</dc:type><dc:type>text</dc:type>
</oai_dc:dc></metadata></record>
<resumptionToken completeListSize="8" cursor="0">ListRecords2.xml</resumptionToken>
</ListRecords></OAI-PMH>"""
"""OAI-PMH: ListRecords.xml of the tests of mloesch/sickle (BSD), cut; made anonymous there."""
