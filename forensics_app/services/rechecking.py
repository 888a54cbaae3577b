"""Finding the facts of a kit again in another copy of the media: same, different, or cannot test; needs no lab."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from evidence.digest import MediaDigests
from evidence.errors import EvidenceError
from evidence.examination import examine_isolated
from evidence.images.base import Region
from evidence.isolation import Child
from evidence.views import ImageDescription
from forensics_app.errors import UsageError, explain
from forensics_app.model.catalogue import FILE_COLUMNS, Problem, TimeRule, Volume
from forensics_app.model.image import NO_KEYS, Keys, OnProgress, not_read
from forensics_app.model.kit import Kit, KitFile, KitImage, KitVolume, Outcome, Rechecked, Tested
from forensics_app.model.names import storable

Row: TypeAlias = tuple[Any, ...]

READ_BYTES = 8 * 1024 * 1024
_AT = {name: place for place, name in enumerate(FILE_COLUMNS)}
_SIZE = "size of the media, bytes"
_NOT_THERE = "not there"
_DIGESTS = ("md5", "sha256")
_PLAIN = ("whole", "partition")
"""Volumes whose bytes are those of the media, from where they start."""
_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of the media: its files, and the keys of encrypted volumes in it."""

    paths: tuple[Path, ...]
    keys: Keys = NO_KEYS


@dataclass(slots=True)
class _Seen:
    """What the copy holds of what the kit names."""

    description: ImageDescription | None = None
    media: MediaDigests | None = None
    volumes: dict[str, Volume] = field(default_factory=dict)
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    bases: dict[tuple[str, str], TimeRule] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    why_not: str = ""
    why_no_files: str = ""
    bad: tuple[Region, ...] = ()
    damage: str = ""


def facts_in(kit: Kit, number: str) -> int:
    """How many facts a kit tells of an image."""
    image = next(one for one in kit.images if one.number == number)
    files = [one for one in kit.files if one.image == number]
    return len(list(_media_facts(image))) + 3 * len(image.volumes) + sum(len(list(_told(one))) for one in files)


def recheck_kit(
    kit: Kit,
    copy: Copy,
    number: str | None = None,
    *,
    on_digesting: OnProgress = lambda done, total: None,
    on_listing: OnProgress = lambda done, total: None,
) -> Rechecked:
    """Test every fact that a kit tells of one image in a copy of it.

    Args:
        kit: The kit, whole.
        copy: The copy; another container of the same media gives the same facts.
        number: Which image of the kit it is a copy of; None where the kit has but one, or where the digests tell.
        on_digesting: Bytes digested, bytes in all.
        on_listing: Entries listed, and 0.

    Raises:
        UsageError: It is not told which image it is a copy of.
    """
    seen = _Seen()
    logical = _one_of(kit, number).logical if number or len(kit.images) == 1 else False
    source = {"paths": copy.paths, "logical": logical}
    try:
        with Child() as child:
            seen.description = child.call("describe", source)
            arguments = {**source, "algorithms": tuple(_NAMES)}
            seen.media = child.call("hash", arguments, on_progress=on_digesting)
    except EvidenceError as error:
        seen.why_not = _words(error)
    image = _one_of(kit, number) if number or len(kit.images) == 1 else _matching(kit, seen)
    _look_for_damage(seen, image)
    files = [one for one in kit.files if one.image == image.number]
    if not seen.why_not and (image.volumes or files):
        _examine(seen, image, files, copy, on_listing)
    facts = [*_test_media(image, seen), *_test_volumes(image, seen)]
    facts += _test_files(files, image, seen, copy)
    return Rechecked(image=image.number, facts=tuple(_certain(one, seen.damage) for one in facts))


