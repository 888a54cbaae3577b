"""Listing file systems of 100,000 files (ext4, NTFS) into the catalogue, against The Sleuth Kit's fls and tsk_loaddb.

``FORENSICS_BENCH_FILES`` is the number of files (100000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3),
``FORENSICS_BENCH_CACHE`` a folder in which the images are kept between runs, ``FORENSICS_BENCH_IMAGE`` another image.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.big_image import ext4_image, ntfs_image
from tests.benchmarks.measure import Comparison, compare, machine, not_measured, peers

_WALK_ONCE = str(Path(__file__).with_name("walk_once.py"))


def run(image: Path, folder: Path, rounds: int, kind: str, walk_limit: float) -> list[Comparison]:
    """Measure everything whose peer is installed."""
    ours = [sys.executable, _WALK_ONCE, str(image)]
    listed, theirs = str(folder / "ours.db"), str(folder / "theirs.db")

    def loaddb(option: str) -> list[str]:
        return ["sh", "-c", f"rm -f '{theirs}'; exec tsk_loaddb {option} -d '{theirs}' '{image}'"]

    fls = ["fls", "-r", "-p", "-m", "/", str(image)]
    catalogue = [*ours, listed]
    found = compare(f"{kind}, walk alone / fls", [*ours, "--bare"], fls, rounds)
    found += compare(f"{kind}, list into the catalogue / fls", catalogue, fls, rounds, limit=walk_limit)
    name = f"{kind}, list into the catalogue / tsk_loaddb"
    found += compare(name, catalogue, loaddb(""), rounds, limit=0.10, needs="tsk_loaddb")
    name = f"{kind}, MD5 + SHA-256 + type / tsk_loaddb -h"
    return found + compare(name, [*catalogue, "--hash"], loaddb("-h"), rounds, limit=0.40, needs="tsk_loaddb")


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    files = int(os.environ.get("FORENSICS_BENCH_FILES", "100000"))
    given = os.environ.get("FORENSICS_BENCH_IMAGE")
    print(f"walking file systems on {machine()}", flush=True)
    print(peers("fls", "tsk_loaddb"), flush=True)
    found: list[Comparison] = []
    with tempfile.TemporaryDirectory(prefix="bench-walk-") as folder:
        if given:
            return int(not all(one.reached for one in run(Path(given), Path(folder), rounds, Path(given).name, 2.2)))
        for kind, make, walk_limit in (("ext4", ext4_image, 2.2), ("NTFS", ntfs_image, 1.0)):
            try:
                image = make(files)
            except (OSError, subprocess.CalledProcessError) as error:
                not_measured(kind, f"the image cannot be made here: {error}")
                continue
            found += run(image, Path(folder), rounds, kind, walk_limit)
    return int(not all(result.reached for result in found))


if __name__ == "__main__":
    sys.exit(main())
