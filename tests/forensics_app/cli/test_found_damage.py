"""One rule for the exit status of what reads evidence: 1 when it did its work and found what needs attention."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench
from tests.evidence.made_images import need, run
from tests.evidence.volumes.media import Media
from tests.evidence.volumes.test_gpt import table

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program in this process; LH/01 is there to be imaged."""
    bench = make_bench(tmp_path / "lab")
    bench.exhibit(bench.case())
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signing = ("--lab", str(tmp_path / "lab"), "--as", "Ana Kovač", "--passphrase-file", str(tmp_path / "word"))

    def run(command: str, *words: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main([command, *words, "--case", "2026-0147", *signing])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    return run


def disk(path: Path, *, broken: bool) -> str:
    """A disk with a GPT whose first header is broken or not."""
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")])
    if broken:
        media.write(512 + 40, b"\xff")
    path.write_bytes(bytes(media.data))
    return str(path)


@pytest.mark.parametrize("broken", [False, True])
def test_a_catalogue_that_met_damage_answers_1_and_names_it(call: Call, tmp_path: Path, broken: bool) -> None:
    source = disk(tmp_path / "disk.raw", broken=broken)
    taking = call("intake", "--exhibit", "LH/01", "--no-write-blocker", "a file", source)
    assert taking[0] == 0, taking[1]
    status, said = call("catalogue", "--image", "LH/01-I1")
    assert status == int(broken), said
    assert ("Damage: " in said) == broken
    assert ("checksum of the first header is wrong" in said) == broken


def packed(folder: Path, *, broken: bool) -> str:
    """A SquashFS of two files, with a bit of the first one's only block changed or not."""
    need("mksquashfs")
    (folder / "in").mkdir()
    for name in ("a", "b"):
        (folder / "in" / name).write_bytes(b"".join(b"%s %d\n" % (name.encode(), n) for n in range(9_000)))
    image = folder / "packed.raw"
    run("mksquashfs", folder / "in", image, "-noappend", "-no-progress", "-quiet", "-no-xattrs", "-no-fragments")
    data = bytearray(image.read_bytes())
    data[96 + 1000] ^= 0x10 * broken
    image.write_bytes(data)
    return str(image)


@pytest.mark.parametrize("broken", [False, True])
def test_contents_of_allocated_entries_that_cannot_be_read_are_a_finding_of_catalogue_and_inspect(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: bool
) -> None:
    source, words = packed(tmp_path, broken=broken), "could not be read whole: 1. The notes"
    assert call("intake", "--exhibit", "LH/01", "--no-write-blocker", "a file", source)[0] == 0
    status, said = call("catalogue", "--image", "LH/01-I1")
    assert (status, f"Damage: v0: Contents of allocated entries that {words}" in said) == (int(broken), broken), said
    status = main(["inspect", source, "--hash", "--files"])
    said = capsys.readouterr().out
    assert (status, words in said, "(content not readable from byte 0 on: " in said) == (int(broken), broken, broken)


@pytest.mark.parametrize("command", ["intake", "acquire", "acquire-folder", "catalogue"])
def test_the_help_tells_the_exit_status(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "1: done and recorded, and something was found" in said
