"""An image of what nobody of the laboratory had checked out, on the command line: `intake --made` (decision 46)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, make_bench, reopened
from tests.forensics_app.cli.calls import run, run_process
from tests.forensics_app.services.end_of_custody import stored

MADE = "At the scene, by Insp. Haas, before it was sealed"


@pytest.mark.req("REQ-24", "REQ-32")
def test_an_image_of_what_is_not_in_hand_is_told_where_and_by_whom_or_refused(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    seized, shelved = bench.exhibit(case), stored(bench, case, "LH/02")
    at = bench.clock()
    bench.lab.close()
    asked = " ".join(run_process("intake", "--help").stdout.split())
    assert "where and by whom it was made, of an exhibit that nobody of the laboratory had checked out" in asked
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(64 * 512))
    signing = ("--lab", tmp_path / "lab", "--as", "Ana Kovač", "--passphrase-file", tmp_path / "word")
    words = ("intake", "--case", case.number, *signing, "--write-blocker", "T8u")
    assert "LH/01-I1" in run(*words, "--exhibit", "LH/01", "--made", MADE, disk).stdout
    assert "LH/01-I2" in run(*words, "--exhibit", "LH/01", disk).stdout
    refused = run(*words, "--exhibit", "LH/02", "--made", MADE, disk, status=2).stderr
    assert "LH/02" in refused
    assert "Check it out first" in refused
    again = reopened(tmp_path / "lab", at)
    told = [one.fact("image_made") for one in again.lab.custody.history(seized.id) if one.action == "image.intake"]
    untold = "Not said where and by whom; LH/01 was seized, sealed with 0048812, and not checked out"
    assert told == [MADE, untold]
    assert [one.number for one in again.lab.intake.list(case.id)] == ["LH/01-I1", "LH/01-I2"]
    assert again.lab.custody.history(shelved.id)[-1].action == "custody.refused"
    assert again.lab.verification.verify().ok
    again.lab.close()
