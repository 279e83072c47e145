"""Files attached to /import, kept for 15 minutes until their administrator has seen what they would do."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import shutil
from pathlib import Path

from pydantic import AwareDatetime, BaseModel

from bot.announcements.matcher import ChannelMatches, channels_matching
from bot.app import App
from bot.errors import RefusedError
from bot.ingest.importer import ATTACHMENT_BOUNDS, ImportPreview, ImportReport, import_files, preview_files

KEPT = dt.timedelta(minutes=15)
TOKEN = r"[0-9a-f]{16}"  # noqa: S105 - the pattern of a folder's name
GONE = "This preview is older than 15 minutes, or was imported already. Send the file with `/import` again."

_PATH = re.compile(rf"^.*?\buploads[/\\]{TOKEN}(?:\.taken)?[/\\]file[/\\]", re.DOTALL)
_LONGEST_IMPORT = dt.timedelta(days=1)
_FOLDER, _REQUEST, _TAKEN = "uploads", "request.json", ".taken"


class Upload(BaseModel):
    """An attached file, and how it is to be imported."""

    name: str
    """The file's own name."""
    asker_id: int
    kept_at: AwareDatetime
    read_on: dt.date | None
    strict: bool


def keep_upload(app: App, upload: Upload, content: bytes) -> str:
    """Keep an attached file; returns the token that names it."""
    forget_old_uploads(app)
    token = secrets.token_hex(8)
    folder = app.settings.data_dir / _FOLDER / token
    (folder / "file").mkdir(parents=True)
    (folder / "file" / upload.name).write_bytes(content)
    (folder / _REQUEST).write_text(upload.model_dump_json(), encoding="utf-8")
    return token


def forget_old_uploads(app: App) -> None:
    """Delete the files that nobody has confirmed in time, and after a day those whose import was cut off."""
    for folder in (app.settings.data_dir / _FOLDER).glob("*"):
        upload = _read(folder)
        try:
            kept_at = upload.kept_at.timestamp() if upload is not None else folder.stat().st_mtime
        except FileNotFoundError:
            continue
        longest = _LONGEST_IMPORT if folder.suffix == _TAKEN else KEPT
        if app.clock().timestamp() - kept_at > longest.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def forget_upload(app: App, token: str) -> None:
    """Delete a file that is not going to be imported."""
    shutil.rmtree(app.settings.data_dir / _FOLDER / token, ignore_errors=True)


def preview_upload(app: App, token: str) -> tuple[ImportPreview, tuple[ChannelMatches, ...]]:
    """What the import of a kept file would do, and where its new papers would be announced."""
    folder = app.settings.data_dir / _FOLDER / token
    upload = _read(folder)
    if upload is None:
        raise RefusedError(GONE)
    path = folder / "file" / upload.name
    preview = preview_files(app, [path], as_of=upload.read_on, bounds=ATTACHMENT_BOUNDS)
    with app.store.reading() as session:
        return preview, channels_matching(session, preview.new_papers, preview.adopted)


def import_upload(app: App, token: str, asker_id: int) -> ImportReport:
    """Import a kept file once, for the person who attached it; after an error it can be tried again."""
    folder = app.settings.data_dir / _FOLDER / token
    upload = _read(folder)
    if upload is None or app.clock() - upload.kept_at > KEPT:
        raise RefusedError(GONE)
    if upload.asker_id != asker_id:
        raise RefusedError("Only the administrator who attached the file can import it.")
    taken = folder.with_suffix(_TAKEN)
    try:
        folder.rename(taken)
    except OSError:
        raise RefusedError(GONE) from None
    try:
        report = import_files(
            app,
            [taken / "file" / upload.name],
            as_of=upload.read_on,
            strict=upload.strict,
            bounds=ATTACHMENT_BOUNDS,
        )
    except BaseException:
        taken.rename(folder)
        raise
    shutil.rmtree(taken, ignore_errors=True)
    return report


def without_folder(sentence: str) -> str:
    """A sentence that begins with the path of a kept file, with the file's name alone."""
    return _PATH.sub("", sentence, count=1)


def _read(folder: Path) -> Upload | None:
    """What is known of a kept file; None where it is gone."""
    try:
        return Upload.model_validate_json((folder / _REQUEST).read_bytes())
    except (OSError, ValueError):
        return None
