"""All tables, a file for each subject: whoever imports one has all of them.

Ids are numbers that the database gives: an object made in the program has None until it is written.
"""

from __future__ import annotations

from bot.store.models.announcements import (
    NO_SERVER,
    PAUSED_BY_HAND,
    AnnouncedChannel,
    CitingWork,
    Delivery,
    DeliveryKind,
    Frequency,
    Message,
    MessageKind,
    MessageState,
    PlaceKind,
    Subscription,
    SubscriptionMatch,
    WaitingEvent,
)
from bot.store.models.application import KeptSetting, Lease, StoredSearch
from bot.store.models.citations import Citation, CitationCount, Work
from bot.store.models.columns import EnumText, UtcDateTime
from bot.store.models.corrections import (
    Correction,
    CorrectionKind,
    CorrectionPaper,
    PaperCorrection,
    PaperCorrectionRecord,
)
from bot.store.models.imports import CorpusImport, RemovedPaper, RepeatedRecords, ReplacedRecord, Revision
from bot.store.models.papers import (
    OBJECTS,
    Enquiry,
    Paper,
    PaperEvent,
    PaperKey,
    PaperMerge,
    PaperSource,
    RecordDictionary,
)
from bot.store.models.people import (
    Attribution,
    Author,
    AuthorIdentifier,
    AuthorName,
    AuthorReport,
    Authorship,
    GroupedMention,
    GroupingSnapshot,
    Institution,
    StoredAffiliation,
)
from bot.store.models.reading import ReadingServer, Vote, VoteChange
from bot.store.models.sources import FollowedSource, PaperProposal, ProposalState, SeenEntry

__all__ = [
    "NO_SERVER",
    "OBJECTS",
    "PAUSED_BY_HAND",
    "AnnouncedChannel",
    "Attribution",
    "Author",
    "AuthorIdentifier",
    "AuthorName",
    "AuthorReport",
    "Authorship",
    "Citation",
    "CitationCount",
    "CitingWork",
    "CorpusImport",
    "Correction",
    "CorrectionKind",
    "CorrectionPaper",
    "Delivery",
    "DeliveryKind",
    "Enquiry",
    "EnumText",
    "FollowedSource",
    "Frequency",
    "GroupedMention",
    "GroupingSnapshot",
    "Institution",
    "KeptSetting",
    "Lease",
    "Message",
    "MessageKind",
    "MessageState",
    "Paper",
    "PaperCorrection",
    "PaperCorrectionRecord",
    "PaperEvent",
    "PaperKey",
    "PaperMerge",
    "PaperProposal",
    "PaperSource",
    "PlaceKind",
    "ProposalState",
    "ReadingServer",
    "RecordDictionary",
    "RemovedPaper",
    "RepeatedRecords",
    "ReplacedRecord",
    "Revision",
    "SeenEntry",
    "StoredAffiliation",
    "StoredSearch",
    "Subscription",
    "SubscriptionMatch",
    "UtcDateTime",
    "Vote",
    "VoteChange",
    "WaitingEvent",
    "Work",
]
