"""Listing a file system of 100,000 files into the catalogue, against The Sleuth Kit's fls and tsk_loaddb.

``FORENSICS_BENCH_FILES`` is the number of files (100000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3),
``FORENSICS_BENCH_CACHE`` a folder in which the image is kept between runs, ``FORENSICS_BENCH_IMAGE`` another image.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.big_image import ext4_image
from tests.benchmarks.measure import Comparison, compare, machine

_WALK_ONCE = str(Path(__file__).with_name("walk_once.py"))


def run(image: Path, folder: Path, rounds: int) -> list[Comparison]:
    """Measure everything whose peer is installed."""
    ours = [sys.executable, _WALK_ONCE, str(image)]
    found = []
    if shutil.which("fls"):
        peer = ["fls", "-r", "-p", "-m", "/", str(image)]
        found.append(compare("walk alone / fls", [*ours, "--bare"], peer, rounds))
    if shutil.which("tsk_loaddb"):
        listed, theirs = str(folder / "ours.db"), str(folder / "theirs.db")
        peer = ["sh", "-c", f"rm -f '{theirs}'; exec tsk_loaddb -d '{theirs}' '{image}'"]
        found.append(compare("catalogue, metadata / tsk_loaddb", [*ours, listed], peer, rounds, limit=0.10))
        peer = ["sh", "-c", f"rm -f '{theirs}'; exec tsk_loaddb -h -d '{theirs}' '{image}'"]
        found.append(
            compare(
                "catalogue, MD5 + SHA-256 + type / tsk_loaddb -h (MD5)",
                [*ours, listed, "--hash"],
                peer,
                rounds,
                limit=0.40,
            )
        )
    return found


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    given = os.environ.get("FORENSICS_BENCH_IMAGE")
    image = Path(given) if given else ext4_image(int(os.environ.get("FORENSICS_BENCH_FILES", "100000")))
    print(f"walking {image.name} on {machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-walk-") as folder:
        return int(not all(result.reached for result in run(image, Path(folder), rounds)))


if __name__ == "__main__":
    sys.exit(main())
