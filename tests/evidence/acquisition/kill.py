"""Acquisitions killed at random moments and taken up again, for the tests and, many times, by hand.

python -m tests.evidence.acquisition.kill --times 200
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from evidence.acquisition import Acquisition, Compression, Format, Settings, acquire
from evidence.images.base import Image
from evidence.images.ewf import open_ewf
from evidence.images.raw import RawImage
from tests.evidence.images.ewf_builder import media_of

ROOT = Path(__file__).parents[3]
CHILD = """
import sys, time
from pathlib import Path
from tests.evidence.acquisition.kill import SETTINGS, STARTED
from evidence.acquisition import acquire
def told(done, total):
    print("begun", flush=True)
    time.sleep(0.004)
source, target, kind, resume = sys.argv[1:]
acquire(Path(source), Path(target), SETTINGS[kind], told, resume=resume == "again", started_at=STARTED)
"""
STARTED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SEGMENT_BYTES = 3_000_000
SETTINGS = {
    "e01": Settings(segment_bytes=SEGMENT_BYTES, checkpoint_bytes=1_000_000, compression=Compression.FAST),
    "raw": Settings(format=Format.RAW, segment_bytes=None, checkpoint_bytes=1_500_000),
    "split": Settings(format=Format.RAW, segment_bytes=SEGMENT_BYTES, checkpoint_bytes=1_500_000),
}


def opened(acquisition: Acquisition) -> Image:
    """The target, opened as what it is."""
    raw = acquisition.settings.format is Format.RAW
    return RawImage(acquisition.paths) if raw else open_ewf(acquisition.paths[:1])


def media_in(acquisition: Acquisition) -> bytes:
    """All media of a target."""
    with closing(opened(acquisition)) as image:
        return image.read_at(0, image.media_bytes)


def killed_until_done(source: Path, target: Path, kind: str, chance: random.Random, kills: int) -> Acquisition:
    """Acquire in child processes that are killed ``kills`` times at most, then once more to the end."""
    again = ""
    for _ in range(kills):
        command = [sys.executable, "-c", CHILD, str(source), str(target), kind, again]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0, 0.25))
            child.kill()
            child.stdout.read()
        if child.returncode == 0:
            break
        again = "again"
    return acquire(source, target, SETTINGS[kind], resume=True, started_at=STARTED)


def main() -> int:
    """Kill as often as asked, and stop at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=100, help="how many acquisitions are killed")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as name:
        source = Path(name, "source.img")
        media = media_of(16_000_000 // 512 * 512)
        source.write_bytes(media)
        resumed = 0
        for number in range(args.times):
            kind = chance.choice(list(SETTINGS))
            folder = Path(name, str(number))
            folder.mkdir()
            done = killed_until_done(source, folder / "disk", kind, chance, chance.randrange(1, 4))
            if media_in(done) != media or not done.verified:
                sys.stdout.write(f"number {number} of seed {args.seed} ({kind}) differs\n")
                return 1
            resumed += done.resumed
            shutil.rmtree(folder)
    sys.stdout.write(f"{args.times} acquisitions, taken up {resumed} times, all equal\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
