"""Folders of the building computer are taken out of shared libraries; readelf and the loader are the judges."""

import ctypes
import importlib.util
import os
import platform
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from build_spec.workshop.console import StepError
from build_spec.workshop.elf import forget_search_paths, has_symbols, refuse_broken

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"}, reason="ELF files are on Linux"
    ),
    pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf of binutils is the judge here"),
]
OWN = b"$ORIGIN/../pillow.libs\0"
FOREIGN = b"/home/builder/lib:/opt\0"
MIXED = b"$ORIGIN:/home/builder/\0"


@pytest.fixture(scope="module")
def library() -> Path:
    found = importlib.util.find_spec("PIL._imaging")
    assert found is not None
    assert found.origin is not None
    assert OWN in Path(found.origin).read_bytes()
    return Path(found.origin)


def changed(library: Path, folder: Path, searched: bytes) -> Path:
    assert len(searched) == len(OWN)
    target = folder / library.name
    target.write_bytes(library.read_bytes().replace(OWN, searched))
    return target


def dynamic(path: Path) -> list[str]:
    told = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, check=True)
    assert not told.stderr
    return [line.split(maxsplit=1)[1].replace(" ", "") for line in told.stdout.splitlines() if "0x" in line]


def test_folders_of_another_computer_are_forgotten_and_nothing_else(library: Path, tmp_path: Path) -> None:
    path = changed(library, tmp_path, FOREIGN)
    before, size_bytes = dynamic(path)[1:], path.stat().st_size
    assert [line for line in before if "builder" in line] != []
    assert forget_search_paths(path) == ("/home/builder/lib:/opt",)
    assert path.stat().st_size == size_bytes
    assert dynamic(path)[1:] == [line for line in before if "builder" not in line]
    assert forget_search_paths(path) == ()
    load = [sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])", path]
    beside = {**os.environ, "LD_LIBRARY_PATH": str(library.parents[1] / "pillow.libs")}
    subprocess.run(load, env=beside, check=True)


def test_folders_beside_the_file_stay(library: Path, tmp_path: Path) -> None:
    path = changed(library, tmp_path, OWN)
    assert forget_search_paths(path) == ()
    assert path.read_bytes() == library.read_bytes()


def test_a_list_of_both_kinds_stops_the_build(library: Path, tmp_path: Path) -> None:
    with pytest.raises(StepError, match="looks for libraries beside itself and elsewhere"):
        forget_search_paths(changed(library, tmp_path, MIXED))


def test_a_file_of_another_kind_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"MZ" + bytes(100))
    with pytest.raises(StepError, match="not a 64-bit little-endian ELF file"):
        forget_search_paths(tmp_path / "a.so")


def test_only_what_holds_symbols_for_debugging_is_stripped(library: Path) -> None:
    for path in (library, ffmpeg()):
        told = subprocess.run(
            ["readelf", "--sections", "--wide", path], capture_output=True, text=True, check=True
        ).stdout
        assert has_symbols(path) == (" SYMTAB " in told)
    assert not has_symbols(ffmpeg())


def test_a_library_whose_segments_left_the_bounds_of_pages_is_refused(tmp_path: Path) -> None:
    refuse_broken(ffmpeg())
    data = bytearray(ffmpeg().read_bytes())
    (table_at,) = struct.unpack_from("<Q", data, 32)
    entries = (table_at + number * 56 for number in range(struct.unpack_from("<H", data, 56)[0]))
    last = [at for at in entries if struct.unpack_from("<I", data, at)[0] == 1][-1]
    struct.pack_into("<Q", data, last + 8, struct.unpack_from("<Q", data, last + 8)[0] - 8)
    path = tmp_path / "libavutil.so"
    path.write_bytes(data)
    with pytest.raises(OSError, match="not page-aligned"):
        ctypes.CDLL(str(path))
    with pytest.raises(StepError, match="bounds of pages"):
        refuse_broken(path)


def ffmpeg() -> Path:
    """A library that patchelf has rearranged, which ``strip`` breaks."""
    found = importlib.util.find_spec("PySide6")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "Qt" / "lib" / "libavutil.so.59"
