"""Errors of fetching; their messages are shown to people."""

from __future__ import annotations

import urllib3.exceptions

from bot.errors import PapercordError


class FetchError(PapercordError):
    """An address could not be fetched."""


class TransientFetchError(FetchError):
    """A failure after which a retry may succeed: a time-out, an overload, an answer that broke off."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds after which the host wants to be asked again, where it said so."""


class HostRestingError(FetchError):
    """No request is sent: the host asked for a long pause, or failed several times in a row."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
        """Until requests are allowed again."""


class NotFoundError(FetchError):
    """The host does not know what was asked for."""


class RequestFailedError(FetchError):
    """The host refuses the request; asking again does not help."""

    def __init__(self, message: str, status: int, body: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        """Of its answer."""


class ForbiddenAddressError(FetchError):
    """The address is not of a listed host, or leads into a private network."""


class ClosedError(FetchError):
    """Papercord is being closed."""


class CutAnswerError(urllib3.exceptions.HTTPError):
    """The body of an answer ends before it is whole."""


def reason_of(error: BaseException) -> str:
    """Why a connection failed, in a few words for people."""
    for kind, words in (
        (CutAnswerError, "its answer broke off"),
        (urllib3.exceptions.ConnectTimeoutError, "it does not answer"),
        (urllib3.exceptions.ReadTimeoutError, "it stopped answering"),
        (urllib3.exceptions.SSLError, "its certificate cannot be trusted"),
        (urllib3.exceptions.DecodeError, "its answer is damaged"),
        (urllib3.exceptions.ProtocolError, "the connection broke off"),
        (urllib3.exceptions.NewConnectionError, "no connection"),
    ):
        if isinstance(error, kind):
            return words
    return type(error).__name__
