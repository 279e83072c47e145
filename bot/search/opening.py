"""The search index: in the data folder, or in a cluster where its address is set."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol

from bot.config import Settings
from bot.errors import ConfigurationError
from bot.search.snapshot import Snapshot
from bot.search.tantivy.index import SearchIndex
from bot.search.tantivy.names_index import NamesIndex
from bot.store.engine import Store


class PaperIndex(Protocol):
    """The index of papers, derived from the store, with the index of names on this machine."""

    names: NamesIndex

    @property
    def cluster_address(self) -> str | None:
        """Where the cluster is that holds it; None where it is in the data folder."""
        ...

    @property
    def revision(self) -> int | None:
        """The revision of the store that it shows; None where there is no usable index."""
        ...

    def trouble(self) -> str | None:
        """What hinders searches, or papers from being written, at present; in words that may be shown."""
        ...

    def snapshot(self) -> Snapshot | None:
        """What is searched; None where there is no usable index yet."""
        ...

    def catch_up(self, store: Store, *, wait: bool = True) -> int:
        """Catch up with the store, and return the revision that the index then shows.

        Without `wait` it returns at once while another one writes.
        """
        ...

    def catch_up_papers(self, store: Store, more: Callable[[], bool] = ..., *, wait: bool = True) -> int:
        """Catch up in the same way, but leave out the names; `more` may wait for more to write."""
        ...

    def close(self) -> None:
        """Release what it holds."""
        ...


def open_index(settings: Settings) -> PaperIndex:
    """Open the index that the settings name."""
    if settings.search_address is None:
        return SearchIndex(settings.index_dir)
    if find_spec("opensearchpy") is None:
        raise ConfigurationError(
            "PAPERCORD_SEARCH_URL is set, but the package that speaks with the cluster is not installed: "
            "pip install 'papercord[opensearch]'."
        )
    from bot.search.opensearch.cluster import Cluster
    from bot.search.opensearch.index import ClusterIndex, Layout

    cluster = Cluster(settings.search_address.get_secret_value(), settings.search_ca)
    layout = Layout(settings.search_name, settings.search_shards, settings.search_replicas)
    return ClusterIndex(settings.index_dir, cluster, layout)
