"""A run over many mutants of many images: what is done in turn, what is kept, and what is said at the end."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import mutations
from tests.fuzz.judge import Finding, Judge, Reading, silence
from tests.fuzz.mutations import Pristine, Recipe
from tests.fuzz.specimens import Specimen

Say = Callable[[str], None]
_THEN = {True: ", which the program goes on without, and says so", False: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A finding with all that is needed to see it again."""

    specimen: str
    seed: str
    recipe: Recipe
    finding: Finding

    def document(self) -> dict[str, object]:
        return {
            "image": self.specimen,
            "seed": self.seed,
            "kind": self.finding.kind,
            "signature": self.finding.signature,
            "contained": self.finding.is_contained,
            "done": self.recipe.words,
            "file": self.recipe.file,
            "edits": [[edit.offset_bytes, edit.data.hex()] for edit in self.recipe.edits if len(edit.data) <= 4096],
            "length": self.recipe.length_bytes,
            "swapped": self.recipe.swapped,
            "words": self.finding.words,
        }


@dataclass(slots=True, kw_only=True)
class Report:
    """The counts of a campaign."""

    mutants: int = 0
    refused: int = 0
    told: int = 0
    equal: int = 0
    other: int = 0
    peak_kib: int = 0
    seconds: float = 0.0
    found: list[Found] = field(default_factory=list)
    per_specimen: Counter[str] = field(default_factory=Counter)

    def words(self) -> str:
        rate = self.mutants / (self.seconds / 60) if self.seconds else 0
        kinds = Counter(f"{found.finding.signature}{_THEN[found.finding.is_contained]}" for found in self.found)
        lines = [
            f"{self.mutants} mutants of {len(self.per_specimen)} images in {self.seconds:.0f} s ({rate:.0f} a minute): "
            f"{self.refused} refused, {self.told} with problems told, {self.equal} read equal, "
            f"{self.other} read differently where no checksum covers; "
            f"most memory of a child {self.peak_kib // 1024} MiB; {len(self.found)} findings",
            *(f"  {count} x {signature}" for signature, count in kinds.most_common()),
            *(f"  {count} mutants of {name}" for name, count in sorted(self.per_specimen.items())),
            self._verdict(),
        ]
        return "\n".join(lines)

    def _verdict(self) -> str:
        if not self.mutants:
            return "Nothing was tried."
        images = f"{len(self.per_specimen)} image{'' if len(self.per_specimen) == 1 else 's'}"
        tried = f"Tried {self.mutants} mutants of {images}, damaged by chance"
        if not self.found:
            return f"{tried}: nothing was found."
        faults = sum(not found.finding.is_contained for found in self.found)
        return f"{tried}: faults {faults}, told of and gone on without {len(self.found) - faults}."


class Subject:
    """One specimen with a working copy, in which mutants are made and undone."""

    def __init__(self, specimen: Specimen, folder: Path) -> None:
        """Copy it to ``folder``, names and order kept."""
        self.specimen = specimen
        self.pristine = [Pristine(path) for path in specimen.files]
        root = specimen.files[0].parent
        self._folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.files = tuple(folder / path.relative_to(root) for path in specimen.files)
        for source, target in zip(specimen.files, self.files, strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            mutations.copy(source, target)
        self.before = self._state()

    def _state(self) -> dict[str, tuple[int, int]]:
        """Names, sizes and times of everything in the folder."""
        return {
            str(path.relative_to(self._folder)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(self._folder.rglob("*"))
            if path.is_file()
        }

    def judged(self, judge: Judge, recipe: Recipe, original: Reading) -> Reading | Finding:
        """Make the mutant, read it, and undo it."""
        mutations.apply(recipe, self.files)
        before = self._state()
        try:
            outcome = judge.reading(self.specimen, self.files)
            if self._state() != before:
                return Finding(kind="write", signature="write", words="a file beside or of the image was changed")
        finally:
            mutations.undo(recipe, self.pristine, self.files)
        if isinstance(outcome, Finding) or recipe.is_sealed:
            return outcome
        return silence(self.specimen, original, outcome) or outcome


class Campaign:
    """Mutants of one image after the other, told by one seed."""

    def __init__(self, seed: str, folder: Path, say: Say) -> None:
        """Work in ``folder``; ``say`` takes a sentence for each new kind of finding."""
        self.seed, self.report = seed, Report()
        self._folder, self._say = folder, say
        self._signatures: set[str] = set()

    def run(self, specimens: Iterable[Specimen], *, mutants: int, until_s: float, judge: Judge) -> None:
        """So many mutants of each image, as long as there is time (by ``time.monotonic``)."""
        began_s = time.monotonic()
        for specimen in specimens:
            if time.monotonic() > until_s:
                break
            self.take(specimen, range(mutants), until_s, judge)
        self.report.seconds += time.monotonic() - began_s
        self.report.peak_kib = judge.peak_kib

    def take(self, specimen: Specimen, numbers: range, until_s: float, judge: Judge) -> None:
        """These mutants of one image."""
        subject = Subject(specimen, self._folder)
        original = judge.reading(specimen, subject.files)
        if isinstance(original, Finding):
            self._keep(specimen, "none", Recipe(file=0, words="nothing", edits=()), original)
            return
        for number in numbers:
            if time.monotonic() > until_s:
                return
            seed = f"{self.seed}:{specimen.name}:{number}"
            recipe = mutations.mutated(random.Random(seed), subject.pristine)
            self._count(specimen, seed, recipe, original, subject.judged(judge, recipe, original))

    def _count(
        self, specimen: Specimen, seed: str, recipe: Recipe, original: Reading, outcome: Reading | Finding
    ) -> None:
        report = self.report
        report.mutants += 1
        report.per_specimen[specimen.name] += 1
        if isinstance(outcome, Finding):
            self._keep(specimen, seed, recipe, outcome)
        elif outcome.refusal:
            report.refused += 1
        elif outcome.told != original.told:
            report.told += 1
        elif (outcome.names, outcome.all, outcome.media) == (original.names, original.all, original.media):
            report.equal += 1
        else:
            report.other += 1

    def _keep(self, specimen: Specimen, seed: str, recipe: Recipe, finding: Finding) -> None:
        self.report.found.append(Found(specimen=specimen.name, seed=seed, recipe=recipe, finding=finding))
        signature = finding.signature + _THEN[finding.is_contained]
        if signature not in self._signatures:
            self._signatures.add(signature)
            last = finding.words.strip().splitlines()[-1][:300]
            self._say(f"FOUND {signature} by seed {seed} ({recipe.words}): {last}")


def save(found: Iterable[Found], folder: Path) -> list[Path]:
    """One small file for the first finding of every signature."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    for item in found:
        if item.finding.signature in paths:
            continue
        name = "".join(sign if sign.isalnum() else "-" for sign in f"{item.specimen}-{item.finding.signature}")[:120]
        path = folder / f"{name}.json"
        path.write_text(json.dumps(item.document(), indent=1), encoding="utf-8")
        paths[item.finding.signature] = path
    return list(paths.values())
