"""Looking the files of an image up in the lab's hash sets, after its catalogue was built and whenever sets changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from chain_of_custody.ledger import Json
from forensics_app.db.engine import Database
from forensics_app.db.hash_matches import (
    HashMatches,
    LookedUpSet,
    MatchesError,
    digests_held,
    digests_of,
    looking_up,
    write_matches,
)
from forensics_app.db.mapping import job_of
from forensics_app.db.rows import records
from forensics_app.db.tables import JOB
from forensics_app.db.thumbnail_file import drop_thumbnails
from forensics_app.errors import RefusedError
from forensics_app.model.hash_set import (
    Compared,
    EntrySets,
    HashSet,
    HashSetError,
    LookedUp,
    LookUpStanding,
    OnProgress,
    StoredPart,
)
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.lab import Job, JobState, LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.cases import case_with
from forensics_app.services.concealing import LOOKED_UP
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.exhibits import exhibit_subject, exhibit_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.hash_sets import part_path, sets_of
from forensics_app.services.intake import image_with
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain

_ALGORITHMS = ("sha256", "md5")
"""What catalogues hold, the stronger one first: a file that is found by both is told as found by it."""

_TELL_EVERY = 50_000
_JOBS_ASKED = 200
NOT_LOOKED_UP = " It was not looked up in the hash sets: "
"""How the journal's line of a catalogue begins to tell why its look-up did not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashMatching:
    """Use cases about what images hold of the hash sets. It is derived: a file beside the catalogue, made again."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]

    def look_up(
        self, actor: SignedIn, image_id: ImageId, on_progress: OnProgress = lambda done, total: None
    ) -> tuple[LookedUp, ...]:
        """Look all files of an image up in all sets in use; how many entries are in each.

        A set that holds only digests that no catalogue holds is told as not compared.

        Args:
            actor: An examiner.
            image_id: The image; its catalogue is there.
            on_progress: Called with thousandths of the work. What it raises stops it; what was found before is kept.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: It has no catalogue, or one for which no content was read.
            HashSetError: A set cannot be read, or is not the one that was imported.
            MatchesError: The catalogue cannot be read, or what was found not be written.
        """
        require(actor, "look an image up in the hash sets", Role.EXAMINER)
        with self.db.reading() as connection:
            image = image_with(connection, image_id)
        with self.journal.running("hash sets", image.number, image.case_id, {"image_id": str(image_id)}) as say:
            found = self.look_up_in(actor, image, on_progress, is_asked=True)
            compared = sum(bool(one.compared) for one in found)
            say(f"{image.number} was looked up in {'1 hash set' if compared == 1 else f'{compared} hash sets'}.")
        return found

    def look_up_in(
        self,
        actor: SignedIn,
        image: EvidenceImage,
        on_progress: OnProgress = lambda done, total: None,
        *,
        is_asked: bool = False,
    ) -> tuple[LookedUp, ...]:
        """The same without a line in the journal, as part of another operation.

        Where no set is in use, what was found before is deleted; that is recorded if there was something, or if a
        person asked.
        """
        if image.catalogue_sha256 is None:
            raise RefusedError(f"{image.number} has no catalogue yet.", then="Build it; its files are looked up then.")
        path = self.folder.matches(image.case_id, image.id)
        with looking_up(path):
            with self.db.reading() as connection:
                sets = tuple(one for one in sets_of(connection) if one.removed_at is None)
            if not sets:
                if is_asked or path.is_file():
                    path.unlink(missing_ok=True)
                    self._record(actor, image, (), None)
                return ()
            held = digests_held(self.folder.catalogue(image.case_id, image.id))
            if held is None:
                raise RefusedError(
                    f"{image.number} was catalogued without reading the content of its files: none has a digest.",
                    then="Build its catalogue with content; its files are looked up then.",
                )
            comparable = tuple(one for one in sets if _compared(one, held))
            found = _Search(self.folder, image, comparable, on_progress).found()
            written = write_matches(path, image.catalogue_sha256.hex(), found)
            drop_thumbnails(self.folder.thumbnails(image.case_id, image.id))
            told = tuple(
                LookedUp(hash_set=one, entries=written.counts.get(one.id, 0), compared=_compared(one, held))
                for one in sets
            )
            self._record(actor, image, told, written.sha256)
            return told

    def of(self, image: EvidenceImage) -> HashMatches:
        """What was found; close it when done.

        Raises:
            MatchesError: It was not looked up, or not since its catalogue was built; or it cannot be read.
        """
        found = HashMatches(self.folder.matches(image.case_id, image.id))
        if image.catalogue_sha256 is None or found.catalogue_sha256 != image.catalogue_sha256.hex():
            found.close()
            raise MatchesError("This image has not been looked up in the hash sets since its catalogue was built.")
        return found

    def of_entry(self, image: EvidenceImage, entry_id: int) -> EntrySets | None:
        """The sets that an entry of the catalogue is in; None where it was not looked up since that was built.

        Raises:
            MatchesError: What was found cannot be read.
        """
        if image.catalogue_sha256 is None or not self.folder.matches(image.case_id, image.id).is_file():
            return None
        with HashMatches(self.folder.matches(image.case_id, image.id)) as found:
            if found.catalogue_sha256 != image.catalogue_sha256.hex():
                return None
            return EntrySets(looked_up_in=len(found.sets), matches=found.of(entry_id))

    def standing(self, image: EvidenceImage) -> LookUpStanding | None:
        """How far an image is looked up; None where it cannot be, for it has no catalogue.

        Raises:
            MatchesError: What was found cannot be read.
        """
        if image.catalogue_sha256 is None:
            return None
        with self.db.reading() as connection:
            sets = [one for one in sets_of(connection) if one.removed_at is None]
            jobs = records(connection, _newest_jobs(image), job_of)
        able = {one.id: one.label for one in sets if {part.algorithm for part in one.parts} & set(_ALGORITHMS)}
        path, asked = self.folder.matches(image.case_id, image.id), None
        if path.is_file():
            with HashMatches(path) as found:
                if found.catalogue_sha256 == image.catalogue_sha256.hex():
                    asked = {one.set_id for one in found.sets}
        missing = tuple(sorted(label for set_id, label in able.items() if set_id not in (asked or ())))
        newest = next((job for job in jobs if job.parameters.get("image_id") == str(image.id)), None)
        return LookUpStanding(
            is_looked_up=asked is not None,
            missing=missing,
            removed=len((asked or set()) - set(able)),
            failed=_why_failed(newest) if missing and newest else "",
        )

    def _record(self, actor: SignedIn, image: EvidenceImage, found: tuple[LookedUp, ...], sha256: bytes | None) -> None:
        inputs = {
            f"{one.hash_set.label} {part.algorithm}": part.sha256.hex()
            for one in found
            for part in one.hash_set.parts
            if part.algorithm in {by.algorithm for by in one.compared}
        }
        catalogue = image.catalogue_sha256.hex() if image.catalogue_sha256 else ""
        facts: dict[str, Json] = {
            "image": image.number,
            "sets": [_fact(one) for one in found if one.compared],
            "not_comparable": [_fact(one) for one in found if not one.compared],
            **act_facts(
                {},
                configuration=configuration_sha256(self.lab, self.folder),
                inputs={"catalogue": catalogue, **inputs},
                outputs={"matches": sha256.hex()} if sha256 else {},
            ),
        }
        with self.db.writing() as connection:
            chain = case_chain(case_with(connection, image.case_id))
            subject = exhibit_subject(exhibit_with(connection, image.exhibit_id))
            Writer(connection, self.now()).append(chain, LOOKED_UP, subject, facts, [("actor", actor)])


def _newest_jobs(image: EvidenceImage) -> Select[Any]:
    """The operations of a case that look up, newest first; those that still run say nothing yet."""
    ended = (JobState.DONE.value, JobState.FAILED.value, JobState.CANCELLED.value, JobState.INTERRUPTED.value)
    query = select(JOB).where(JOB.c.case_id == str(image.case_id), JOB.c.kind.in_(("catalogue", "hash sets")))
    return query.where(JOB.c.state.in_(ended)).order_by(JOB.c.started_at.desc()).limit(_JOBS_ASKED)


def _why_failed(job: Job) -> str:
    """Why the look-up of an operation did not end; empty where it did."""
    if job.kind == "hash sets":
        return job.message if job.state is not JobState.DONE else ""
    _, told, why = job.message.partition(NOT_LOOKED_UP)
    return f"{told.strip()}{why}" if told else ""


def _compared(one: HashSet, held: Mapping[str, Compared]) -> tuple[Compared, ...]:
    algorithms = {part.algorithm for part in one.parts}
    return tuple(held[name] for name in _ALGORITHMS if name in algorithms)


def _fact(one: LookedUp) -> Json:
    told: dict[str, Json] = {
        "name": one.hash_set.name,
        "version": one.hash_set.version,
        "kind": one.hash_set.kind.value,
    }
    if not one.compared:
        return {**told, "holds": [part.algorithm for part in one.hash_set.parts]}
    compared: dict[str, Json] = {
        by.algorithm: {"with_digest": by.with_digest, "without_digest": by.without_digest} for by in one.compared
    }
    return {**told, "entries": one.entries, "compared": compared}


class _Search:
    """Goes through a catalogue once for each part of each set."""

    def __init__(
        self, folder: LabFolder, image: EvidenceImage, sets: tuple[HashSet, ...], on_progress: OnProgress
    ) -> None:
        self._folder, self._sets, self._on_progress = folder, sets, on_progress
        self._catalogue = folder.catalogue(image.case_id, image.id)
        self._all = sum(part.algorithm in _ALGORITHMS for one in sets for part in one.parts)
        self._done = 0

    def found(self) -> Iterator[tuple[LookedUpSet, Iterator[tuple[str, list[int]]]]]:
        for one in self._sets:
            told = LookedUpSet(set_id=one.id, name=one.name, version=one.version, kind=one.kind)
            yield told, self._of_set(one)

    def _of_set(self, one: HashSet) -> Iterator[tuple[str, list[int]]]:
        parts = {part.algorithm: part for part in one.parts}
        for algorithm in _ALGORITHMS:
            if algorithm in parts:
                yield algorithm, self._of_part(one, parts[algorithm])
                self._done += 1

    def _of_part(self, one: HashSet, part: StoredPart) -> list[int]:
        from evidence.hash_sets.stored import StoredSet

        path = part_path(self._folder, one, part)
        with StoredSet(path) as stored:
            if stored.header.sha256 != part.sha256:
                raise HashSetError(path, "is not the hash set that was imported")
            stored.verify(self._tell)
            return stored.found(self._digests(part.algorithm))

    def _digests(self, algorithm: str) -> Iterator[tuple[int, bytes]]:
        for at, (entry_id, digest) in enumerate(digests_of(self._catalogue, algorithm)):
            if not at % _TELL_EVERY:
                self._tell(1, 1)
            yield entry_id, digest

    def _tell(self, done: int, total: int) -> None:
        self._on_progress(1000 * self._done // self._all + 1000 * done // max(total, 1) // self._all, 1000)
