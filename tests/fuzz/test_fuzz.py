"""A short fuzzing run: the same mutants every time, and others every day. The long one is ``dev.py fuzz``."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fuzz import specimens
from tests.fuzz.campaign import Campaign
from tests.fuzz.judge import Judge

QUICK = (
    "raw-split", "e01", "ex01", "qcow2", "qcow2-compressed", "qcow1", "vmdk", "vhd", "vhdx", "parallels", "udif",
    "mbr", "gpt", "ext4", "fat12", "ntfs", "iso", "udf-plain", "udf-metadata", "apfs", "luks1", "luks2",
    "bitlocker-seven", "bitlocker-to-go", "corestorage", "lvm", "shadow",
)  # fmt: skip
SECONDS = 25.0
MUTANTS = 12
KNOWN = frozenset({"hang", "crash"})
"""What a native reader may do to its child; the examination goes on without it (see tests of evidence.attempts)."""


@pytest.mark.parametrize("seed", ["fixed", datetime.now(UTC).strftime("day-%Y%m%d")])
def test_no_damage_ends_a_reader_or_is_passed_over_in_silence(seed: str, tmp_path: Path) -> None:
    said: list[str] = []
    images = [specimen for name in QUICK for specimen in specimens.made(tmp_path / "images", name, exactly=True)]
    if not images:
        pytest.skip("none of the tools that make images is installed")
    campaign = Campaign(seed, tmp_path / "work", said.append)
    with Judge() as judge:
        campaign.run(images, mutants=MUTANTS, until_s=time.monotonic() + SECONDS, judge=judge)
    found = [item for item in campaign.report.found if item.finding.kind not in KNOWN]
    assert campaign.report.mutants > 0
    assert campaign.report.refused + campaign.report.told > 0
    assert not found, "\n".join(f"dev.py fuzz --mutant {item.seed}\n{item.finding.words}" for item in found)