def _look_for_damage(seen: _Seen, image: KitImage) -> None:
    """Note what of a copy is zeros for what could not be read, but where the kit tells of just the same media."""
    if seen.media is None:
        return
    acquired = not_read(seen.description.problems) if seen.description else ()
    bad = (*seen.media.unreadable, *acquired)
    count = sum(region.length_bytes for region in bad)
    is_as_told = count == image.unreadable_bytes and seen.media.digests["sha256"].hex() == image.digests.get("sha256")
    if count and not is_as_told:
        seen.bad = tuple(sorted(bad, key=lambda one: one.offset_bytes))
        seen.damage = f"{count:,} bytes of this copy cannot be read, the first at byte {seen.bad[0].offset_bytes:,}"


def _certain(fact: Tested, damage: str) -> Tested:
    """What differs in a copy that cannot be read whole may differ for that, and its digest is none of the media."""
    is_of_media = fact.what.endswith(" of the media")
    is_certain = fact.outcome is not Outcome.DIFFERENT and not is_of_media
    was_read = fact.what.endswith(" of the content") and fact.found != _NOT_THERE  # and lies beside what is damaged
    if not damage or is_certain or was_read or fact.outcome is Outcome.CANNOT_TEST:
        return fact
    return replace(fact, outcome=Outcome.CANNOT_TEST, found="", why=damage)


def _one_of(kit: Kit, number: str | None) -> KitImage:
    for image in kit.images:
        if number is None or image.number == number:
            return image
    raise UsageError(f"The kit has no image {number!r}; it has {', '.join(one.number for one in kit.images)}.")


def _matching(kit: Kit, seen: _Seen) -> KitImage:
    """The image whose digest the copy has."""
    sha256 = seen.media.digests["sha256"].hex() if seen.media else None
    for image in kit.images:
        if sha256 is not None and image.digests.get("sha256") == sha256:
            return image
    numbers = ", ".join(one.number for one in kit.images)
    raise UsageError(f"The kit tells of several images, and the copy has the SHA-256 of none: {numbers}.",
                     then="Say with --image of which one it is a copy.")  # fmt: skip


def _examine(seen: _Seen, image: KitImage, files: Sequence[KitFile], copy: Copy, on_listing: OnProgress) -> None:
    """List the copy; of its entries, those are kept that the kit names."""
    wanted = {(one.volume, one.address) for one in files}
    found = examine_isolated(
        copy.paths,
        hash_files=image.archives,
        keys=copy.keys,
        on_progress=on_listing,
        logical=image.logical,
        archives=image.archives,
    )
    try:
        for item in found:
            match item:
                case Volume():
                    seen.volumes[item.id] = item
                case TimeRule():
                    seen.bases[item.volume_id, item.field] = item
                case Problem():
                    seen.problems.append(item)
                case tuple():
                    for row in item:
                        place = (row[_AT["volume_id"]], row[_AT["address"]])
                        if place in wanted:
                            seen.rows.setdefault(place, []).append(row)
    except EvidenceError as error:
        seen.why_no_files = _words(error)


def _media_facts(image: KitImage) -> Iterator[tuple[str, str]]:
    yield _SIZE, str(image.media_bytes)
    for name, value in image.digests.items():
        yield f"{_NAMES.get(name, name)} of the media", value


def _test_media(image: KitImage, seen: _Seen) -> Iterator[Tested]:
    found = {}
    if seen.media is not None:
        found = {f"{_NAMES[name]} of the media": value.hex() for name, value in seen.media.digests.items()}
    if seen.description is not None:
        found[_SIZE] = str(seen.description.media_bytes)
    for what, expected in _media_facts(image):
        now = found.get(what)
        why = seen.why_not or f"no {what} was calculated" if now is None else ""
        yield _judged(image.number, what, expected, now, why)


def _test_volumes(image: KitImage, seen: _Seen) -> Iterator[Tested]:
    for volume in image.volumes:
        subject = f"{image.number}, {volume.id}"
        now = seen.volumes.get(volume.id)
        why = seen.why_not or _why_no_volume(image, volume.id, seen)
        found = (str(now.start_bytes), str(now.length_bytes), _system(now)) if now else (_NOT_THERE,) * 3
        reasons = [why if now is None else "", why if now is None else "", why]
        if now is not None and not (now.locked and not volume.locked):
            reasons[2] = ""
        told = (str(volume.start_bytes), str(volume.length_bytes), volume.file_system or "none")
        whats = ("start in its parent, bytes", "length, bytes", "file system")
        for what, expected, one, reason in zip(whats, told, found, reasons, strict=True):
            yield _judged(subject, what, expected, one, reason)


