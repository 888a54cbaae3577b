"""A short fuzzing run, the same mutants of the same bytes every time. The long one is ``dev.py fuzz``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz import specimens
from tests.fuzz.campaign import Campaign, Found, Report
from tests.fuzz.judge import Finding, Judge
from tests.fuzz.mutations import Recipe

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
    assert report.words().splitlines()[-1].endswith(f"{len(images)} images, damaged by chance: nothing was found.")


def test_a_run_ends_with_what_was_tried_and_what_was_found() -> None:
    def found(*, is_contained: bool) -> Found:
        finding = Finding(kind="crash", signature="one", words="", is_contained=is_contained)
        recipe = Recipe(file=0, words="", edits=())
        return Found(specimen="mbr", seed="1:mbr:0", recipe=recipe, finding=finding)

    assert Report().words().splitlines()[-1] == "Nothing was tried."
    report = Report(mutants=7, per_specimen=Counter({"mbr": 7}))
    report.found = [found(is_contained=False), found(is_contained=True), found(is_contained=True)]
    last = report.words().splitlines()[-1]
    assert last == "Tried 7 mutants of 1 image, damaged by chance: faults 1, told of and gone on without 2."


@pytest.mark.parametrize("name", ["qcow2", "mbr", "gpt", "lvm", "apfs-locked", "logical-tar.gz"])
def test_what_is_said_to_be_alike_is_alike(name: str, tmp_path: Path) -> None:
    made = [list(specimens.made(tmp_path / time, name, exactly=True)) for time in ("first", "second")]
    first, second = ([file.read_bytes() for one in images for file in one.files] for images in made)
    assert first == second
