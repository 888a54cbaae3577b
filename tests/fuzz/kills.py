"""Kills the program at random moments of its long operations, and looks at what is left then.

``catalogue`` and ``intake`` are those of a lab. ``walk`` is the building of a catalogue that is committed after every
batch, so that a kill hits it between any two; ``acquisition`` copies media to raw and E01. Both are killed up to three
times in a row before they are gone on with.

Run as a program it is what gets killed: ``python -m tests.fuzz.kills LAB KIND ID SOURCE``.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from uuid import UUID

from evidence.errors import EvidenceError
from forensics_app.bootstrap import Lab, open_lab
from forensics_app.db.catalogue import content_digest
from forensics_app.model.catalogue import CatalogueError
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import EvidenceImage, ImageId, IntakeRequest, WriteBlocker
from tests.builders import PASSPHRASE, QUICK, make_bench
from tests.evidence.acquisition.kill import SETTINGS, killed_until_done, media_in
from tests.evidence.images.ewf_builder import media_of
from tests.evidence.made_images import blank, need, run
from tests.forensics_app.db.test_catalogue_kill import build

ROOT = Path(__file__).parents[2]
OF_LAB = ("catalogue", "intake")
TURNS = ("catalogue", "acquisition", "walk", "acquisition", "intake")
_EXAMINER = "Ana Kovač"
_FILES = 6_000
_MEDIA_BYTES = 16_000_000 // 512 * 512


class Range:
    """A lab with an image."""

    def __init__(self, folder: Path, files: int = _FILES) -> None:
        """Make all of it in ``folder``; the image has so many files."""
        self.lab_folder, self.source, self._files = folder / "lab", _image(folder, files), files
        bench = make_bench(self.lab_folder)
        exhibit = bench.exhibit(bench.case())
        self.exhibit_id = exhibit.id
        image = bench.lab.intake.take_in(bench.examiner, _request(exhibit.id, self.source))
        self.image_id = image.id
        self.catalogue = bench.lab.catalogues.path(image)
        self.expected = bench.lab.catalogues.build(bench.examiner, image.id).catalogue_sha256
        bench.lab.close()
        self._media = media_of(_MEDIA_BYTES, seed=5)
        self._disk = folder / "disk"
        self._disk.write_bytes(self._media)
        self._work = folder / "work"
        self._walk_path = folder / "walk.db"
        self._seconds: dict[str, float] = {}

    def kill(self, kind: str, rng: random.Random) -> str:
        """Kill one operation at a moment that ``rng`` chooses; what is wrong afterwards, empty if nothing is."""
        if kind in OF_LAB:
            return self._kill_in_lab(kind, rng)
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir()
        return self._kill_walk(rng) if kind == "walk" else self._kill_acquisition(rng)

    @cached_property
    def _walked(self) -> bytes:
        """The digest of a catalogue whose building nobody killed."""
        build(self._walk_path, self.source)
        return content_digest(self._walk_path)

    def _moment(self, kind: str, rng: random.Random) -> float:
        """A moment while the operation runs, by how long it takes when nobody kills it."""
        if kind not in self._seconds:
            self._seconds[kind] = self._run(kind, None)
        return rng.uniform(0, self._seconds[kind] * 1.05)

    def _kill_walk(self, rng: random.Random) -> str:
        expected = self._walked
        moments = [self._moment("walk", rng) for _ in range(rng.randrange(1, 4))]
        self._walk_path.unlink(missing_ok=True)
        for moment in moments:
            self._run("walk", moment)
        build(self._walk_path, self.source)
        left = [path.name for path in self._walk_path.parent.glob("walk.db?*")]
        if content_digest(self._walk_path) != expected:
            return "the catalogue that was gone on with is another one"
        return f"left over: {', '.join(left)}" if left else ""

    def _kill_acquisition(self, rng: random.Random) -> str:
        kind = rng.choice(list(SETTINGS))
        done = killed_until_done(self._disk, self._work / "image", kind, rng, rng.randrange(1, 4))
        if dict(done.digests) != {name: hashlib.new(name, self._media).digest() for name in done.digests}:
            return f"the digests of the {kind} that was gone on with are others"
        if media_in(done) != self._media or not done.verified:
            return f"the {kind} that was gone on with holds other bytes"
        left = {path.name for path in self._work.iterdir()} - {path.name for path in (*done.paths, done.journal)}
        return f"left over: {', '.join(sorted(left))}" if left else ""

    def _kill_in_lab(self, kind: str, rng: random.Random) -> str:
        if kind == "catalogue" and rng.random() < 0.5:
            self.catalogue.unlink(missing_ok=True)
        moment = self._moment(kind, rng)
        before = set(self._images())
        self._run(kind, moment)
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
            if catalogue.summary.entries < self._files:
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
        object_id = {"catalogue": self.image_id, "intake": self.exhibit_id}.get(kind, self._walk_path)
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
            kind = TURNS[number % len(TURNS)]
            wrong = range_.kill(kind, random.Random(f"{seed}:{number}"))
            if wrong:
                failures += 1
                say(f"kill {number} of {kind}, seed {seed}: {wrong}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kinds = Counter(TURNS[number % len(TURNS)] for number in range(count))
    print(f"{count} kills ({', '.join(f'{n} of {kind}' for kind, n in kinds.items())}), {failures} with harm")
    return 1 if failures else 0


def _image(folder: Path, files: int) -> Path:
    """An image with enough files that a kill can hit every part of the work."""
    need("mkfs.ext2")
    for number in range(files):
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
    if kind == "walk":
        print("ready", flush=True)
        build(Path(object_id), Path(source))
        return
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
