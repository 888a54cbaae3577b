"""Finding the facts of a kit again in another copy of the media: same, different, or cannot test; needs no lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from evidence.errors import EvidenceError
from evidence.examination import examine_isolated
from evidence.isolation import Child
from forensics_app.errors import UsageError
from forensics_app.model.catalogue import Problem, TimeRule, Volume
from forensics_app.model.image import OnProgress, not_read
from forensics_app.model.kit import Kit, KitFile, KitImage, Outcome, Rechecked, Tested
from forensics_app.services.rechecking_cited import AT, CITED_BYTES, is_in_a_file, retested, told
from forensics_app.services.seen_copy import NAMES, NOT_THERE, Seen, judged, words
from forensics_app.services.seen_copy import Copy as Copy

_SIZE = "size of the media, bytes"


def facts_in(kit: Kit, number: str) -> int:
    """How many facts a kit tells of an image."""
    image = next(one for one in kit.images if one.number == number)
    files = [one for one in kit.files if one.image == number]
    return len(list(_media_facts(image))) + 3 * len(image.volumes) + sum(len(list(told(one))) for one in files)


def recheck_kit(
    kit: Kit,
    copy: Copy,
    number: str | None = None,
    *,
    on_digesting: OnProgress = lambda done, total: None,
    on_listing: OnProgress = lambda done, total: None,
    on_testing: OnProgress = lambda done, total: None,
) -> Rechecked:
    """Test every fact that a kit tells of one image in a copy of it.

    Args:
        kit: The kit, whole.
        copy: The copy; another container of the same media gives the same facts.
        number: Which image of the kit it is a copy of; None where the kit has but one, or where the digests tell.
        on_digesting: Bytes digested, bytes in all.
        on_listing: Entries listed, and 0.
        on_testing: Cited files and places tested, and how many there are.

    Raises:
        UsageError: It is not told which image it is a copy of.
    """
    seen = Seen()
    logical = _one_of(kit, number).logical if number or len(kit.images) == 1 else False
    source = {"paths": copy.paths, "logical": logical}
    try:
        with Child() as child:
            seen.description = child.call("describe", source)
            arguments = {**source, "algorithms": tuple(NAMES)}
            seen.media = child.call("hash", arguments, on_progress=on_digesting)
    except EvidenceError as error:
        seen.why_not = words(error)
    image = _one_of(kit, number) if number or len(kit.images) == 1 else _matching(kit, seen)
    _look_for_damage(seen, image)
    files = [one for one in kit.files if one.image == image.number]
    if not seen.why_not and (image.volumes or files):
        _examine(seen, image, files, copy, on_listing)
    facts = [*_test_media(image, seen), *_test_volumes(image, seen)]
    facts += retested(files, image, seen, copy, on_testing)
    return Rechecked(image=image.number, facts=tuple(_certain(one, seen.damage) for one in facts))


def _look_for_damage(seen: Seen, image: KitImage) -> None:
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
    is_read = fact.what.endswith(" of the content") or fact.what.startswith(CITED_BYTES)
    was_read = is_read and fact.found != NOT_THERE  # and lies beside what is damaged
    if not damage or is_certain or was_read or fact.outcome is Outcome.CANNOT_TEST:
        return fact
    return replace(fact, outcome=Outcome.CANNOT_TEST, found="", why=damage)


def _one_of(kit: Kit, number: str | None) -> KitImage:
    for image in kit.images:
        if number is None or image.number == number:
            return image
    raise UsageError(f"The kit has no image {number!r}; it has {', '.join(one.number for one in kit.images)}.")


def _matching(kit: Kit, seen: Seen) -> KitImage:
    """The image whose digest the copy has."""
    sha256 = seen.media.digests["sha256"].hex() if seen.media else None
    for image in kit.images:
        if sha256 is not None and image.digests.get("sha256") == sha256:
            return image
    numbers = ", ".join(one.number for one in kit.images)
    raise UsageError(f"The kit tells of several images, and the copy has the SHA-256 of none: {numbers}.",
                     then="Say with --image of which one it is a copy.")  # fmt: skip


def _examine(seen: Seen, image: KitImage, files: Sequence[KitFile], copy: Copy, on_listing: OnProgress) -> None:
    """List the copy; of its entries, those are kept that the kit names."""
    wanted = {(one.volume, one.address) for one in files if is_in_a_file(one)}
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
                        place = (row[AT["volume_id"]], row[AT["address"]])
                        if place in wanted:
                            seen.rows.setdefault(place, []).append(row)
    except EvidenceError as error:
        seen.why_no_files = words(error)


def _media_facts(image: KitImage) -> Iterator[tuple[str, str]]:
    yield _SIZE, str(image.media_bytes)
    for name, value in image.digests.items():
        yield f"{NAMES.get(name, name)} of the media", value


def _test_media(image: KitImage, seen: Seen) -> Iterator[Tested]:
    found = {}
    if seen.media is not None:
        found = {f"{NAMES[name]} of the media": value.hex() for name, value in seen.media.digests.items()}
    if seen.description is not None:
        found[_SIZE] = str(seen.description.media_bytes)
    for what, expected in _media_facts(image):
        now = found.get(what)
        why = seen.why_not or f"no {what} was calculated" if now is None else ""
        yield judged(image.number, what, expected, now, why)


def _test_volumes(image: KitImage, seen: Seen) -> Iterator[Tested]:
    for volume in image.volumes:
        subject = f"{image.number}, {volume.id}"
        now = seen.volumes.get(volume.id)
        why = seen.why_not or seen.why_no_volume(image, volume.id)
        found = (str(now.start_bytes), str(now.length_bytes), _system(now)) if now else (NOT_THERE,) * 3
        reasons = [why if now is None else "", why if now is None else "", why]
        if now is not None and not (now.locked and not volume.locked):
            reasons[2] = ""
        values = (str(volume.start_bytes), str(volume.length_bytes), volume.file_system or "none")
        whats = ("start in its parent, bytes", "length, bytes", "file system")
        for what, expected, one, reason in zip(whats, values, found, reasons, strict=True):
            yield judged(subject, what, expected, one, reason)


def _system(volume: Volume) -> str:
    return volume.file_system.type if volume.file_system else "none"
