"""Which entry of a catalogue a command acts on, and what it calls it."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from resources import path as resource
from tests.builders import PASSPHRASE, Bench, make_bench
from tests.forensics_app.reports.pdftools import Oracle

Call = Callable[..., tuple[int, str]]
STREAM = "/Users/l.mirel/Downloads/INV-2026-0417.pdf:Zone.Identifier"


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    """A lab with an exhibit to be imaged, closed."""
    bench = make_bench(tmp_path / "lab")
    bench.exhibit(bench.case())
    bench.lab.close()
    return bench


@pytest.fixture
def call(made: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process, signed by the examiner."""
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signing = ("--lab", str(tmp_path / "lab"), "--as", "Ana Kovač", "--passphrase-file", str(tmp_path / "word"))

    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main([*words, "--case", "2026-0147", *signing])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


def take_in(call: Call, source: Path, *more: str) -> None:
    status, said = call("intake", "--exhibit", "LH/01", "--no-write-blocker", "a file", str(source), *more)
    assert status == 0, said
    status, said = call("catalogue", "--image", "LH/01-I1", "--metadata-only")
    assert status == 0, said


def test_entries_with_one_path_are_listed_and_the_examiner_says_which(call: Call, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "twice.tar", "w") as archive:
        for content in (b"first", b"the second one"):
            member = tarfile.TarInfo("letter.txt")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    take_in(call, tmp_path / "twice.tar", "--logical")
    place = ("--image", "LH/01-I1", "--volume", "v0", "--path", "/letter.txt", str(tmp_path / "out.txt"))
    status, said = call("export", *place)
    assert (status, "2 entries are at '/letter.txt'" in said) == (2, True), said
    assert not (tmp_path / "out.txt").exists()
    ids = {size: number for number, size in re.findall(r"--id (\d+) .* (\d+) bytes", said)}
    assert call("export", *place, "--id", "999")[0] == 2
    status, said = call("export", *place, "--id", ids["5"])
    assert (status, (tmp_path / "out.txt").read_bytes()) == (0, b"first"), said


def test_the_top_of_a_volume_is_all_of_it_and_a_folder_may_end_in_a_slash(call: Call, tmp_path: Path) -> None:
    take_in(call, resource("demo/demo.E01"))
    place = ("export", "--image", "LH/01-I1", "--volume", "v0.p2", "--path")
    status, said = call(*place, "/", str(tmp_path / "whole"))
    assert status == 0, said
    written = {str(one.relative_to(tmp_path)) for one in tmp_path.glob("whole/files/**/*") if one.is_file()}
    assert written >= {"whole/files/READ ME.txt", "whole/files/Accounts/payments.csv", "whole/files/$FAT1"}
    status, said = call(*place, "/Accounts/", str(tmp_path / "folder"))
    assert status == 0, said
    assert (tmp_path / "folder" / "files" / "Accounts" / "payments.csv").is_file()
    status, said = call("export", "--image", "LH/01-I1", "--volume", "v0.p9", "--path", "/", str(tmp_path / "none"))
    assert (status, "There is no '/' in volume v0.p9" in said) == (2, True)


def test_an_alternate_data_stream_is_called_one(call: Call, tmp_path: Path) -> None:
    take_in(call, resource("demo/demo.E01"))
    place = ("--image", "LH/01-I1", "--volume", "v0.p1", "--path", STREAM)
    status, said = call("report", "choose", *place)
    assert (status, "Chose alternate data stream" in said) == (0, True), said
    status, said = call("report", "build", str(tmp_path / "draft.pdf"))
    assert status == 0, said
    assert "alternatedatastream,allocated" in Oracle(tmp_path).flat((tmp_path / "draft.pdf").read_bytes())
