"""A short fuzzing run, the same mutants of the same bytes every time. The long one is ``dev.py fuzz``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import specimens
from tests.fuzz.campaign import Campaign
from tests.fuzz.judge import Judge

ALWAYS_ALIKE = (
    "raw-split", "ex01", "l01", "qcow2", "qcow2-compressed", "qcow1", "parallels", "udif", "mbr", "gpt", "udf-plain",
    "udf-virtual", "udf-sparable", "udf-metadata", "apfs", "apfs-locked", "bitlocker-seven", "bitlocker-vista",
    "bitlocker-to-go", "corestorage", "lvm", "lvm-raid5", "shadow", "aff4-map", "vmdk-sesparse",
    "logical-zip", "logical-tar", "logical-tar.gz",
)  # fmt: skip
"""Images whose bytes do not depend on the moment at which they are made."""
MUTANTS = 6


@pytest.mark.req("REQ-31")
def test_no_damage_ends_a_reader_or_is_passed_over_in_silence(tmp_path: Path) -> None:
    said: list[str] = []
    images = [specimen for name in ALWAYS_ALIKE for specimen in specimens.made(tmp_path / "images", name, exactly=True)]
    campaign = Campaign("fixed", tmp_path / "work", said.append)
    with Judge() as judge:
        campaign.run(images, mutants=MUTANTS, until_s=float("inf"), judge=judge)
    report = campaign.report
    assert report.mutants == MUTANTS * len(images)
    assert report.refused + report.told > MUTANTS
    words = [f"dev.py fuzz --mutant {item.seed}\n{item.finding.words}" for item in report.found]
    assert not words, "\n".join(words)


@pytest.mark.parametrize("name", ["qcow2", "mbr", "gpt", "lvm", "apfs-locked", "logical-tar.gz"])
def test_what_is_said_to_be_alike_is_alike(name: str, tmp_path: Path) -> None:
    made = [list(specimens.made(tmp_path / time, name, exactly=True)) for time in ("first", "second")]
    first, second = ([file.read_bytes() for one in images for file in one.files] for images in made)
    assert first == second
