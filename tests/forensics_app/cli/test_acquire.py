"""Acquisitions by command."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from evidence.acquisition import Format, Labels, Settings, acquire
from tests.builders import PASSPHRASE, Bench
from tests.evidence.images.ewf_builder import media_of
from tests.forensics_app.cli.calls import run

MEDIA = media_of(5_000 * 512, seed=8)


@pytest.fixture
def words(bench: Bench, tmp_path: Path) -> list[str]:
    """What follows every command: the lab, who acts, and of what."""
    bench.exhibit(bench.case())
    (tmp_path / "ana").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "disk.img").write_bytes(MEDIA)
    signing = ["--lab", bench.lab.folder.root, "--as", "Ana Kovač", "--passphrase-file", tmp_path / "ana"]
    return [str(word) for word in (*signing, "--case", "2026-0147", "--exhibit", "LH/01")]


def test_a_device_becomes_an_image_of_the_lab(words: list[str], tmp_path: Path) -> None:
    paths = [str(tmp_path / "disk.img"), str(tmp_path / "LH01")]
    options = ["--write-blocker", "T8u", "--segment-bytes", "1048576", "--compression", "none", "--json"]
    told = json.loads(run("acquire", *words, *options, *paths).stdout)
    assert told["acquisition"]["digests"]["sha256"] == hashlib.sha256(MEDIA).hexdigest()
    assert told["image"]["integrity"] == "equal to stored digests"
    assert [Path(path).name for path in told["acquisition"]["paths"]][:2] == ["LH01.E01", "LH01.E02"]


def test_raw_is_one_file_unless_told_otherwise(words: list[str], tmp_path: Path) -> None:
    paths = [str(tmp_path / "disk.img"), str(tmp_path / "LH01.dd")]
    told = run("acquire", *words, "--no-write-blocker", "a copy", "--format", "raw", *paths)
    assert (tmp_path / "LH01.dd").read_bytes() == MEDIA
    assert "LH/01-I1: raw, 1 file," in told.stdout
    whole = f"100 % of {len(MEDIA):,} bytes"
    shown = [line.rpartition(",")[0] for line in told.stderr.splitlines() if "100 %" in line]
    assert shown[:2] == [f"Copying and hashing: {whole}", f"Reading back: {whole}"]
    assert set(shown[2:]) == {f"Taking in: {whole}"}
    assert "Taken up again" not in told.stdout


def test_an_acquisition_that_was_taken_up_again_says_so(words: list[str], bench: Bench, tmp_path: Path) -> None:
    source, target = tmp_path / "disk.img", tmp_path / "LH01.dd"
    settings = Settings(format=Format.RAW, segment_bytes=None, labels=Labels(evidence_number="LH/01"))

    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    with pytest.raises(StopError):
        acquire(source, target, settings, stop)
    options = ["--no-write-blocker", "a copy", "--format", "raw", "--resume"]
    told = run("acquire", *words, *options, str(source), str(target))
    assert target.read_bytes() == MEDIA
    assert "Taken up again 1 time after it was stopped" in told.stdout


def test_what_is_refused_has_words_and_the_status_of_wrong_use(words: list[str], tmp_path: Path) -> None:
    paths = [str(tmp_path / "disk.img"), str(tmp_path / "LH01")]
    assert "--no-write-blocker" in run("acquire", *words, *paths, status=2).stderr
    (tmp_path / "LH01.E01").write_bytes(b"taken")
    told = run("acquire", *words, "--write-blocker", "T8u", *paths, status=2).stderr
    assert "already exists" in told
    assert "nothing was written" in told
    told = run("acquire", *words, "--write-blocker", "T8u", "--resume", *paths, status=3).stderr
    assert "journal cannot be read" in told


def test_folders_are_copied_into_a_container(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "share" / "inner").mkdir(parents=True)
    (tmp_path / "share" / "inner" / "a.txt").write_text("a")
    target = tmp_path / "share.zip"
    options = ["--write-blocker", "T8u", "--target", str(target)]
    told = run("acquire-folder", *words, *options, str(tmp_path / "share")).stdout
    assert "3 entries, 1 file, 1 byte" in told
    assert hashlib.sha256(target.read_bytes()).hexdigest() in told
    assert ("Extended attributes in the manifest: " in told) == hasattr(os, "listxattr")
    assert "Read back: equal" in told
