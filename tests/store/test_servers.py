"""A database on several servers: addresses, and what is noticed of a change from one to another."""

from __future__ import annotations

import pytest

from bot.errors import ConfigurationError
from bot.store import engine
from bot.store.engine import Store


@pytest.mark.parametrize(
    ("address", "hosts", "ports", "shown"),
    [
        (
            "postgresql://ada:se%40cret@one:5432,two:5433/papers",
            "one,two",
            "5432,5433",
            "ada:***@one:5432,two:5433/papers",
        ),
        ("postgres://one,two:6000/papers", "one,two", ",6000", "one,two:6000/papers"),
        ("postgresql://[::1]:1,[fe80::2]/papers", "::1,fe80::2", "1,", "::1:1,fe80::2/papers"),
        ("postgresql://ada@/papers?host=one,two&port=1,2", "one,two", "1,2", "ada@one:1,two:2/papers"),
    ],
)
def test_an_address_may_name_several_hosts(address: str, hosts: str, ports: str, shown: str):
    store = Store(address)
    [], asked = store.engine.dialect.create_connect_args(store.url)
    assert (asked["host"], asked["port"], asked["dbname"]) == (hosts, ports, "papers")
    assert asked["target_session_attrs"] == "read-write"
    assert asked.get("password") in {None, "se@cret"}
    assert store.display_url == f"postgresql://{shown}"


def test_what_an_address_says_of_its_servers_stays():
    store = Store("postgresql://one,two/papers?target_session_attrs=primary&connect_timeout=7")
    [], asked = store.engine.dialect.create_connect_args(store.url)
    assert (asked["target_session_attrs"], asked["connect_timeout"]) == ("primary", "7")


def test_one_host_may_be_read_only():
    [], asked = Store("postgresql://one/papers").engine.dialect.create_connect_args(
        Store("postgresql://one/papers").url
    )
    assert "target_session_attrs" not in asked


@pytest.mark.parametrize("address", ["postgresql://one,,two/papers", "postgresql://one:x,two/papers"])
def test_an_address_with_a_host_that_is_none_is_refused(address: str):
    with pytest.raises(ConfigurationError, match="is not a database address"):
        Store(address)


def test_a_server_that_never_answered_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine.time, "sleep", lambda _seconds: pytest.fail("it waits"))
    store = Store("postgresql://ada@127.0.0.1:1,127.0.0.1:2/papers")
    with (
        pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:1,127\.0\.0\.1:2/papers cannot"),
        store.reading(),
    ):
        pass
