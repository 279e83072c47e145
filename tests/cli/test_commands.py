"""The command line as a process: what scripts and administrators meet."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import __version__
from tests.command_line import run_papercord
from tests.conftest import AUTHOR_PAGE, ROOT

Papercord = Callable[..., subprocess.CompletedProcess[str]]

DECENTRALIZED = {
    "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training",
    "Exponential Graph is Provably Efficient for Decentralized Deep Training",
    "Revisiting Optimal Convergence Rate for Smooth and Non-convex Stochastic Decentralized Optimization",
}


@pytest.fixture
def papercord(tmp_path: Path) -> Papercord:
    """Runs `papercord` on a data folder of its own."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return run_papercord(arguments, tmp_path, {"PAPERCORD_DATA_DIR": str(tmp_path / "data"), **settings})

    return run


@pytest.fixture(scope="module")
def shipped_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the shipped corpus in it."""
    folder = tmp_path_factory.mktemp("shipped")
    settings = {"PAPERCORD_DATA_DIR": str(folder / "data")}
    done = run_papercord(["import", str(AUTHOR_PAGE), "--as-of", "2026-03-20"], folder, settings)
    assert done.returncode == 0
    return folder / "data"


@pytest.fixture
def stocked(papercord: Papercord, shipped_folder: Path, tmp_path: Path) -> Papercord:
    """The same, with the shipped corpus in it."""
    shutil.copytree(shipped_folder, tmp_path / "data")
    return papercord


def document(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert run.stdout.count("\n") == 1, run.stdout + run.stderr
    return json.loads(run.stdout)


def test_importing_the_shipped_page_adds_26_papers_and_again_changes_nothing(papercord: Papercord):
    first = document(papercord("import", str(AUTHOR_PAGE), "--json"))
    assert (first["added"], first["updated"], first["unchanged"], first["rejected"]) == (26, 0, 0, [])
    again = papercord("import", str(AUTHOR_PAGE))
    assert "all 26 papers were known as they are" in again.stdout
    third = document(papercord("import", str(AUTHOR_PAGE), "--json"))
    assert (third["added"], third["updated"], third["unchanged"]) == (0, 0, 26)


def test_what_is_free_in_the_file_is_given_back_to_the_disk(stocked: Papercord, tmp_path: Path):
    file = tmp_path / "data" / "papercord.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE large AS SELECT zeroblob(4000000) AS content")
        database.execute("DROP TABLE large")

    sizes = document(stocked("compact", "--json"))

    assert sizes["before"] - sizes["after"] >= 4_000_000
    assert file.stat().st_size == sizes["after"]


@pytest.mark.parametrize("spelling", ["decentralized", "decentralised", "DECENTRALIZED"])
def test_decentralized_finds_exactly_the_three_papers(stocked: Papercord, spelling: str):
    answer = document(stocked("papers", spelling, "--json"))
    assert answer["query"] == spelling
    assert answer["total"] == 3
    assert {result["title"] for result in answer["results"]} == DECENTRALIZED
    assert all("title" in result["matched_in"] for result in answer["results"])


def test_papers_are_given_out_as_references(stocked: Papercord, tmp_path: Path):
    everything = json.loads(stocked("papers", "--format", "csl").stdout)
    assert len(everything) == 26
    file = tmp_path / "found.ris"
    done = stocked("papers", "decentralised", "--format", "ris", "--output", str(file))
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    titles = {line[6:] for line in file.read_text("utf-8").splitlines() if line.startswith("TI  - ")}
    assert titles == DECENTRALIZED
    refused = stocked("papers", "--format", "ris", "--output", str(tmp_path / "none" / "x.ris"))
    assert "cannot be written: No such file or directory" in refused.stderr


def test_a_result_carries_what_the_page_says(stocked: Papercord):
    (result,) = document(stocked("papers", "Intrinsic Concept Extraction", "--limit", "1", "--json"))[
        "results"
    ]
    assert result["title"] == "Intrinsic Concept Extraction Based on Compositional Interpretability"
    assert result["authors"] == ["Hanyu Shi", "Hong Tao", "Guoheng Huang"]
    assert result["authors_truncated"] is True
    assert (result["field"], result["score"], result["has_code"]) == ("CV", 75.3, False)
    assert (result["published"], result["published_inferred"]) == ("2026-03-12", True)
    assert result["url"] is None


def test_a_batch_answers_one_document_a_line(stocked: Papercord, tmp_path: Path):
    queries = tmp_path / "queries.txt"
    queries.write_text('decentralized\n"\nvideo object segmentation\n\n')
    run = stocked("papers", "--batch", str(queries))
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer["query"] for answer in answers] == ["decentralized", '"', "video object segmentation", ""]
    assert answers[0]["total"] == 3
    assert run.returncode == 0


def test_a_batch_goes_on_after_dates_that_cannot_be(stocked: Papercord, tmp_path: Path):
    odd = [
        "graph year:>9999",
        "graph year:<0001",
        "graph date:>9999-12-31",
        "date:9999-12",
        "date:<0001-01-01",
    ]
    queries = tmp_path / "queries.txt"
    queries.write_text("\n".join([*odd, "decentralized"]))
    run = stocked("papers", "--batch", str(queries))
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert [answer["query"] for answer in answers] == [*odd, "decentralized"]
    assert answers[-1]["total"] == 3
    assert (run.returncode, run.stderr) == (0, "")


def test_only_a_page_that_is_not_the_last_names_the_next(stocked: Papercord):
    first = stocked("papers", "learning", "--limit", "4").stdout
    pages = int(first.split("Page 1 of ")[1].split(";")[0])
    assert f"Page 1 of {pages}; the next with --page 2." in first
    last = stocked("papers", "learning", "--limit", "4", "--page", str(pages)).stdout
    assert f"Page {pages} of {pages}." in last
    assert "the next" not in last


def test_corrected_papers_are_marked_and_counted_apart(stocked: Papercord):
    answer = document(stocked("papers", "decentralzed", "--json"))
    assert (answer["total"], answer["partial"], answer["corrected"]) == (0, 0, 3)
    assert [(hit["complete"], hit["corrected"]) for hit in answer["results"]] == [(False, True)] * 3
    text = stocked("papers", "decentralzed").stdout
    assert text.startswith("0 papers for decentralzed\n3 papers with corrected words\nalso: decentralized\n")
    assert "\nWith corrected words:\n" in text


def test_the_author_document_has_the_figures_of_page_and_corpus(stocked: Papercord):
    answer = document(stocked("author", "Pan", "Pan", "--json"))
    assert answer["match"] == "exact"
    author = answer["author"]
    assert author["name"] == "Pan Pan"
    assert author["reported"] == {
        "h_index": 98,
        "papers": 26,
        "citations": 1791,
        "novelty": 55,
        "ai_score": 48,
        "source": "author page",
        "as_of": "2026-03-20",
    }
    corpus = author["corpus"]
    assert (corpus["papers"], corpus["listed"], corpus["attributed"], corpus["with_code"]) == (26, 10, 26, 2)
    assert corpus["fields"] == {"CV": 19, "LG": 6, "IR": 1}
    assert any("98" in notice and "9,604" in notice for notice in author["notices"])
    assert answer["choices"] == []


@pytest.mark.parametrize(
    ("name", "match"), [("pan pan", "exact"), ("Pan, Pan", "exact"), ("Pna Pan", "choices")]
)
def test_only_an_exact_name_is_answered(stocked: Papercord, name: str, match: str):
    answer = document(stocked("author", name, "--json"))
    assert answer["match"] == match
    assert (answer["author"] is not None) == (match == "exact")


def test_status_counts_the_corpus_and_hides_credentials(stocked: Papercord):
    state = document(stocked("status", "--json"))
    assert state["papers"] == 26
    assert state["fields"] == {"CV": 19, "LG": 6, "IR": 1}
    assert state["index_revision"] == state["revision"]
    assert state["last_import"]["state"] == "finished"
    assert state["unfinished_imports"] == []
    assert state["announcer"] == {
        "lease": None,
        "last_run": None,
        "planned": 0,
        "sent": 0,
        "held": 0,
        "failed": 0,
    }


def test_strict_is_all_or_nothing_and_else_the_rest_comes_in(papercord: Papercord, tmp_path: Path):
    papers = tmp_path / "papers.jsonl"
    papers.write_text('{"id": "1", "title": "One"}\n{"id": "2"}\n{"id": "3", "title": "Three"}\n')
    refused = papercord("import", str(papers), "--strict", "--json")
    assert refused.returncode == 1
    answer = document(refused)
    assert answer["added"] == 0
    assert [(row["line"], row["file"]) for row in answer["rejected"]] == [(2, str(papers))]
    assert "title" in answer["rejected"][0]["reason"]
    assert document(papercord("status", "--json"))["papers"] == 0
    rest = papercord("import", str(papers), "--json")
    assert (rest.returncode, document(rest)["added"], len(document(rest)["rejected"])) == (0, 2, 1)
    again = papercord("import", str(papers), "--skip-bad")
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1].endswith("known as they are, 1 refused.")


def test_a_dry_run_says_what_would_come_and_writes_nothing(stocked: Papercord, tmp_path: Path):
    before = document(stocked("status", "--json"))
    (tmp_path / "new.jsonl").write_text('{"id": "1", "title": "One"}\n{"id": "2"}\n')
    (tmp_path / "broken.bib").write_text("nothing in here\n")
    run = stocked("import", "--dry-run", str(tmp_path / "new.jsonl"), "--json")
    answer = document(run)
    assert (run.returncode, answer["dry_run"], answer["added"], len(answer["rejected"])) == (0, True, 1, 1)
    assert answer["examples"]["added"] == ["One"]
    assert answer["announced"] == []
    run = stocked("import", "--dry-run", str(tmp_path))
    assert run.returncode == 1
    assert f"{tmp_path / 'broken.bib'}: nothing could be read" in run.stdout
    assert run.stdout.splitlines()[-1] == (
        "Dry run, nothing was written. It would be: 1 added, 0 updated, 0 unchanged, 2 refused."
    )
    assert document(stocked("status", "--json")) == before


def test_a_file_whose_name_is_not_utf8_is_imported_or_named(papercord: Papercord, tmp_path: Path):
    path = tmp_path / os.fsdecode(b"caf\xe9.jsonl")
    path.write_text('{"title": "Wombats"}\n')
    run = papercord("import", str(path), "--json")
    assert (run.returncode, document(run)["added"]) == (0, 1)
    path.write_text('{"id": "x"}\n')
    run = papercord("import", str(path), "--json")
    assert run.returncode == 1
    assert document(run)["rejected"][0]["file"].endswith("caf\\udce9.jsonl")
    run = papercord("import", str(path))
    assert "line 1" in run.stdout


def test_a_missing_file_is_named_in_both_forms(papercord: Papercord):
    run = papercord("import", "absent.jsonl", "--json")
    assert run.returncode == 1
    assert "absent.jsonl" in json.dumps(document(run))
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    "arguments", [("papers", "--json"), ("papers", "x", "--sort", "size", "--json"), ("import", "--json")]
)
def test_wrong_use_exits_2_with_a_document(papercord: Papercord, arguments: tuple[str, ...]):
    run = papercord(*arguments)
    assert run.returncode == 2
    assert document(run)["error"]
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("option", [("--field", "XX"), ("--since", "yesterday"), ("--until", "2021-13")])
def test_a_filter_that_cannot_be_is_refused_in_one_line(stocked: Papercord, option: tuple[str, str]):
    run = stocked("papers", "video", *option, "--json")
    assert run.returncode == 1
    assert option[1] in document(run)["error"]


def test_the_version_is_that_of_the_package(papercord: Papercord):
    assert papercord("--version").stdout == f"papercord {__version__}\n"


@pytest.mark.parametrize("group", [(), ("authors",), ("imports",)])
def test_without_a_command_they_are_shown_and_one_is_asked_for(papercord: Papercord, group: tuple[str, ...]):
    run = papercord(*group)
    assert run.returncode == 2
    assert "Commands" in run.stdout + run.stderr
    assert "papercord: Name a command." in run.stderr


def test_run_without_a_token_says_what_to_do(papercord: Papercord):
    run = papercord("run")
    assert run.returncode == 2
    assert run.stderr.startswith("papercord: DISCORD_TOKEN is not set")
    assert len(run.stderr.splitlines()) == 1


def test_a_wrong_database_address_is_named_without_its_password(papercord: Papercord):
    run = papercord("status", PAPERCORD_DATABASE_URL="mysql://me:pass-word@host/db")
    assert run.returncode == 2
    assert "PAPERCORD_DATABASE_URL" in run.stderr
    assert "pass-word" not in run.stderr


def test_the_text_forms_show_what_matters(stocked: Papercord):
    assert "3 papers for decentralized" in stocked("papers", "decentralized").stdout
    author = stocked("author", "Pan Pan").stdout
    assert "h-index    98" in author
    assert "26 papers (10 listed, 26 attributed)" in author
    assert "26 papers" in stocked("status").stdout


def test_more_authors_than_fit_are_counted(papercord: Papercord, tmp_path: Path):
    names = ["Ada A", "Bo B", "Cy C", "Di D", "Ed E", "Flo F"]
    rows = [{"id": str(many), "title": f"Paper {many}", "authors": names[:many]} for many in (4, 5, 6)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    papercord("import", str(tmp_path / "rows.jsonl"))
    shown = papercord("papers", "paper").stdout
    assert [shown.count(end) for end in ("Di D\n", "Di D and 1 other\n", "Di D and 2 others\n")] == [1, 1, 1]


def test_what_became_of_a_paper_and_its_other_titles_are_printed(papercord: Papercord, tmp_path: Path):
    notice = {"kind": "retracted", "day": "2024-02-03", "url": "https://doi.org/10.9999/r"}
    row = {"id": "k", "title": "WITHDRAWN: Knots", "notices": [notice], "short_title": "Slip"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    papercord("import", str(tmp_path / "rows.jsonl"))
    shown = papercord("papers", "slip").stdout
    assert "Knots\n  RETRACTED 2024-02-03 (JSON, https://doi.org/10.9999/r) · WITHDRAWN (JSON)\n" in shown
    [hit] = document(papercord("papers", "knots", "--json"))["results"]
    withdrawn = {"kind": "withdrawn", "source": "json lines", "day": None, "url": None}
    assert hit["notices"] == [notice | {"source": "json lines"}, withdrawn]
    titles = [{"title": "Slip", "kind": "short"}, {"title": "WITHDRAWN: Knots", "kind": "other"}]
    assert hit["other_titles"] == titles


def test_of_several_files_the_report_names_the_form_of_each(papercord: Papercord, tmp_path: Path):
    (tmp_path / "a.bib").write_text("@article{a, title={Knots}}", encoding="utf-8")
    (tmp_path / "b.ris").write_text("PMID- 1\nTI  - Ropes\n", encoding="utf-8")
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4")
    names = ("a.bib", "b.ris", "c.pdf")
    report = papercord("import", *(str(tmp_path / name) for name in names)).stdout
    assert "a.bib: 1 paper read (BibTeX)\n" in report
    assert "b.ris: 1 paper read (PubMed)\n" in report
    assert "c.pdf: it is a PDF, which is no list of papers" in report


def test_every_command_has_its_help_and_is_in_the_page_of_the_command_line(papercord: Papercord):
    page = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    for command in ("try", "run", "import", "papers", "author", "status", "migrate"):
        assert papercord(command, "--help").returncode == 0
        assert f"papercord {command}" in page


def test_an_empty_corpus_is_said_with_what_fills_it(papercord: Papercord):
    run = papercord("papers", "decentralized")
    assert "0 papers for decentralized" in run.stdout
    assert run.stderr == "The corpus is empty; fill it with: papercord import FILE\n"


def _cut(data: Path) -> None:
    (data / "papercord.db").write_bytes(b"")


def _take_away(data: Path) -> None:
    (data / "papercord.db").unlink()


def _without_tables(data: Path) -> None:
    _take_away(data)
    with closing(sqlite3.connect(data / "papercord.db")) as database:
        database.execute("VACUUM")


def _without_papers(data: Path) -> None:
    with closing(sqlite3.connect(data / "papercord.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM revision")
        database.commit()


@pytest.mark.parametrize("lose", [_cut, _take_away, _without_tables, _without_papers])
def test_a_database_that_lost_its_papers_is_refused_with_what_to_do(
    stocked: Papercord, tmp_path: Path, lose: Callable[[Path], None]
):
    data = tmp_path / "data"
    lose(data)
    ahead = data / "papercord.db-wal"
    ahead.write_bytes(b"what was written ahead")
    before = {path.name: path.read_bytes() for path in data.glob("papercord.db")}
    if lose is _without_papers:
        ahead.unlink()
    for command in (("status",), ("papers", "decentralized"), ("import", str(AUTHOR_PAGE)), ("migrate",)):
        run = stocked(*command)
        assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
        assert "restore a backup" in run.stderr
        assert "delete the folder of the index" in run.stderr
    if lose in (_cut, _take_away):
        assert {path.name: path.read_bytes() for path in data.glob("papercord.db")} == before
        assert ahead.read_bytes() == b"what was written ahead"
        ahead.unlink()
    shutil.rmtree(data / "index")
    assert "papercord: " not in stocked("status").stderr
    assert document(stocked("import", str(AUTHOR_PAGE), "--json"))["rejected"] == []


def test_a_backup_that_is_older_than_the_index_is_taken(stocked: Papercord, tmp_path: Path):
    kept = (tmp_path / "data" / "papercord.db").read_bytes()
    (tmp_path / "rows.jsonl").write_text('{"id": "1", "title": "Decentralized once more"}\n')
    stocked("import", str(tmp_path / "rows.jsonl"))
    (tmp_path / "data" / "papercord.db").write_bytes(kept)
    assert len(document(stocked("papers", "decentralized", "--json"))["results"]) == 3


def test_a_database_without_some_of_its_tables_is_refused(stocked: Papercord, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "data" / "papercord.db")) as database:
        database.execute("DELETE FROM alembic_version")
        database.commit()
    run = stocked("status")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    assert "restore a backup" in run.stderr


def test_a_backup_is_restored_into_an_empty_folder(stocked: Papercord, tmp_path: Path):
    made = stocked("backup", "kept.db", "--json")
    elsewhere = {"PAPERCORD_DATA_DIR": str(tmp_path / "elsewhere")}

    restored = stocked("restore", "kept.db", **elsewhere)

    assert document(made)["papers"] == 26
    assert restored.returncode == 0
    assert "26 papers" in restored.stdout
    assert document(stocked("papers", "decentralized", "--json", **elsewhere))["total"] == 3
    assert stocked("restore", "kept.db").returncode == 1
    assert "--replace" in stocked("restore", "kept.db").stderr


def test_whether_a_migration_is_needed_is_an_exit_code(stocked: Papercord, tmp_path: Path):
    assert stocked("migrate", "--check").returncode == 0

    with closing(sqlite3.connect(tmp_path / "data" / "papercord.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0007'")
        connection.commit()
    needed = stocked("migrate", "--check")

    assert needed.returncode == 1
    assert needed.stdout.endswith("has an older schema: papercord migrate\n")


def test_the_bot_says_that_others_may_read_its_token(papercord: Papercord, tmp_path: Path):
    secrets = tmp_path / ".env"
    secrets.write_text("DISCORD_TOKEN=abc\nPAPERCORD_DATABASE_URL=mysql://host/db\n", encoding="utf-8")
    secrets.chmod(0o644)

    warned = papercord("run")
    secrets.chmod(0o600)

    assert warned.stderr.splitlines()[0] == "Others on this machine may read .env: chmod 600 .env"
    assert "may read" not in papercord("run").stderr


@pytest.mark.skipif(os.name == "nt", reason="modes of files are those of Unix")
def test_only_the_owner_may_read_the_data(stocked: Papercord, tmp_path: Path):
    stocked("papers", "decentralized")

    made = list((tmp_path / "data").rglob("*"))

    assert (tmp_path / "data" / "index") in made
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_papers_are_merged_and_split_and_such_words_can_be_searched(papercord: Papercord, tmp_path: Path):
    entry = "@article{{{0}, title={{Split learning}}, author={{Bo Lund}}, doi={{10.9999/{0}}}}}\n"
    (tmp_path / "a.bib").write_text(entry.format(1) + entry.format(2), encoding="utf-8")
    assert papercord("import", "a.bib").returncode == 0
    assert document(papercord("papers", "split", "learning", "--json"))["total"] == 2

    listed = document(papercord("papers", "merge", "--list", "--json"))
    (doubt,) = listed["doubtful"]
    ids = [f"paper:{doubt['paper_id']}", f"paper:{doubt['other_id']}"]
    made = document(papercord("papers", "merge", *ids, "--reason", "a reprint", "--json"))
    assert (made["kind"], made["made_by"], made["reason"]) == ("merge", None, "a reprint")
    assert document(papercord("papers", "split", "learning", "--json"))["total"] == 1
    assert "bibtex:10.9999/2" in papercord("papers", "split", ids[0]).stdout

    again = papercord("papers", "merge", *ids, "--reason", "a reprint")
    assert (again.returncode, again.stdout) == (1, "")
    assert "one paper already" in again.stderr
    assert "Undone" in papercord("papers", "merge", "--undo", "1").stdout
    assert document(papercord("papers", "split", "learning", "--json"))["total"] == 2
    assert papercord("papers", "merge", ids[0], "--reason", "x").returncode == 2
