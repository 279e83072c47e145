"""The licences of what Papercord needs at run time, and known vulnerabilities of these versions.

    python -m tools.audit [--offline]

It reads deploy/requirements.lock. The exit code is 0 where every package has a licence of the list and none a
known vulnerability, 1 where one is otherwise, and 3 where nothing could be looked up: that is no pass.
"""

from __future__ import annotations

import argparse
import re
import sys
from http import HTTPStatus
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import urllib3
from packaging.markers import Marker
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError

LOCK = Path(__file__).parent.parent / "deploy" / "requirements.lock"
DATABASE = "https://api.osv.dev/v1/querybatch"
"""Of OSV, which has the advisories of the Python Packaging Authority and of GitHub."""
FREE = (
    "0bsd",
    "apache",
    "bsd",
    "cc0",
    "historical permission notice",
    "hpnd",
    "isc",
    "lgpl",
    "mit",
    "mpl",
    "mozilla public license",
    "lesser general public license",
    "python software foundation",
    "psf",
    "unlicense",
    "zlib",
)
"""Words in the licences that a program under the MIT licence may use as a library."""
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)


def pinned() -> dict[str, str]:
    """The packages of the lock that this system needs, and their versions."""
    found = _PINNED.finditer(LOCK.read_text(encoding="utf-8"))
    return {one[1]: one[2] for one in found if not one[3] or Marker(one[3]).evaluate()}


def licence(found: Distribution) -> str:
    """What a package says of its licence, in a line."""
    metadata = found.metadata
    classified = [
        value.rpartition(" :: ")[2]
        for value in metadata.get_all("Classifier") or []
        if value.startswith("License ::")
    ]
    whole = (metadata.get_all("License-Expression") or []) + classified + (metadata.get_all("License") or [])
    said = [one.strip() for one in whole if one.strip()]
    return said[0].splitlines()[0] if said else "unknown"


def is_free(words: str) -> bool:
    """Whether a licence is one of the list."""
    return any(re.search(rf"\b{re.escape(one)}", words.lower()) for one in FREE)


class _Known(BaseModel):
    id: str


class _Result(BaseModel):
    vulns: list[_Known] = []


class _Answer(BaseModel):
    results: list[_Result]


def vulnerabilities(packages: dict[str, str]) -> dict[str, list[str]] | None:
    """The known vulnerabilities of each package that has some; None where they cannot be looked up."""
    asked = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in packages.items()
    ]
    try:
        answer = urllib3.request("POST", DATABASE, json={"queries": asked}, timeout=20.0, retries=1)
        results = _Answer.model_validate_json(answer.data).results
    except (HTTPError, ValidationError):
        return None
    if answer.status != HTTPStatus.OK or len(results) != len(asked):
        return None
    found = zip(packages, results, strict=True)
    return {name: [one.id for one in result.vulns] for name, result in found if result.vulns}


def main() -> int:
    """Print the list, then what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offline", action="store_true", help="look nothing up")
    packages = pinned()
    refused: list[str] = []
    given = parser.parse_args()
    for name, version in packages.items():
        try:
            words = licence(distribution(name))
        except PackageNotFoundError:
            words = "not installed"
        print(f"{name} {version}: {words}")
        if not is_free(words):
            refused.append(f"{name}: {words}")
    found = None if given.offline else vulnerabilities(packages)
    for line in refused:
        print(f"The licence is not one of the list: {line}")
    for name, ids in (found or {}).items():
        print(f"Known vulnerabilities of {name} {packages[name]}: {', '.join(ids)}")
    if found is None:
        print(f"Vulnerabilities of {len(packages)} packages: not checked, as {DATABASE} gave no answer.")
    return 1 if refused or found else 3 if found is None else 0


if __name__ == "__main__":
    sys.exit(main())
