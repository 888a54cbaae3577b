"""Tags and findings on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.services.test_files_and_races import took_in

Call = Callable[..., str]


@pytest.fixture
def called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Call, CatalogueEntry]:
    """Calls the program over a lab with a catalogued image, and gives what it prints; and one file of the image."""
    bench = make_bench(tmp_path / "lab")
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id, with_content=False)
    with bench.lab.catalogues.open(image) as catalogue:
        found = catalogue.rows(catalogue.ids(CatalogueQuery(extension="jpg")))
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", bench.examiner.person.name, "--passphrase-file", str(tmp_path / "word"))

    def call(*words: str, case: bool = True, signed: bool = True, status: int = 0) -> str:
        of = ("--case", "2026-0147") if case else ()
        told = [*words[:2], "--lab", str(tmp_path / "lab"), *of, *(signs if signed else ()), *words[2:]]
        assert main(told) == status
        return "".join(capsys.readouterr())

    return call, next(one for one in found if one.allocated and one.kind == "file" and one.size_bytes > 100)


def test_a_file_is_tagged_listed_filtered_and_its_tag_taken_off(called: tuple[Call, CatalogueEntry]) -> None:
    call, entry = called
    there = ("--image", "LH/01-I1", "--volume", entry.volume_id, "--path", entry.path, "--id", str(entry.id))
    assert "Relevant (blue, key 1)" in call("tag", "make", case=False)
    assert "Invoice (teal, key 5)" in call("tag", "make", "Invoice", "--colour", "teal", "--key", "5", case=False)
    assert "is now Bill (teal, key 5)" in call("tag", "change", "invoice", "--name", "Bill", case=False)
    assert f"Put Bill on {entry.volume_id}{entry.path}" in call("tag", "put", *there, "bill")
    assert "bears Bill already" in call("tag", "put", *there, "Bill")
    call("tag", "put", "--image", "LH/01-I1", "--offset", "510", "--length", "2", "--term", "55aa", "Relevant")
    listed = json.loads(call("tag", "list", "--json", signed=False))
    assert [(one["tag"], one["lost"], one["target"]["term"]) for one in listed] == [
        ("Bill", False, ""),
        ("Relevant", False, "55aa"),
    ]
    assert "no tag 'Nothing'" in call("tag", "put", *there, "Nothing", status=2)
    call("tag", "remove", listed[0]["id"])
    assert "Bill" not in call("tag", "list", signed=False)
    assert "Bill" in call("tag", "names", case=False, signed=False)


def test_a_finding_and_a_bookmark_are_recorded_listed_and_taken_back(called: tuple[Call, CatalogueEntry]) -> None:
    call, entry = called
    there = ("--image", "LH/01-I1", "--volume", entry.volume_id, "--path", entry.path, "--id", str(entry.id))
    assert "finding 1" in call("finding", "add", *there, "--offset", "0", "--length", "4", "It begins as a JPEG does.")
    assert "bookmark 2" in call("finding", "add", *there, "--bookmark")
    assert "--offset and --length" in call("finding", "add", *there, "--offset", "4", "Half", status=2)
    said = call("finding", "list", signed=False)
    assert "4 bytes from byte 0" in said
    assert "SHA-256 of these bytes" in said
    assert "needs a reason" in call("finding", "withdraw", "1", status=2)
    call("finding", "withdraw", "--reason", "Mistaken", "1")
    assert "Finding 1" not in call("finding", "list", signed=False)
    assert "TAKEN BACK" in call("finding", "list", "--withdrawn", signed=False)
