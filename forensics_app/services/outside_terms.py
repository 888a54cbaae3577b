"""What filters ask that a catalogue does not know, answered: tags out of the record, matches of hash sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from forensics_app.db.engine import Database
from forensics_app.db.hash_matches import HashMatches
from forensics_app.db.mapping_target import tag_of
from forensics_app.db.rows import records
from forensics_app.db.tables import TAG
from forensics_app.model.filter_language.outside import Outside, in_set, matches
from forensics_app.model.filter_language.tree import InSet, Tagged
from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.tag import Tag
from forensics_app.services.found_again import Found, Reader
from forensics_app.services.tags import tagged_in


def answers(db: Database, matched: Path, image: EvidenceImage, reader: Reader, found: Found) -> Outside:
    """What answers for one catalogue; ``matched`` is where the matches of the image lie."""

    def answer(part: Tagged | InSet) -> Iterable[int] | None:
        if isinstance(part, Tagged):
            return _bearing(db, image, reader, found, part.name)
        return _in_sets(matched, image, part)

    return answer


def with_outside(
    words: Vocabulary, db: Database, matched: Path, image: EvidenceImage, place: tuple[Reader, Found]
) -> Vocabulary:
    """A vocabulary with the tags and hash sets that filters of an image can name; ``place`` is its catalogue."""
    tags = _tags(db)
    tagged = tagged_in(db, image, *place)
    counts = {one.name: 0 for one in tags if one.retired_at is None}
    names = {one.id: one.name for one in tags}
    for entry_id in {*tagged.entries, *tagged.parts}:
        bears = {names[one.tag_id] for one in (*tagged.entries.get(entry_id, ()), *tagged.parts.get(entry_id, ()))}
        for name in bears:
            counts[name] = counts.get(name, 0) + 1
    sets = _sets(matched, image)
    return replace(words, tags=counts, sets=sets or {}, looked_up=sets is not None)


def _tags(db: Database) -> tuple[Tag, ...]:
    with db.reading() as connection:
        return records(connection, select(TAG).order_by(TAG.c.key, TAG.c.name), tag_of)


def _bearing(db: Database, image: EvidenceImage, reader: Reader, found: Found, name: str) -> Iterable[int]:
    wanted = {one.id for one in _tags(db) if matches(name, one.name)}
    tagged = tagged_in(db, image, reader, found)
    return sorted(
        {
            entry_id
            for part in (tagged.entries, tagged.parts)
            for entry_id, taggings in part.items()
            if any(one.tag_id in wanted for one in taggings)
        }
    )


def _is_of_this(found: HashMatches, image: EvidenceImage) -> bool:
    return image.catalogue_sha256 is not None and found.catalogue_sha256 == image.catalogue_sha256.hex()


def _in_sets(matched: Path, image: EvidenceImage, part: InSet) -> Iterable[int] | None:
    if not matched.is_file():
        return None
    with HashMatches(matched) as found:
        if not _is_of_this(found, image):
            return None
        wanted = [one for one in found.sets if one.kind == part.kind and in_set(part.name, one.label)]
        return found.in_any(wanted)


def _sets(matched: Path, image: EvidenceImage) -> Mapping[str, Mapping[str, int]] | None:
    """The sets that the image was looked up in, with how many entries are in each; None where it was not."""
    if not matched.is_file():
        return None
    with HashMatches(matched) as found:
        if not _is_of_this(found, image):
            return None
        sets: dict[str, dict[str, int]] = {kind.value: {} for kind in HashSetKind}
        for one, count in found.counts():
            sets[one.kind.value][one.label] = count
        return sets
