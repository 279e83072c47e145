"""Settings kept in the database: small values under a name, such as a cursor."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, col

from bot.store.bulk import upsert
from bot.store.models import KeptSetting

_VALUE = select(col(KeptSetting.value)).where(col(KeptSetting.name) == bindparam("wanted"))


def get_setting(session: Session, name: str) -> str | None:
    """The value kept under a name; None where there is none."""
    return session.connection().execute(_VALUE, {"wanted": name}).scalar()


def put_setting(session: Session, name: str, value: str) -> None:
    """Keep a value under a name, in place of the one before."""
    upsert(session, KeptSetting, [{"name": name, "value": value}], changes=("value",))


def delete_setting(session: Session, name: str) -> None:
    """Forget the value kept under a name."""
    session.connection().execute(delete(KeptSetting).where(col(KeptSetting.name) == name))
