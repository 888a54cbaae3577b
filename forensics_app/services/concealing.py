"""Pictures not shown without a reason: those with a tag that conceals, and those in alert sets (REQ-39, REQ-40)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy import select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.catalogue import Catalogue
from forensics_app.db.engine import Database
from forensics_app.db.hash_matches import HashMatches
from forensics_app.db.ledger import entries_about_with
from forensics_app.db.mapping_target import tag_of
from forensics_app.db.rows import records
from forensics_app.db.tables import TAG
from forensics_app.errors import HiddenContentError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.concealed import MOST_AT_ONCE
from forensics_app.model.finding import ChosenFile
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.names import storable
from forensics_app.model.person import SignedIn
from forensics_app.model.target import Target
from forensics_app.services.cases import case_with
from forensics_app.services.folder import LabFolder
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.tags import taggings_of

LOOKED_UP = "image.look_up"
"""The action of an entry that tells what an image holds of the hash sets."""
Place = tuple[str, str]
NOT_TOLD = "not looked up in the hash sets since its catalogue was built"
"""Why a picture is concealed that may be in an alert set: what was found before is of another catalogue."""


def place_of(file: CatalogueEntry | ChosenFile) -> Place:
    """What tells a content from others of its image."""
    return file.volume_id, file.address


@dataclass(slots=True)
class Uncovered:
    """Which contents the person with this id looks at for a reason, by image; kept nowhere."""

    person: UUID | None = None
    places: set[tuple[UUID, Place]] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concealing:
    """Use cases about concealed pictures. A mark hides content altogether; these are only blurred until asked for."""

    db: Database
    folder: LabFolder
    now: Callable[[], datetime]
    uncovered: Uncovered = field(default_factory=Uncovered)

    def why(
        self,
        image: EvidenceImage,
        files: Sequence[CatalogueEntry | ChosenFile],
        *,
        also_seen: bool = False,
        by: SignedIn | None = None,
    ) -> Mapping[Place, str]:
        """Why the pictures of these files are concealed, by place; nothing of those that are not.

        What somebody looks at for a reason is left out, but for ``also_seen``; with ``by``, only what that person gave
        the reason for. Where the catalogue was built after the
        image was looked up in the hash sets, all are concealed until it is looked up again.

        Raises:
            MatchesError: What was found in the hash sets cannot be read, so that it cannot be told.
        """
        tagged = self._tagged(image)
        alerts = self._alerts(image)
        found: dict[Place, str] = {}
        with self.uncovered.lock:
            is_theirs = by is None or self.uncovered.person == by.person.id
            seen = set(self.uncovered.places) if is_theirs else set()
        for file in files:
            place = place_of(file)
            entry_id = file.id if isinstance(file, CatalogueEntry) else file.entry_id
            alert = NOT_TOLD if alerts is None else "in an alert set" if entry_id in alerts else ""
            why = tagged.get(place) or alert
            if why and (also_seen or (image.id, place) not in seen):
                found[place] = why
        return found

    def contents(self, image: EvidenceImage) -> tuple[Target | CatalogueEntry, ...] | None:
        """Everything of an image that is concealed, also what somebody looks at; None where it may be anything.

        Raises:
            MatchesError: What was found in the hash sets cannot be read, so that it cannot be told.
            CatalogueError: The catalogue cannot be used.
        """
        tagged = tuple(target for target, _ in self._concealed_by_tag(image))
        alerts = self._alerts(image)
        if alerts is None:
            return None
        if not alerts:
            return tagged
        with Catalogue(self.folder.catalogue(image.case_id, image.id)) as catalogue:
            return (*tagged, *catalogue.rows(sorted(alerts)))

    def flagged(self, image: EvidenceImage) -> tuple[frozenset[Place], frozenset[int] | None]:
        """Places that are tagged so, and ids of entries in alert sets, looked at or not; None where it may be any.

        Raises:
            MatchesError: What was found in the hash sets cannot be read, so that it cannot be told.
        """
        return frozenset(self._tagged(image)), self._alerts(image)

    def refuse(self, image: EvidenceImage, file: CatalogueEntry | ChosenFile, *, by: SignedIn | None = None) -> None:
        """Let a picture be shown that is not concealed, or that somebody (``by``, if given) looks at for a reason.

        Raises:
            HiddenContentError: It is concealed.
        """
        why = self.why(image, (file,), by=by).get(place_of(file))
        if why:
            name = file.path.rpartition("/")[2] or file.path
            raise HiddenContentError(
                f"{name} is {why}. Its picture is not shown without a reason.",
                then="Choose it in the gallery and give a reason to look at it; each look is an entry of the record.",
            )

    def look(self, actor: SignedIn, image: EvidenceImage, files: Sequence[CatalogueEntry], reason: str) -> None:
        """Let concealed pictures be seen until they are covered again; an entry names each of them.

        What somebody else looked at for a reason is covered.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: There is no reason, or there are too many at once.
        """
        require(actor, "look at concealed pictures", *MarkKind.SENSITIVE.viewers)
        if not reason.strip():
            raise RefusedError("That needs a reason.", then="Write it; it becomes part of the record.")
        concealed = self.why(image, files, by=actor)
        wanted = [file for file in files if place_of(file) in concealed]
        if len(wanted) > MOST_AT_ONCE:
            raise RefusedError(
                f"{len(wanted):,} pictures are too many for one reason; {MOST_AT_ONCE:,} can be looked at in one act."
            )
        if not wanted:
            return
        named: list[Json] = [
            {
                "volume": file.volume_id,
                "address": file.address,
                "path": storable(file.path),
                "sha256": file.sha256.hex() if file.sha256 else None,
                "concealed": concealed[place_of(file)],
            }
            for file in wanted
        ]
        with self.db.writing() as connection:
            subject = Subject(kind="image", id=str(image.id), label=image.number)
            facts: dict[str, Json] = {"image": image.number, "pictures": named}
            chain = case_chain(case_with(connection, image.case_id))
            writer = Writer(connection, self.now())
            writer.append(chain, "picture.look", subject, facts, [("actor", actor)], reason.strip())
        with self.uncovered.lock:
            if self.uncovered.person != actor.person.id:
                self.uncovered.person = actor.person.id
                self.uncovered.places.clear()
            self.uncovered.places |= {(image.id, place_of(file)) for file in wanted}

    def is_looked_at(self, image: EvidenceImage, file: CatalogueEntry) -> bool:
        """Whether somebody gave a reason to look at it."""
        with self.uncovered.lock:
            return (image.id, place_of(file)) in self.uncovered.places

    def cover(self) -> bool:
        """Conceal again whatever is looked at; whether anything was."""
        with self.uncovered.lock:
            was_looked_at = bool(self.uncovered.places)
            self.uncovered.person = None
            self.uncovered.places.clear()
        return was_looked_at

    def _asked_of_alerts(self, image: EvidenceImage) -> bool:
        """Whether the newest look-up that the record tells of compared the image with an alert set."""
        with self.db.reading() as connection:
            told = entries_about_with(connection, str(image.exhibit_id), LOOKED_UP)
        newest = next((one.content.facts for one in told if one.content.facts.get("image") == image.number), {})
        sets = newest.get("sets")
        kinds = [one.get("kind") for one in sets if isinstance(one, dict)] if isinstance(sets, list) else []
        return HashSetKind.ALERT.value in kinds

    def _tagged(self, image: EvidenceImage) -> Mapping[Place, str]:
        """Places with a tag that conceals, and which."""
        return {(target.volume_id, target.address): f"tagged {name}" for target, name in self._concealed_by_tag(image)}

    def _concealed_by_tag(self, image: EvidenceImage) -> tuple[tuple[Target, str], ...]:
        """What bears a tag that conceals, with the name of the tag; only what has an address."""
        with self.db.reading() as connection:
            names = {tag.id: tag.name for tag in records(connection, select(TAG), tag_of) if tag.conceals}
            taggings = taggings_of(connection, image.id, names) if names else ()
        return tuple((one.target, names[one.tag_id]) for one in taggings if one.tag_id in names and one.target.address)

    def _alerts(self, image: EvidenceImage) -> frozenset[int] | None:
        """Entries in alert sets; None where it cannot be told.

        The image was looked up with another catalogue, or what was found is missing though the record tells of a
        look-up in alert sets.
        """
        path = self.folder.matches(image.case_id, image.id)
        if not path.is_file():
            return None if self._asked_of_alerts(image) else frozenset()
        with HashMatches(path) as found:
            if image.catalogue_sha256 is None or found.catalogue_sha256 != image.catalogue_sha256.hex():
                return None
            return frozenset(found.ids(HashSetKind.ALERT))
