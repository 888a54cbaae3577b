"""``files`` lists a catalogue by the language of filters, as the window does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from forensics_app.__main__ import main
from forensics_app.bootstrap import open_lab
from forensics_app.cli.common import printable
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.image import IntakeRequest, WriteBlocker
from resources import path as resource
from tests.builders import make_bench

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed lab with the catalogued demonstration disk."""
    folder = tmp_path_factory.mktemp("files") / "lab"
    bench = make_bench(folder)
    exhibit = bench.exhibit(bench.case())
    source = (Path(str(resource("demo/demo.E01"))),)
    blocker = WriteBlocker(device="Tableau T35u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=source, write_blocker=blocker)
    image = bench.lab.intake.take_in(bench.examiner, request)
    bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return folder


@pytest.fixture
def call(lab: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command in this process: its exit status, what it answers, and what it says beside that."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["files", "--lab", str(lab), "--case", "2026-0147", "--image", "LH/01-I1", *words])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


def answered(lab: Path, text: str) -> list[Any]:
    """What the catalogue itself answers to a filter in the zone of the lab."""
    opened = open_lab(lab)
    try:
        image = opened.intake.list(opened.cases.list()[0].id)[0]
        with opened.catalogues.open(image) as catalogue:
            query = CatalogueQuery(filter=parse(text, ZoneInfo(opened.info.zone)))
            return list(catalogue.rows(catalogue.ids(query)))
    finally:
        opened.close()


@pytest.mark.parametrize("text", ["", "type:image -deleted", "modified:2026-02 size>10K or path:*/Old/*"])
def test_the_command_lists_what_the_catalogue_answers(lab: Path, call: Call, text: str) -> None:
    entries = answered(lab, text)
    assert entries
    status, out, _ = call("--filter", text)
    lines = out.splitlines()
    assert (status, len(lines)) == (0, len(entries))
    assert all(line.endswith(printable(entry.path)) for line, entry in zip(lines, entries, strict=True))
    status, out, _ = call("--filter", text, "--json")
    document = json.loads(out)
    assert (status, document["count"]) == (0, len(entries))
    assert [one["id"] for one in document["entries"]] == [entry.id for entry in entries]
    status, out, _ = call("--filter", text, "--count")
    assert out == f"{len(entries):,} entries\n"


def test_times_are_shown_in_the_zone_asked_for_and_local_ones_as_they_are(call: Call) -> None:
    _, out, _ = call("--filter", "name:IMG_2041.jpg", "--zone", "Asia/Tokyo")
    assert "2026-02-18 02:30:00+09:00" in out
    _, out, said = call("--filter", 'modified:2026 name:"transfer slip.jpg"', "--zone", "Asia/Tokyo")
    assert "2026-02-25 22:59:30 local" in out
    assert "compared as it is written" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--filter", "typ:image"), 'at character 1: "typ"'),
        (("--filter", "type:imag"), "Did you mean type:image?"),
        (("--zone", "Nowhere"), "There is no zone 'Nowhere'"),
    ],
)
def test_what_is_wrong_is_wrong_use_and_says_what_would_be_right(call: Call, words: tuple[str, ...], said: str) -> None:
    status, out, error = call(*words)
    assert (status, out) == (2, "")
    assert said in error


def test_a_filter_may_begin_with_a_minus_behind_an_equals_sign(
    lab: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call("--filter=-deleted", "--count")
    assert (status, out) == (0, f"{len(answered(lab, '-deleted')):,} entries\n")
    assert main(["files", "--help"]) == 0
    assert "--filter=-deleted" in capsys.readouterr().out


def test_view_takes_a_file_apart_by_its_content(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--volume", "v0.p1", "--path", "/Users/l.mirel/Pictures/holiday.jpg")
    named = ("view", "--lab", str(lab), "--case", "2026-0147", "--image", "LH/01-I1", *place)
    assert main(named) == 0
    listed = capsys.readouterr().out.splitlines()
    assert (listed[0], listed[-1].split()[:2]) == ("a ZIP archive", ["1", "Members"])
    assert main((*named, "--part", "1", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row[0] for row in told["rows"]] == ["accounts.txt", "pay.txt"]
    assert main((*named, "--part", "2")) == 2
    assert "There is no part 2" in capsys.readouterr().err
