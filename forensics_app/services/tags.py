"""Tags of the lab: made, changed, taken out of use; put on places in evidence, and taken off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, Select, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_target import tag_of, tagging_of, target_values
from forensics_app.db.rows import records
from forensics_app.db.tables import PERSON, TAG, TAGGING
from forensics_app.errors import NotFoundError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.image import EvidenceImage, ImageId
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.tag import (
    KEYS,
    LONGEST_NAME_CHARACTERS,
    MOST_AT_ONCE,
    TAGGERS,
    NewTag,
    Tag,
    Tagged,
    Tagging,
    TaggingId,
    TagId,
)
from forensics_app.model.target import LONGEST_TERM_CHARACTERS, Target, TargetArea
from forensics_app.services.cases import case_with
from forensics_app.services.found_again import Found, Reader, found_again
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain, lab_chain

T = TypeVar("T")
_IN_AN_ENTRY = 500
"""So many changes stand in one entry of the ledger; more make more entries, in the same transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """Use cases about tags. Names belong to the lab, what bears them to a case; all of it is in the record."""

    db: Database
    lab: LabInfo
    now: Callable[[], datetime]
    found: Found = field(default_factory=Found)

    def list(self) -> tuple[Tag, ...]:
        """The tags in use: those with a key first, then by name."""
        return tuple(one for one in self.all() if one.retired_at is None)

    def all(self) -> tuple[Tag, ...]:
        """The same with those that were taken out of use, which still stand on what bore them."""
        with self.db.reading() as connection:
            found = records(connection, select(TAG), tag_of)
        return tuple(sorted(found, key=lambda one: (one.key or len(KEYS) + 1, one.name.casefold())))

    def named(self, name: str) -> Tag:
        """The tag in use with this name, in either case.

        Raises:
            NotFoundError: There is none.
        """
        there = self.list()
        for one in there:
            if one.name.casefold() == name.strip().casefold():
                return one
        known = ", ".join(one.name for one in there)
        raise NotFoundError(f"There is no tag {name!r}. " + (f"There are: {known}." if known else "There is none yet."))

    def make(self, actor: SignedIn, *new: NewTag) -> tuple[Tag, ...]:
        """Make tags.

        Raises:
            PermissionRefusedError: The actor is no examiner, supervisor or administrator.
            RefusedError: A name is empty, too long or in use, or a key is none of 1 to 9 or in use.
        """
        require(actor, "make a tag", *TAGGERS, Role.ADMINISTRATOR)
        made: list[Values] = []
        with self.db.writing() as connection:
            writer = Writer(connection, self.now())
            for one in new:
                _check(connection, one)
                values: Values = {
                    "id": str(uuid4()),
                    **_values(one),
                    "recorded_by": str(actor.person.id),
                    "recorded_at": time_text(writer.now),
                    "retired_at": None,
                }
                writer.insert(TAG, values)
                made.append(values)
                writer.append(lab_chain(self.lab), "tag.make", _subject(values), _facts(one), [("actor", actor)])
        return tuple(tag_of(values) for values in made)

    def change(self, actor: SignedIn, tag_id: TagId, new: NewTag) -> Tag:
        """Give a tag another name, colour or key; what bears it bears it under the new name.

        Raises:
            PermissionRefusedError: As for a new one; or the actor is no supervisor, and pictures that bear it would
                no longer be covered.
            RefusedError: As for a new one.
            NotFoundError: It is not in use.
        """
        require(actor, "change a tag", *TAGGERS, Role.ADMINISTRATOR)
        with self.db.writing() as connection:
            before = _tag_with(connection, tag_id)
            if before.conceals and not new.conceals:
                require(actor, "let what bears this tag be seen again", Role.SUPERVISOR)
            _check(connection, new, tag_id)
            writer = Writer(connection, self.now())
            writer.update(TAG, tag_id, _values(new))
            facts = {**_facts(new), "before": before.name}
            subject = Subject(kind="tag", id=str(tag_id), label=new.name.strip())
            writer.append(lab_chain(self.lab), "tag.change", subject, facts, [("actor", actor)])
            return _tag_with(connection, tag_id)

    def retire(self, actor: SignedIn, tag_id: TagId, reason: str = "") -> None:
        """Take a tag out of use; what bears it still does, and its key is free.

        Raises:
            PermissionRefusedError: The actor is no supervisor or administrator.
            NotFoundError: It is not in use.
        """
        require(actor, "take a tag out of use", Role.SUPERVISOR, Role.ADMINISTRATOR)
        with self.db.writing() as connection:
            tag = _tag_with(connection, tag_id)
            writer = Writer(connection, self.now())
            writer.update(TAG, tag_id, {"retired_at": time_text(writer.now), "key": None})
            subject = Subject(kind="tag", id=str(tag_id), label=tag.name)
            writer.append(lab_chain(self.lab), "tag.retire", subject, {}, [("actor", actor)], reason.strip() or None)

    def put(self, actor: SignedIn, tag_id: TagId, targets: Sequence[Target]) -> tuple[Tagging, ...]:
        """Put a tag on files, bytes of them, of volumes or of the media, hits of a search among them.

        What bears it already is left as it is, and is not among what is returned.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor.
            RefusedError: There are too many at once, or one says no place.
            NotFoundError: The tag is not in use, or there is no such image.
        """
        require(actor, "tag evidence", *TAGGERS)
        _check_targets(targets)
        made: list[Tagging] = []
        with self.db.writing() as connection:
            tag, writer = _tag_with(connection, tag_id), Writer(connection, self.now())
            for image_id in dict.fromkeys(target.image_id for target in targets):
                image = image_with(connection, image_id)
                there = {one.target.key for one in taggings_of(connection, image_id) if one.tag_id == tag_id}
                fresh = {one.key: one for one in targets if one.image_id == image_id and _stored_key(one) not in there}
                for some in _portions(tuple(fresh.values())):
                    made += [self._insert(writer, actor, image, tag, target) for target in some]
                    _tell(writer, actor, image, "tag.put", tag, some)
        return tuple(made)

    def remove(self, actor: SignedIn, tagging_ids: Iterable[TaggingId], reason: str = "") -> tuple[Tagging, ...]:
        """Take tags off again; that they were there stays in the record. What was taken off is returned.

        Raises:
            PermissionRefusedError: The actor is neither examiner nor supervisor; or no supervisor, and somebody else
                put a tag that covers pictures.
            NotFoundError: One was never there.
        """
        require(actor, "take a tag off", *TAGGERS)
        wanted = [str(one) for one in dict.fromkeys(tagging_ids)]
        if len(wanted) > MOST_AT_ONCE:
            raise _too_many(len(wanted))
        removed: list[Tagging] = []
        with self.db.writing() as connection:
            there = {one.id: one for one in _taggings(connection, TAGGING.c.id.in_(wanted))}
            if len(there) != len(wanted):
                raise NotFoundError("One of these tags was never put, or is not of this lab.")
            tags = {one.id: one for one in records(connection, select(TAG), tag_of)}
            writer = Writer(connection, self.now())
            groups: dict[tuple[ImageId, TagId], list[Tagging]] = {}
            for one in (there[TaggingId(UUID(text))] for text in wanted):
                if one.removed_at is None:
                    groups.setdefault((one.target.image_id, one.tag_id), []).append(one)
            for (image_id, tag_id), taggings in groups.items():
                if tags[tag_id].conceals and any(one.author != actor.person.name for one in taggings):
                    require(actor, f"take the tag {tags[tag_id].name} off, which covers pictures", Role.SUPERVISOR)
                image = image_with(connection, image_id)
                for some in _portions(taggings):
                    for one in some:
                        writer.update(TAGGING, one.id, {"removed_at": time_text(writer.now)})
                    places = [one.target for one in some]
                    _tell(writer, actor, image, "tag.remove", tags[tag_id], places, reason)
                    removed += some
        return tuple(removed)

    def of_case(self, case_id: CaseId) -> tuple[Tagging, ...]:
        """What bears tags in a case, in the order in which they were put."""
        with self.db.reading() as connection:
            return tuple(_taggings(connection, TAGGING.c.case_id == str(case_id), TAGGING.c.removed_at.is_(None)))

    def of_image(self, image: EvidenceImage, reader: Reader) -> Tagged:
        """What of an image bears tags, found again in its catalogue as that is now.

        Raises:
            CatalogueDamagedError: The catalogue cannot be read.
        """
        return tagged_in(self.db, image, reader, self.found)

    def _insert(self, writer: Writer, actor: SignedIn, image: EvidenceImage, tag: Tag, target: Target) -> Tagging:
        values: Values = {
            "id": str(uuid4()),
            "case_id": str(image.case_id),
            "tag_id": str(tag.id),
            **target_values(target),
            "tagged_by": str(actor.person.id),
            "tagged_at": time_text(writer.now),
            "removed_at": None,
        }
        writer.insert(TAGGING, values)
        return tagging_of({**values, "author": actor.person.name})