def _system(volume: Volume) -> str:
    return volume.file_system.type if volume.file_system else "none"


def _why_no_volume(image: KitImage, volume_id: str, seen: _Seen) -> str:
    """Why a volume cannot be looked into: it, or one that it lies in, is locked here; empty where none is."""
    parents: Mapping[str, KitVolume] = {one.id: one for one in image.volumes}
    at: str | None = volume_id
    steps = 0
    while at is not None and steps <= len(parents) + 1:
        here, there = seen.volumes.get(at), parents.get(at)
        if here is not None and here.locked:
            return f"volume {at} is encrypted ({here.encryption}) and no key that was given opens it"
        at = here.parent if here is not None else there.parent if there is not None else _around(at)
        steps += 1
    return "" if volume_id in seen.volumes else seen.why_no_files


def _why_not_listed(volume_id: str, seen: _Seen) -> str:
    """What of the copy was left out where a file should be; empty where the volume was listed whole."""
    about = next((one for one in seen.problems if one.is_damage and one.where.startswith(volume_id)), None)
    return seen.why_no_files or (f"the volume could not be listed whole: {about.what}".rstrip(".") if about else "")


def _around(volume_id: str) -> str | None:
    """The volume that one of an archive lies in, by its id."""
    before, mark, _ = volume_id.rpartition("!")
    return before if mark else None


def _told(file: KitFile) -> Iterator[tuple[str, str]]:
    """The facts that are told of a file."""
    if file.path is not None:
        yield "path", file.path
    yield "size, bytes", str(file.size_bytes)
    yield "state", file.state
    for name, stamp in file.times.items():
        yield f"time {name}, ns since 1970", f"{stamp.ns} {stamp.basis}"
    for name in _DIGESTS:
        if (value := getattr(file, name)) is not None:
            yield f"{_NAMES[name]} of the content", value


def _test_files(files: Sequence[KitFile], image: KitImage, seen: _Seen, copy: Copy) -> Iterator[Tested]:
    if not files:
        return
    if seen.why_not:
        yield from (
            _judged(one.reference, what, told, None, seen.why_not) for one in files for what, told in _told(one)
        )
        return
    with Child() as child:
        why_closed = ""
        try:
            opened = {"image": "copy", "paths": copy.paths, "logical": image.logical, "keys": copy.keys}
            child.call("open", opened)
        except EvidenceError as error:
            why_closed = _words(error)
        for file in files:
            yield from _test_file(file, image, seen, child, why_closed)


def _test_file(file: KitFile, image: KitImage, seen: _Seen, child: Child, why_closed: str) -> Iterator[Tested]:
    rows = seen.rows.get((file.volume, file.address), [])
    why = "" if rows else _why_no_volume(image, file.volume, seen) or _why_not_listed(file.volume, seen)
    row = max(rows, key=lambda one: _likeness(file, one), default=None)
    now = {} if row is None else _of_row(file, row, seen)
    whys: dict[str, str] = {}
    if row is not None and (file.md5 or file.sha256):
        try:
            if why_closed:
                raise _NotReadError(why_closed)
            now |= _content_digests(file, row, seen, child)
            if seen.bad and (reason := _why_uncertain(file, row, seen, child)):
                raise _NotReadError(reason)
        except (EvidenceError, _NotReadError) as error:
            reason = _words(error) if isinstance(error, EvidenceError) else str(error)
            whys = {f"{_NAMES[name]} of the content": reason for name in _DIGESTS}
    for what, expected in _told(file):
        found = now.get(what, _NOT_THERE if not why and not whys.get(what) else None)
        yield _judged(file.reference, what, expected, found, why or whys.get(what, ""))


class _NotReadError(Exception):
    """A content could not be read, or not all of what was read is of the evidence."""


