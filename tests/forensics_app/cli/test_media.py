"""The lab's own storage media on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench

Call = Callable[..., tuple[int, str]]
NEW = ("--use", "archive medium", "--make", "Verbatim", "--model", "M-Disc", "--serial", "V-77", "--place", "Bench 2")
NOT_WIPED = "WD-01 was not wiped and verified since its last use"


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process, as Tomasz Lis where a command signs."""
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")

    def run(*words: str, signs: bool = True) -> tuple[int, str]:
        who = ("--as", "Tomasz Lis", "--passphrase-file", str(tmp_path / "word")) if signs else ()
        capsys.readouterr()
        status = main([*words, "--lab", str(tmp_path / "lab"), *who])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


def test_a_medium_goes_from_its_registration_over_a_case_back_to_the_shelf(call: Call, tmp_path: Path) -> None:
    assert "no media of its own" in call("media", "list", signs=False)[1]
    status, said = call("media", "register", "--number", "WD-01", "--size-bytes", "100103356416", *NEW)
    assert (status, said.splitlines()[0]) == (
        0, "Registered WD-01 in the case LAB; it is not wiped since its last use."
    )  # fmt: skip
    assign = ("media", "assign", "--number", "WD-01", "--case", "2026-0147", "--purpose", "Working copies")
    status, said = call(*assign)
    assert (status, NOT_WIPED in said) == (2, True)
    wipe = ("media", "wipe", "--number", "WD-01", "--method", "Zeros", "--tool", "nwipe 0.36", "--check", "Read whole")
    assert call(*wipe, "--blank-sha256", "xyz")[0] == 2
    status, said = call(*wipe, "--blank-sha256", "ab" * 32, "--at", "2026-11-20T12:00:00+01:00")
    assert (status, said) == (0, "Recorded for WD-01: wiped and verified.\n")
    assert call(*assign) == (0, "Assigned WD-01 to case 2026-0147.\n")
    (told,) = json.loads(call("media", "list", "--json", signs=False)[1])
    assert (told["standing"], told["size_bytes"]) == ("assigned to a case", 100103356416)
    assert "assigned to a case 2026-0147" in call("media", "list", signs=False)[1]
    status, said = call("media", "return", "--number", "WD-01")
    assert (status, said) == (0, "WD-01 is back from case 2026-0147; it is not wiped since its last use.\n")
    store = ("custody", "store", "--case", "LAB", "--exhibit", "WD-01", "--field", "shelf=A-07")
    assert call(*store)[0] == 0
    assert "Medium of the laboratory" in call("custody", "log", signs=False)[1]
    assert main(["verify", str(tmp_path / "lab")]) == 0
