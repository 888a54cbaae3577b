"""What a reading of a media says beside the intake, the container's own digests and the readings before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evidence.digest import MediaDigests
from forensics_app.db.mapping import time_text
from forensics_app.model.image import EvidenceImage, ImageCheck, Region

STRETCHES_NAMED = 10
_ALGORITHMS = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256"}
_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of the whole media.

    Attributes:
        digests: Of the whole media by algorithm; empty where it was read part by part.
        unreadable: Merged and in order.
        part_bytes: Size of the parts.
        parts: SHA-256 of each part.
    """

    digests: Mapping[str, bytes]
    unreadable: tuple[Region, ...]
    part_bytes: int
    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a reading compares.

    Attributes:
        agrees: Whether it is equal to the intake.
        what: A sentence without a full stop.
        differing: Stretches of the media, whole parts, whose digests are not those of the intake.
    """

    agrees: bool
    what: str
    differing: tuple[Region, ...]


def reading_of(media: MediaDigests) -> Reading:
    """The reading that one pass over the whole media gave."""
    return Reading(digests=media.digests, unreadable=media.unreadable, part_bytes=media.part_bytes, parts=media.parts)


def compare(image: EvidenceImage, checks: Sequence[ImageCheck], reading: Reading) -> Comparison:
    """Compare a reading with the intake, the stored digests and the last reading before it.

    Args:
        image: As the intake recorded it.
        checks: Every earlier reading, the intake's first.
        reading: The new one.
    """
    differing_digests = [name for name, digest in reading.digests.items() if digest != image.digests[name]]
    names = [_ALGORITHMS.get(name, name) for name in differing_digests]
    reference = reference_of(checks, reading.part_bytes)
    differing = differing_parts(reading, reference, image.source.media_bytes)
    if differing and not names:
        names.append("parts")
    if reading.unreadable != image.unreadable:  # unreadable bytes count as zeros, and may have been zeros
        names.append("what can be read")
    stored = [
        _ALGORITHMS.get(name, name)
        for name, value in image.source.stored_digests.items()
        if name in reading.digests and reading.digests[name] != value
    ]
    words = [_intake_words(image, reading, names, differing)]
    if stored:
        words.append(f"not the digest stored in the container ({', '.join(stored)})")
    words += _earlier_words(checks, reading, agrees=not names)
    return Comparison(agrees=not names, what="; ".join(words), differing=differing)


def reference_of(checks: Sequence[ImageCheck], part_bytes: int) -> tuple[bytes, ...]:
    """Digests of the parts as they were at the intake; empty where no reading equal to it kept any of this size."""
    fitting = (check for at, check in enumerate(checks) if check.part_bytes == part_bytes and (at == 0 or check.agrees))
    return next((check.parts for check in fitting), ())


def differing_parts(reading: Reading, reference: Sequence[bytes], media_bytes: int) -> tuple[Region, ...]:
    """The parts that differ from the reference, those that touch each other as one stretch."""
    if not reference or not reading.parts:
        return ()
    count = max(len(reading.parts), len(reference))
    numbers = [at for at in range(count) if reading.parts[at : at + 1] != tuple(reference[at : at + 1])]
    return stretches(numbers, reading.part_bytes, media_bytes)


def stretches(numbers: Iterable[int], part_bytes: int, media_bytes: int) -> tuple[Region, ...]:
    """Parts as stretches of the media; those that touch each other as one."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        start = number * part_bytes
        end = max(start, min(start + part_bytes, media_bytes))
        if found and found[-1][1] == start:
            found[-1][1] = end
        else:
            found.append([start, end])
    return tuple(Region(offset_bytes=start, length_bytes=end - start) for start, end in found)


def stretches_words(regions: Sequence[Region]) -> str:
    """``3 GiB to 4 GiB, 7 GiB to 9 GiB``; of very many the first."""
    named = [
        f"{_place(region.offset_bytes)} to {_place(region.offset_bytes + region.length_bytes)}"
        for region in regions[:STRETCHES_NAMED]
    ]
    if len(regions) > STRETCHES_NAMED:
        named.append(f"and {len(regions) - STRETCHES_NAMED} stretches more")
    return ", ".join(named)


def _place(offset_bytes: int) -> str:
    for size, unit in _UNITS:
        if offset_bytes and offset_bytes % size == 0:
            return f"{offset_bytes // size:,} {unit}"
    return f"{offset_bytes:,}" if not offset_bytes else f"{offset_bytes:,} bytes"


def _intake_words(image: EvidenceImage, reading: Reading, names: Sequence[str], differing: Sequence[Region]) -> str:
    if names:
        where = f": damage lies in {stretches_words(differing)}" if differing else ""
        return f"differs from the intake in {', '.join(names)}{where}"
    by_parts = "" if reading.digests else f" in each of {len(reading.parts)} parts"
    compared = [name for name in image.source.stored_digests if name in reading.digests]
    with_stored = " and to the digests stored in the container" if compared else ""
    return f"equal to the intake{by_parts}{with_stored}"


def _earlier_words(checks: Sequence[ImageCheck], reading: Reading, *, agrees: bool) -> list[str]:
    """How it compares with the last reading after the intake, where one of the two differed from the intake."""
    if len(checks) < 2 or (checks[-1].agrees and agrees):
        return []
    last = checks[-1]
    when = f"the reading of {time_text(last.ended_at)[:19].replace('T', ' ')} UTC"
    if last.agrees:
        return [f"{when} was still equal"]
    if agrees:
        return [f"{when} was not"]
    both = [name for name in reading.digests if name in last.digests]
    same = all(reading.digests[name] == last.digests[name] for name in both)
    if last.part_bytes == reading.part_bytes and last.parts:
        same = same and last.parts == reading.parts
    elif not both:
        return []
    return [f"the same as {when}" if same else f"not the same as {when}"]