def _why_uncertain(file: KitFile, row: Row, seen: _Seen, child: Child) -> str:
    """Why the digest of a content is none in a copy with bad sectors; empty where it lies beside all of them.

    Raises:
        EvidenceError: It cannot be read.
    """
    volumes, size_bytes = _around_volumes(file.volume, seen), row[_AT["size_bytes"]]
    lies = {"image": "copy", "volumes": volumes, "address": file.address, "offset_bytes": 0, "size_bytes": size_bytes}
    _, stretches = child.call("stretches", lies)
    if sum(length for _, _, length in stretches) < size_bytes or any(one.kind not in _PLAIN for one in volumes):
        return f"where its content lies in the media is not known, and {seen.damage}"
    start_bytes = sum(one.start_bytes for one in volumes)
    for _, offset, length in stretches:
        first = start_bytes + offset
        for one in seen.bad:
            if one.offset_bytes < first + length and first < one.offset_bytes + one.length_bytes:
                return f"it lies where {one.length_bytes:,} bytes from byte {one.offset_bytes:,} cannot be read"
    return ""


def _likeness(file: KitFile, row: Row) -> tuple[bool, bool, bool]:
    """How well an entry fits a file: one number of a file system may bear several names."""
    same_path = file.path is not None and storable(row[_AT["path"]]) == file.path
    return same_path, _state(row) == file.state, row[_AT["size_bytes"]] == file.size_bytes


def _of_row(file: KitFile, row: Row, seen: _Seen) -> dict[str, str]:
    found = {
        "path": storable(row[_AT["path"]]),
        "size, bytes": str(row[_AT["size_bytes"]]),
        "state": _state(row),
    }
    for name in file.times:
        column, rule = _AT.get(f"{name}_ns"), seen.bases.get((file.volume, name))
        ns = None if column is None else row[column]
        told = "none" if ns is None else f"{ns} {rule.basis if rule else 'unknown'}"
        found[f"time {name}, ns since 1970"] = told
    return found


def _state(row: Row) -> str:
    if row[_AT["allocated"]]:
        return "allocated"
    if row[_AT["orphan"]]:
        return "orphan"
    return "deleted, reallocated" if row[_AT["realloc"]] else "deleted"


def _content_digests(file: KitFile, row: Row, seen: _Seen, child: Child) -> dict[str, str]:
    """Digests of the content as this copy holds it, read in the child piece by piece.

    Raises:
        EvidenceError: It cannot be read.
    """
    digests = {name: hashlib.new(name, usedforsecurity=False) for name in _DIGESTS}
    volumes = _around_volumes(file.volume, seen)
    size_bytes = row[_AT["size_bytes"]]
    for offset_bytes in range(0, size_bytes, READ_BYTES):
        place = {"volumes": volumes, "address": file.address, "offset_bytes": offset_bytes}
        some = child.call(
            "read_file", {"image": "copy", **place, "size_bytes": min(READ_BYTES, size_bytes - offset_bytes)}
        )
        for digest in digests.values():
            digest.update(some)
    return {f"{_NAMES[name]} of the content": digest.hexdigest() for name, digest in digests.items()}


def _around_volumes(volume_id: str, seen: _Seen) -> tuple[Volume, ...]:
    found: list[Volume] = []
    at: str | None = volume_id
    while at is not None and at in seen.volumes and len(found) <= len(seen.volumes):
        found.insert(0, seen.volumes[at])
        at = seen.volumes[at].parent
    return tuple(found)


def _judged(subject: str, what: str, expected: str, found: str | None, why: str) -> Tested:
    if why or found is None:
        return Tested(subject=subject, what=what, outcome=Outcome.CANNOT_TEST, expected=expected, why=why)
    outcome = Outcome.SAME if found == expected else Outcome.DIFFERENT
    return Tested(subject=subject, what=what, outcome=outcome, expected=expected, found=found)


def _words(error: EvidenceError) -> str:
    explanation = explain(error)
    return (explanation.what if explanation else str(error)).rstrip(".")
