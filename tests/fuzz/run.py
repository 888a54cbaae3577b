"""The long fuzzing run of ``dev.py fuzz``: mutants of every image that can be made or found, until the time is over."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import chain, count
from pathlib import Path

from tests.fuzz import specimens
from tests.fuzz.campaign import Campaign, save
from tests.fuzz.judge import Judge
from tests.fuzz.kills import run_kills
from tests.fuzz.specimens import Specimen

FINDINGS = Path(__file__).parents[2] / "build" / "fuzz"
_ROUND = 10


def main(arguments: list[str]) -> int:
    """Run; the status is 1 when something was found that the program does not go on without."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", default=time.strftime("%Y%m%d"), help="today's date when left out")
    parser.add_argument("--image", default="", help="only images whose name holds this")
    parser.add_argument("--mutant", help="a seed as a finding names it: only this mutant is made and judged")
    parser.add_argument("--kills", type=int, default=0, help="kill cataloguing and intake so many times instead")
    options = parser.parse_args(arguments)
    if options.kills:
        return run_kills(options.kills, str(options.seed), _say)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return _again(options.mutant, Path(folder)) if options.mutant else _run(options, Path(folder))


def _run(options: argparse.Namespace, folder: Path) -> int:
    until_s = time.monotonic() + 60 * options.minutes
    images = _images(folder / "images", options.image)
    if not images:
        _say(f"No image is called like {options.image!r}")
        return 2
    _say(f"Seed {options.seed}, {len(images)} images")
    campaign = Campaign(str(options.seed), folder / "work", _say)
    with Judge() as judge:
        for round_ in count():
            for specimen in images:
                if time.monotonic() > until_s:
                    break
                began_s = time.monotonic()
                campaign.take(specimen, range(round_ * _ROUND, (round_ + 1) * _ROUND), until_s, judge)
                campaign.report.seconds += time.monotonic() - began_s
            if time.monotonic() > until_s:
                break
        campaign.report.peak_kib = judge.peak_kib
    for path in save(campaign.report.found, FINDINGS):
        _say(f"Kept: {path}")
    print(campaign.report.words())
    return int(any(not found.finding.is_contained for found in campaign.report.found))


def _again(seed: str, folder: Path) -> int:
    """One mutant once more."""
    first, name, number = seed.rsplit(":", 2)
    images = [specimen for specimen in _images(folder / "images", name) if specimen.name == name]
    if not images:
        _say(f"No image is called {name!r}")
        return 2
    campaign = Campaign(first, folder / "work", _say)
    with Judge() as judge:
        campaign.take(images[0], range(int(number), int(number) + 1), float("inf"), judge)
    for found in campaign.report.found:
        print(found.finding.words)
    print(campaign.report.words())
    return int(any(not found.finding.is_contained for found in campaign.report.found))


def _images(folder: Path, wanted: str) -> list[Specimen]:
    return list(chain(specimens.made(folder, wanted), specimens.published(folder, wanted)))


def _say(text: str) -> None:
    print(f"[fuzz] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
