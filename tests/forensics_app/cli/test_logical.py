"""Logical evidence and archives on the command line: copied and taken in, opened, and a member exported."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, Bench
from tests.forensics_app.cli.calls import run

LETTER = b"Dear Sirs,\n" * 20


@pytest.fixture
def words(bench: Bench, tmp_path: Path) -> list[str]:
    """What follows every command: the lab, who acts, and of which case."""
    bench.exhibit(bench.case())
    (tmp_path / "ana").write_text(f"{PASSPHRASE}\n")
    signing = ["--lab", bench.lab.folder.root, "--as", "Ana Kovač", "--passphrase-file", tmp_path / "ana"]
    return [str(word) for word in (*signing, "--case", "2026-0147")]


@pytest.fixture
def share(tmp_path: Path) -> Path:
    """A folder with a ZIP in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("docs/letter.txt", LETTER)
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "mail.zip").write_bytes(made.getvalue())
    return tmp_path / "share"


def test_folders_are_copied_taken_in_catalogued_with_archives_and_a_member_exported(
    words: list[str], share: Path, tmp_path: Path
) -> None:
    options = ["--exhibit", "LH/01", "--no-write-blocker", "Handed over", "--target", str(tmp_path / "share.zip")]
    made = json.loads(run("acquire-folder", *words, *options, "--take-in", "--json", str(share)).stdout)
    assert made["acquisition"]["verified"] is True
    assert made["image"]["integrity"] == "equal to stored digests"
    told = run("catalogue", *words, "--image", "LH/01-I1", "--archives").stdout
    assert "Files in archives (zip)" in told
    place = ["--image", "LH/01-I1", "--volume", "v0", "--path", "/1/mail.zip/docs/letter.txt"]
    told = run("export", *words, *place, str(tmp_path / "letter.txt")).stdout
    assert hashlib.sha256(LETTER).hexdigest() in told
    assert (tmp_path / "letter.txt").read_bytes() == LETTER
    run("catalogue", *words, "--image", "LH/01-I1", "--archives", "--metadata-only", status=2)


def test_a_folder_is_refused_and_an_archive_taken_in_only_where_that_is_said(words: list[str], share: Path) -> None:
    options = ["--exhibit", "LH/01", "--no-write-blocker", "Handed over"]
    assert "acquire-folder" in run("intake", *words, *options, "--logical", str(share), status=2).stderr
    source = str(share / "mail.zip")
    assert "--logical" in run("intake", *words, *options, source, status=3).stderr
    told = run("intake", *words, *options, "--logical", source).stdout
    assert "Digests of the file as it is:" in told
    assert "It stores no digests of its files" in told
    assert hashlib.sha256(Path(source).read_bytes()).hexdigest() in told
