from __future__ import annotations

from bot.app import App
from bot.store.settings import delete_setting, get_setting, put_setting


def test_a_setting_is_kept_changed_and_deleted(app: App):
    with app.store.writing() as session:
        assert get_setting(session, "a cursor") is None
        put_setting(session, "a cursor", "1")
        put_setting(session, "another", "x")
        put_setting(session, "a cursor", "2")
    with app.store.reading() as session:
        assert get_setting(session, "a cursor") == "2"
    with app.store.writing() as session:
        delete_setting(session, "a cursor")
        put_setting(session, "a cursor", "3")
        delete_setting(session, "a cursor")
        delete_setting(session, "never kept")
    with app.store.reading() as session:
        assert (get_setting(session, "a cursor"), get_setting(session, "another")) == (None, "x")
