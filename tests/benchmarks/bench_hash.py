"""Intake of raw images and verification of E01, against hashlib's MD5 alone, hashdeep, OpenSSL and ewfverify.

``FORENSICS_BENCH_MIB`` is the size of the media (1024), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3),
``FORENSICS_BENCH_DIR`` a folder in which the images are kept between runs.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Comparison, compare, machine, not_measured, peers

_HASH_ONCE = str(Path(__file__).with_name("hash_once.py"))
_MIB = 1 << 20


def make_raw(path: Path, size_mib: int) -> None:
    """Write media of which about half can be compressed: noise, text of few letters, and zeros."""
    source = random.Random(20)
    text = bytes(source.choices(b"abcdefgh \n", k=_MIB))
    with path.open("wb") as file:
        for _ in range(size_mib):
            start = source.randrange(_MIB)
            words = text[start:] + text[:start]
            file.write(source.randbytes(9 * _MIB // 16) + words[: 6 * _MIB // 16] + bytes(_MIB // 16))


def make_images(folder: Path, size_mib: int) -> tuple[Path, Path | None]:
    """Make the raw image, and the E01 if ewfacquire is there; keep what is there already."""
    raw = folder / f"media-{size_mib}.raw"
    if not raw.is_file():
        make_raw(raw, size_mib)
    e01 = folder / f"media-{size_mib}.E01"
    if not e01.is_file() and shutil.which("ewfacquire"):
        target = str(e01.with_suffix(""))
        options = ["-u", "-q", "-f", "encase6", "-c", "fast", "-d", "sha1", "-S", "8589934592", "-t", target]
        subprocess.run(["ewfacquire", *options, str(raw)], check=True, stdout=subprocess.DEVNULL)
    return raw, e01 if e01.is_file() else None


def run(folder: Path, size_mib: int, rounds: int) -> list[Comparison]:
    """Measure everything whose peer is installed."""
    raw, e01 = make_images(folder, size_mib)

    def ours(path: Path, algorithms: str, *more: str) -> list[str]:
        return [sys.executable, _HASH_ONCE, str(path), algorithms, *more]

    three, md5 = "md5,sha1,sha256", ours(raw, "md5", "--plain")
    at_once = " & ".join(f"openssl dgst -{name} '{raw}'" for name in three.split(","))
    openssl, hashdeep = ["sh", "-c", f"{at_once} & wait"], ["hashdeep", "-c", three, str(raw)]
    found = compare("raw, three digests / MD5 alone by hashlib", ours(raw, three), md5, rounds, limit=1.15)
    found += compare("raw, three digests / hashdeep", ours(raw, three), hashdeep, rounds, limit=0.20)
    name = "raw, three digests / openssl dgst x 3 at once"
    found += compare(name, ours(raw, three), openssl, rounds, limit=0.80, needs="openssl")
    found += compare("raw, SHA-256 / sha256sum", ours(raw, "sha256"), ["sha256sum", str(raw)], rounds, limit=0.26)
    name = "E01, MD5 + SHA-1 / ewfverify"
    if e01 is None:
        not_measured(name, "ewfacquire, which makes the image, is not installed")
        return found
    found += compare(name, ours(e01, "md5,sha1"), ["ewfverify", "-q", "-d", "sha1", str(e01)], rounds, limit=0.66)
    return found + compare("E01, MD5 + SHA-1 / MD5 alone by hashlib", ours(e01, "md5,sha1"), md5, rounds)


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    size_mib = int(os.environ.get("FORENSICS_BENCH_MIB", "1024"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    print(f"hashing {size_mib} MiB on {machine()}", flush=True)
    print(peers("hashdeep", "openssl", "sha256sum", "ewfverify"), flush=True)
    kept = os.environ.get("FORENSICS_BENCH_DIR")
    if kept:
        return int(not all(result.reached for result in run(Path(kept), size_mib, rounds)))
    with tempfile.TemporaryDirectory(prefix="bench-hash-") as folder:
        return int(not all(result.reached for result in run(Path(folder), size_mib, rounds)))


if __name__ == "__main__":
    sys.exit(main())