def tagged_in(db: Database, image: EvidenceImage, reader: Reader, found: Found) -> Tagged:
    """What of an image bears tags, found again in its catalogue as that is now; ``found`` is what was found before."""
    with db.reading() as connection:
        taggings = taggings_of(connection, image.id)
    with found.lock:
        catalogue, known = found.entries.get(image.id, (None, {}))
    if catalogue != image.catalogue_sha256:
        known = {}
    fresh = [one for one in taggings if one.id not in known]
    if fresh:
        places = found_again(reader, [one.target for one in fresh])
        known = known | {one.id: place for one, place in zip(fresh, places, strict=True)}
        if image.catalogue_sha256 is not None:
            with found.lock:
                found.entries[image.id] = (image.catalogue_sha256, known)
    return _sorted_out(taggings, known)


def taggings_of(
    connection: Connection, image_id: ImageId, tag_ids: Iterable[TagId] | None = None
) -> tuple[Tagging, ...]:
    """What bears tags in an image, or only some of them, in the order in which they were put."""
    conditions = [TAGGING.c.image_id == str(image_id), TAGGING.c.removed_at.is_(None)]
    if tag_ids is not None:
        conditions.append(TAGGING.c.tag_id.in_([str(one) for one in tag_ids]))
    return _taggings(connection, *conditions)


