"""Sources with sectors that cannot be read, made by a library that stands between the program and the system."""

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from evidence.images.ewf import open_ewf
from tests.evidence.images.ewf_builder import media_of

ROOT = Path(__file__).parents[3]
MEDIA = media_of(8_000 * 512, seed=9)
WORN_MEDIUM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
struct iovec { void *iov_base; size_t iov_len; };
static const long BAD[][3] = { REGIONS };
static int tries[64];
static int is_source(int fd) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(name, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return strstr(path, "source.img") != NULL;
}
static int fails(int fd, off_t offset, size_t size) {
    if (!is_source(fd)) return 0;
    for (unsigned n = 0; n < sizeof BAD / sizeof *BAD; n++)
        if (offset < BAD[n][1] && offset + (off_t)size > BAD[n][0] && (BAD[n][2] < 0 || tries[n]++ < BAD[n][2])) {
            errno = ERRNO;
            return 1;
        }
    return 0;
}
typedef ssize_t (*reader)(int, const struct iovec *, int, off_t, int);
static ssize_t worn(const char *name, int fd, const struct iovec *part, int count, off_t offset, int flags) {
    if (fails(fd, offset, part[0].iov_len)) return -1;
    return ((reader)dlsym(RTLD_NEXT, name))(fd, part, count, offset, flags);
}
#define WORN(name) ssize_t name(int fd, const struct iovec *part, int count, off_t offset, int flags) \
    { return worn(#name, fd, part, count, offset, flags); }
#define WITHOUT_FLAGS(name) ssize_t name(int fd, const struct iovec *part, int count, off_t offset) \
    { return worn(#name, fd, part, count, offset, 0); }
WORN(preadv2) WORN(preadv64v2) WITHOUT_FLAGS(preadv) WITHOUT_FLAGS(preadv64)
"""
ACQUIRES = """
import sys
from dataclasses import replace
from pathlib import Path
from evidence.acquisition import Format, Settings, acquire
source, target, kind, retries = sys.argv[1:]
settings = Settings(format=Format(kind), retries=int(retries), checkpoint_bytes=500_000)
done = acquire(Path(source), Path(target), settings)
print(done.verified, done.unlisted_bad, done.digests["md5"].hex())
print([(one.offset_bytes, one.length_bytes, one.why) for one in done.bad])
"""
Ended = subprocess.CompletedProcess[str]
Acquires = Callable[..., Ended]


@pytest.fixture
def acquires(tmp_path: Path) -> Acquires:
    """Acquires a source of which some regions cannot be read, or only at the n-th attempt."""
    if not shutil.which("gcc") or not sys.platform.startswith("linux"):
        pytest.skip("needs gcc on Linux, to make a library that gives read errors")
    (tmp_path / "source.img").write_bytes(MEDIA)
    (tmp_path / "worn.c").write_text(WORN_MEDIUM)

    def run(
        *regions: tuple[int, int, int], kind: str = "e01", retries: int = 2, why: str = "EIO", status: int = 0
    ) -> Ended:
        listed = ",".join(f"{{{start},{end},{tries}}}" for start, end, tries in regions)
        library = tmp_path / "worn.so"
        macros = [f"-DREGIONS={listed}", f"-DERRNO={why}"]
        subprocess.run(["gcc", "-shared", "-fPIC", *macros, "-o", library, tmp_path / "worn.c", "-ldl"], check=True)
        environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}
        words = [
            sys.executable,
            "-c",
            ACQUIRES,
            str(tmp_path / "source.img"),
            str(tmp_path / "disk"),
            kind,
            str(retries),
        ]
        ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == status, ended.stderr
        return ended

    return run


def zeroed(*regions: tuple[int, int]) -> bytes:
    media = bytearray(MEDIA)
    for start, end in regions:
        media[start:end] = bytes(end - start)
    return bytes(media)


def test_bad_sectors_are_zeroed_listed_and_nothing_else_is_lost(acquires: Acquires, tmp_path: Path) -> None:
    bad = [(512_000, 512_001), (1_048_000, 1_049_000), (len(MEDIA) - 1, len(MEDIA))]
    sectors = [(start // 512 * 512, -(-end // 512) * 512) for start, end in bad]
    first, second = acquires(*[(*one, -1) for one in bad]).stdout.splitlines()
    assert first == f"True 0 {hashlib.md5(zeroed(*sectors)).hexdigest()}"
    regions = [(start, end - start) for start, end in sectors]
    assert ast.literal_eval(second) == [(*one, "Input/output error") for one in regions]
    with closing(open_ewf([tmp_path / "disk.E01"])) as image:
        assert image.read_at(0, len(MEDIA)) == zeroed(*sectors)
        assert [(one.offset_bytes, one.length_bytes) for one in image.acquisition_errors] == regions
        (problem,) = image.problems
        assert "3 regions" in problem.what
    if shutil.which("ewfinfo"):
        told = subprocess.run(["ewfinfo", tmp_path / "disk.E01"], check=True, capture_output=True, text=True).stdout
        numbers = [(start // 512, (start + length) // 512 - 1, length // 512) for start, length in regions]
        assert re.search(r"total number:\s+3", told)
        for start, end, count in numbers:
            assert re.search(rf"at sector\(s\):\s+{start} - {end} number:? {count}", told), told
        assert subprocess.run(["ewfverify", tmp_path / "disk.E01"], check=True, capture_output=True)


def test_raw_lists_them_in_the_journal(acquires: Acquires, tmp_path: Path) -> None:
    acquires((700_000, 800_000, -1), kind="raw")
    start, end = 700_000 // 512 * 512, -(-800_000 // 512) * 512
    assert (tmp_path / "disk.001").read_bytes() == zeroed((start, end))
    journal = (tmp_path / "disk.acquisition.json").read_text()
    assert f'"length_bytes": {end - start}' in journal
    assert "Input/output error" in journal


def test_a_sector_that_comes_at_a_later_attempt_is_kept(acquires: Acquires, tmp_path: Path) -> None:
    halvings = 12  # from 1 MiB to 512 bytes, each of which fails once
    first, second = acquires((600_000, 600_001, halvings + 2), retries=3).stdout.splitlines()
    assert second == "[]"
    assert hashlib.md5(MEDIA).hexdigest() in first


def test_a_sector_that_would_have_come_later_is_not_waited_for_longer_than_asked(acquires: Acquires) -> None:
    _, second = acquires((600_000, 600_001, 12 + 2), retries=1).stdout.splitlines()
    assert ast.literal_eval(second) == [(599_552, 512, "Input/output error")]


@pytest.mark.parametrize(("why", "words"), [("ENODEV", "SourceGoneError"), ("EACCES", "SourceAccessError")])
def test_an_error_that_is_no_fault_of_the_medium_never_becomes_zeros(
    why: str, words: str, acquires: Acquires, tmp_path: Path
) -> None:
    ended = acquires((2_000_000, 2_000_001, -1), why=why, status=1)
    assert words in ended.stderr
    assert (tmp_path / "disk.acquisition.json").exists()


def test_a_source_that_comes_back_is_gone_on_with(acquires: Acquires, tmp_path: Path) -> None:
    acquires((2_000_000, 2_000_001, -1), why="ENODEV", status=1)
    code = ACQUIRES.replace("settings)", "settings, resume=True)")
    words = [sys.executable, "-c", code, str(tmp_path / "source.img"), str(tmp_path / "disk"), "e01", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"True 0 {hashlib.md5(MEDIA).hexdigest()}")
