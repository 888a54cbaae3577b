"""Acquisitions that were stopped, killed or ran out of room, and taken up again."""

import json
import random
import resource
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.acquisition import Labels, acquire
from evidence.errors import ResumeError, SourceChangedError, TargetError
from tests.evidence.acquisition.kill import CHILD, ROOT, SETTINGS, STARTED, killed_until_done, media_in
from tests.evidence.images.ewf_builder import media_of

MEDIA = media_of(16_000 * 512, seed=5)


class StopError(Exception):
    """What a progress raises to cancel."""


def source_of(folder: Path) -> Path:
    path = folder / "source.img"
    path.write_bytes(MEDIA)
    return path


def stop_at(share: float, source: Path, target: Path, kind: str) -> None:
    def told(done: int, total: int) -> None:
        if done >= share * total / 2:
            raise StopError

    with pytest.raises(StopError):
        acquire(source, target, SETTINGS[kind], told)


@pytest.mark.parametrize("kind", list(SETTINGS))
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_acquisition_ends_like_one_that_was_not(kind: str, seed: int, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    whole = acquire(source, tmp_path / "whole", SETTINGS[kind], started_at=STARTED)
    done = killed_until_done(source, tmp_path / "disk", kind, random.Random(seed), 3)
    assert done.verified
    assert media_in(done) == MEDIA
    assert (done.digests, done.parts) == (whole.digests, whole.parts)
    assert [path.stat().st_size for path in done.paths] == [path.stat().st_size for path in whole.paths]
    if kind == "e01" and shutil.which("ewfverify"):
        subprocess.run(["ewfverify", "-q", done.paths[0]], check=True, capture_output=True)


@pytest.mark.parametrize("kind", list(SETTINGS))
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_a_stopped_acquisition_goes_on_where_it_was(kind: str, share: float, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(share, source, tmp_path / "disk", kind)
    done = acquire(source, tmp_path / "disk", SETTINGS[kind], resume=True)
    assert done.verified
    assert done.resumed == 1
    assert media_in(done) == MEDIA


def test_what_lies_behind_the_checkpoint_is_not_believed(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.6, source, tmp_path / "disk", "split")
    kept = json.loads((tmp_path / "disk.acquisition.json").read_text())["checkpoint"]
    last = tmp_path / f"disk.{kept['files']:03d}"
    with last.open("r+b") as file:
        file.seek(kept["last_bytes"])
        file.write(b"torn" * 1000)
    (tmp_path / f"disk.{kept['files'] + 1:03d}").write_bytes(b"torn")
    done = acquire(source, tmp_path / "disk.001", SETTINGS["split"], resume=True)
    assert media_in(done) == MEDIA
    assert done.verified


def test_the_settings_it_was_begun_with_hold(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "e01")
    other = replace(SETTINGS["raw"], labels=Labels(notes="other"), retries=7, verify=False)
    done = acquire(source, tmp_path / "disk.E01", other, resume=True)
    assert done.settings == replace(SETTINGS["e01"], retries=7, verify=False)
    assert done.verified is None
    again = acquire(source, tmp_path / "disk", SETTINGS["e01"], resume=True)
    assert again.verified
    assert again.digests == done.digests


def test_another_or_a_changed_source_is_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.5, source, tmp_path / "disk", "e01")
    other = tmp_path / "other.img"
    other.write_bytes(MEDIA[:-512])
    with pytest.raises(ResumeError, match="size bytes"):
        acquire(other, tmp_path / "disk", SETTINGS["e01"], resume=True)
    source.write_bytes(MEDIA)
    with pytest.raises(ResumeError, match="modified"):
        acquire(source, tmp_path / "disk", SETTINGS["e01"], resume=True)


def test_a_source_that_is_written_to_meanwhile_is_refused(tmp_path: Path) -> None:
    source = source_of(tmp_path)

    def write(done: int, total: int) -> None:
        with source.open("r+b") as file:
            file.write(b"changed")

    with pytest.raises(SourceChangedError):
        acquire(source, tmp_path / "disk", SETTINGS["e01"], write)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "disk.acquisition.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "disk.acquisition.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "disk.acquisition.json").write_text('{"version": 1}'), "damaged"),
        (lambda folder: (folder / "disk.acquisition.json").write_text('{"version": 9}'), "another version"),
        (lambda folder: (folder / "disk.E01").write_bytes(bytes(3_000_000)), "cannot be read back"),
    ],
)
def test_a_spoilt_beginning_is_refused_in_words(spoil: object, words: str, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.8, source, tmp_path / "disk", "e01")
    spoil(tmp_path)  # type: ignore[operator]
    with pytest.raises(ResumeError, match=words):
        acquire(source, tmp_path / "disk", SETTINGS["e01"], resume=True)


def test_a_file_that_was_cut_off_is_told_of(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    stop_at(0.8, source, tmp_path / "disk", "raw")
    (tmp_path / "disk").write_bytes(MEDIA[:1000])
    with pytest.raises(TargetError, match="shorter"):
        acquire(source, tmp_path / "disk", SETTINGS["raw"], resume=True)


@pytest.mark.parametrize("kind", ["raw", "e01"])
def test_a_full_disk_is_told_of_and_nothing_is_lost(kind: str, tmp_path: Path) -> None:
    source = source_of(tmp_path)
    limit = 5_000_000 if kind == "raw" else 2_000_000
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {resource.RLIM_INFINITY}))\n{CHILD}"
    command = [sys.executable, "-c", code, str(source), str(tmp_path / "disk"), kind, ""]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert ended.returncode == 1
    assert "TargetError" in ended.stderr
    assert "File too large" in ended.stderr
    kept = json.loads((tmp_path / "disk.acquisition.json").read_text())["checkpoint"]["media_bytes"]
    assert f"{kept} bytes of the media are safe" in ended.stderr
    assert kept > 0
    done = acquire(source, tmp_path / "disk", SETTINGS[kind], resume=True)
    assert media_in(done) == MEDIA


def test_two_programs_do_not_write_the_same_target(tmp_path: Path) -> None:
    source = source_of(tmp_path)
    refused: list[TargetError] = []

    def try_too(done: int, total: int) -> None:
        if not refused and done > total // 4:
            with pytest.raises(TargetError) as caught:
                acquire(source, tmp_path / "disk", SETTINGS["split"], resume=True)
            refused.append(caught.value)

    done = acquire(source, tmp_path / "disk", SETTINGS["split"], try_too)
    assert refused
    assert media_in(done) == MEDIA