def _taggings(connection: Connection, *conditions: Any) -> tuple[Tagging, ...]:
    query: Select[Any] = select(TAGGING, PERSON.c.name.label("author"))
    query = query.join(PERSON, PERSON.c.id == TAGGING.c.tagged_by).where(*conditions)
    return records(connection, query.order_by(TAGGING.c.tagged_at, TAGGING.c.id), tagging_of)


def _tag_with(connection: Connection, tag_id: UUID) -> Tag:
    query = select(TAG).where(TAG.c.id == str(tag_id), TAG.c.retired_at.is_(None))
    found = records(connection, query, tag_of)
    if not found:
        raise NotFoundError("There is no such tag in use.")
    return found[0]


def _check(connection: Connection, new: NewTag, own: TagId | None = None) -> None:
    name = new.name.strip()
    if not name or not name.isprintable() or len(name) > LONGEST_NAME_CHARACTERS:
        raise RefusedError(f"A tag needs a name of 1 to {LONGEST_NAME_CHARACTERS} characters that can be seen.")
    if any(char in name for char in '*?",'):
        raise RefusedError('The name of a tag holds no *, ?, " or comma: filters could not name it.')
    if new.key is not None and new.key not in KEYS:
        raise RefusedError("The key of a tag is a digit from 1 to 9, or none.")
    for one in records(connection, select(TAG).where(TAG.c.retired_at.is_(None)), tag_of):
        if one.id == own:
            continue
        if one.name.casefold() == name.casefold():
            raise RefusedError(f"There is a tag {one.name} already.")
        if new.key is not None and one.key == new.key:
            raise RefusedError(f"The key {new.key} puts the tag {one.name}.", then="Choose another key, or none.")


def _check_targets(targets: Sequence[Target]) -> None:
    if not targets:
        raise RefusedError("Nothing is chosen that a tag could be put on.")
    if len(targets) > MOST_AT_ONCE:
        raise _too_many(len(targets))
    for one in targets:
        start, length = one.offset_bytes, one.length_bytes
        if (start is None) != (length is None) or (start is None and one.area is not TargetArea.FILE):
            raise RefusedError(f"It is not said which bytes of {one.words} are meant.")
        if start is not None and (start < 0 or not length or length < 0 or start + length > one.size_bytes):
            raise RefusedError(f"{one.words} lie beyond its end at {one.size_bytes:,} bytes.")
        if len(one.term) > LONGEST_TERM_CHARACTERS:
            raise RefusedError(f"The term of a hit has {len(one.term):,} characters, which is too many to record.")


def _too_many(count: int) -> RefusedError:
    return RefusedError(
        f"{count:,} are too many at once; {MOST_AT_ONCE:,} can be tagged in one act.",
        then="Narrow the list with a filter, and tag it in parts.",
    )


def _values(new: NewTag) -> Values:
    return {"name": new.name.strip(), "colour": new.colour.value, "key": new.key, "conceals": int(new.conceals)}


def _facts(new: NewTag) -> dict[str, Json]:
    return {"name": new.name.strip(), "colour": new.colour.value, "key": new.key, "conceals": new.conceals}


def _subject(values: Values) -> Subject:
    return Subject(kind="tag", id=str(values["id"]), label=str(values["name"]))


def _stored_key(target: Target) -> tuple[object, ...]:
    image_id, area, volume_id, path, *rest = target.key
    return (image_id, area, volume_id, storable(str(path)), *rest)


def _portions(some: Sequence[T]) -> Iterable[Sequence[T]]:
    return (some[start : start + _IN_AN_ENTRY] for start in range(0, len(some), _IN_AN_ENTRY))


def _tell(
    writer: Writer,
    actor: SignedIn,
    image: EvidenceImage,
    action: str,
    tag: Tag,
    targets: Sequence[Target],
    reason: str = "",
) -> None:
    facts: dict[str, Json] = {"image": image.number, "tag": tag.name, "places": len(targets)}
    if len(targets) == 1:
        facts |= {"path": storable(targets[0].path), "where": storable(targets[0].words)}
    subject = Subject(kind="image", id=str(image.id), label=image.number)
    chain = case_chain(case_with(writer.connection, image.case_id))
    writer.append(chain, action, subject, facts, [("actor", actor)], reason.strip() or None)


def _sorted_out(taggings: Sequence[Tagging], known: dict[TaggingId, int | None]) -> Tagged:
    entries: dict[int, tuple[Tagging, ...]] = {}
    parts: dict[int, tuple[Tagging, ...]] = {}
    areas: list[Tagging] = []
    lost: list[Tagging] = []
    for one in taggings:
        place = known[one.id]
        if place is None:
            lost.append(one)
        elif not place:
            areas.append(one)
        else:
            into = entries if one.target.is_whole_file else parts
            into[place] = (*into.get(place, ()), one)
    return Tagged(entries=entries, parts=parts, areas=tuple(areas), lost=tuple(lost))
