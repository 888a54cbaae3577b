"""Kills the program at random moments while it takes an image in or catalogues it, and looks at what is left then.

Run as a program it is what gets killed: ``python -m tests.fuzz.kills LAB KIND ID``.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from evidence.errors import EvidenceError
from forensics_app.bootstrap import Lab, open_lab
from forensics_app.model.catalogue import CatalogueError
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import EvidenceImage, ImageId, IntakeRequest, WriteBlocker
from tests.builders import PASSPHRASE, QUICK, make_bench
from tests.evidence.made_images import blank, need, run

ROOT = Path(__file__).parents[2]
KINDS = ("catalogue", "intake")
_EXAMINER = "Ana Kovač"
_FILES = 3_000


class Range:
    """A lab with an image, and how long the operations take when nobody kills them."""

    def __init__(self, folder: Path) -> None:
        """Make all of it in ``folder``."""
        self.lab_folder, self.source = folder / "lab", _image(folder)
        bench = make_bench(self.lab_folder)
        exhibit = bench.exhibit(bench.case())
        self.exhibit_id = exhibit.id
        image = bench.lab.intake.take_in(bench.examiner, _request(exhibit.id, self.source))
        self.image_id = image.id
        self.catalogue = bench.lab.catalogues.path(image)
        self.expected = bench.lab.catalogues.build(bench.examiner, image.id).catalogue_sha256
        bench.lab.close()
        self.seconds = {kind: self._run(kind, None) for kind in KINDS}

    def kill(self, kind: str, rng: random.Random) -> str:
        """Kill one operation at a moment that ``rng`` chooses; what is wrong afterwards, empty if nothing is."""
        if kind == "catalogue" and rng.random() < 0.5:
            self.catalogue.unlink(missing_ok=True)
        before = set(self._images())
        self._run(kind, rng.uniform(0, self.seconds[kind] * 1.05))
        lab = open_lab(self.lab_folder, key_parameters=QUICK)
        try:
            return self._wrong(lab, kind, before)
        finally:
            lab.close()

    def _wrong(self, lab: Lab, kind: str, before: set[UUID]) -> str:
        actor = lab.people.sign_in(_EXAMINER, PASSPHRASE)
        jobs = lab.journal.interrupted()
        newest = lab.journal.list(1)[0]
        for job in jobs:
            lab.journal.settle(actor, job.id, again=True)
        if newest.kind == kind and newest.state.value == "running":
            return "an operation that was killed is said to run"
        image = lab.intake.get(self.image_id)
        with contextlib.suppress(CatalogueError, EvidenceError), lab.catalogues.open(image) as catalogue:
            if catalogue.summary.entries < _FILES:
                return "half a catalogue was opened"
        if kind == "intake" and jobs and set(self._images()) != before:
            return "an interrupted intake left an image"
        if kind == "catalogue":
            built: EvidenceImage = lab.catalogues.build(actor, self.image_id)
            if built.catalogue_sha256 != self.expected:
                return "the catalogue that was gone on with is another one"
        left = [path.name for path in self.catalogue.parent.iterdir() if path.name != self.catalogue.name]
        if kind == "catalogue" and left:
            return f"left over: {', '.join(left)}"
        return "" if lab.verification.verify().ok else "the record does not verify"

    def _images(self) -> list[UUID]:
        lab = open_lab(self.lab_folder, key_parameters=QUICK)
        try:
            return [image.id for case in lab.cases.list() for image in lab.intake.list(case.id)]
        finally:
            lab.close()

    def _run(self, kind: str, kill_after_s: float | None) -> float:
        """Start the operation in a program of its own and kill it after so long; how long it took."""
        object_id = self.image_id if kind == "catalogue" else self.exhibit_id
        command = [
            sys.executable,
            "-m",
            "tests.fuzz.kills",
            str(self.lab_folder),
            kind,
            str(object_id),
            str(self.source),
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the program to kill did not start")
            began_s = time.monotonic()
            try:
                process.wait(kill_after_s)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        return time.monotonic() - began_s


def run_kills(count: int, seed: str, say: Callable[[str], None]) -> int:
    """So many kills; the status is 1 when one of them did harm."""
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    failures = 0
    try:
        range_ = Range(folder)
        for number in range(count):
            kind = KINDS[number % 4 == 3]
            wrong = range_.kill(kind, random.Random(f"{seed}:{number}"))
            if wrong:
                failures += 1
                say(f"kill {number} of {kind}, seed {seed}: {wrong}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{count} kills, {failures} with harm")
    return 1 if failures else 0


def _image(folder: Path) -> Path:
    """An image with enough files that a kill can hit every part of the work."""
    need("mkfs.ext2")
    for number in range(_FILES):
        place = folder / "tree" / f"{number % 10}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:05d}.txt").write_text(f"file {number}\n" * 20, encoding="ascii")
    path = folder / "source.raw"
    run("mkfs.ext2", "-q", "-I", "128", "-N", "8192", "-d", folder / "tree", blank(path, 32 << 20))
    shutil.rmtree(folder / "tree")
    return path


def _request(exhibit_id: ExhibitId, source: Path) -> IntakeRequest:
    return IntakeRequest(exhibit_id=exhibit_id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))


def _operate(folder: str, kind: str, object_id: str, source: str) -> None:
    lab = open_lab(Path(folder), key_parameters=QUICK)
    actor = lab.people.sign_in(_EXAMINER, PASSPHRASE)
    print("ready", flush=True)
    if kind == "catalogue":
        lab.catalogues.build(actor, ImageId(UUID(object_id)))
    else:
        lab.intake.take_in(actor, _request(ExhibitId(UUID(object_id)), Path(source)))
    lab.close()


if __name__ == "__main__":
    _operate(*sys.argv[1:])
