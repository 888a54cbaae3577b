"""What a search looks through beside contents and slack: unallocated space, volumes without files, and the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from evidence.errors import EvidenceError, IsolationError
from evidence.filesystems.ranges import UNALLOCATED, Range, between, joined, no_free_space
from evidence.search.task import ACROSS, BOTH, VOLUME
from forensics_app.model.areas import TELLS_PLACES_OF, has_unallocated, lies_on_media
from forensics_app.model.catalogue import Volume
from forensics_app.model.logical import is_members
from forensics_app.model.search import SearchRequest, Space
from forensics_app.services.search_borders import Bordered, Meeting, Runs, borders_of, meetings
from forensics_app.services.search_plan import Spaces, has_slack, lineage_of, searched_contents

GAPS, BETWEEN = "gaps", "between"
_CONTENTS_AT_ONCE = 5_000
_MAX_PARTS = 1_000_000
_ONLY_CONTENTS = frozenset({"l01"})
"""Of these the media is the contents of the files, and nothing else."""
_LOCKED = "It is encrypted, and was locked when the catalogue was built."
_AROUND_LAYERS = (
    "What of it lies around the volumes that are stored in it was not searched: it is not known where they lie."
)
_TOO_MANY_BORDERS = (
    f"What stands across the borders of its areas was not searched: there are more than {_MAX_PARTS:,} of them."
)
_TOO_MANY_MEET = (
    f"What begins in one file and ends in another was not searched: there are more than {_MAX_PARTS:,} such borders."
)
_TOO_MANY = f"Its metadata and gaps were not searched: they lie in more than {_MAX_PARTS:,} places."

Call: TypeAlias = Callable[[str, dict[str, object]], object]
"""A call of the process that has the image open, by name, with its arguments; what it raises to end the work passes."""


def spaces_of(call: Call, catalogue: Path, volumes: Mapping[str, Volume], request: SearchRequest) -> Spaces:
    """What is asked for of each volume beside its files, as :attr:`Plan.spaces`.

    Raises:
        IsolationError: The process that reads the image died.
        SearchError: The catalogue cannot be read.
    """
    found: dict[str, Any] = {}
    wanted = [volume for volume in volumes.values() if not is_members(volume)]
    if not {Space.UNALLOCATED, Space.GAPS}.isdisjoint(request.spaces):
        found.update((f"{volume.id} locked", _LOCKED) for volume in wanted if volume.locked)
    wanted = [volume for volume in wanted if not volume.locked]
    if Space.UNALLOCATED in request.spaces:
        found.update(_unallocated(call, volumes, wanted))
    if Space.GAPS in request.spaces:
        found.update(_gaps(call, catalogue, volumes, wanted))
    return {key: told for key, told in found.items() if not _is_all_searched(key, told, found, volumes)}


def _is_all_searched(key: str, told: Any, found: Spaces, volumes: Mapping[str, Volume]) -> bool:
    """Whether what is told not to be known as unallocated is searched among the rest."""
    volume_id, kind = key.rsplit(" ", 1)
    if kind not in ("none", "unallocated") or not isinstance(told, str):
        return False
    return isinstance(found.get(f"{bytes_of(volumes, volumes[volume_id]).id} {GAPS}"), list)


def bytes_of(volumes: Mapping[str, Volume], volume: Volume) -> Volume:
    """The volume whose bytes it consists of: itself, or the one around it that it is another reading or a part of.

    Those are volumes and snapshots of an APFS container, trees of an ISO 9660 disc, and a second file system that
    claims the same bytes.
    """
    around = volumes.get(volume.parent or "")
    if around is None or around.file_system is None or volume.file_system is None:
        return volume
    type_ = volume.file_system.type
    is_shared = type_ == "apfs" and volume.kind in ("pool_volume", "snapshot")
    is_tree = type_ == around.file_system.type == "iso9660" and volume.kind == "logical"
    is_reading = (volume.id, volume.start_bytes) == (f"{around.id}.{type_}", 0) and volume.kind == around.kind
    return bytes_of(volumes, around) if is_shared or is_tree or is_reading else volume


def _unallocated(call: Call, volumes: Mapping[str, Volume], wanted: list[Volume]) -> Iterator[tuple[str, Any]]:
    parents = {volume.parent for volume in volumes.values()}
    bare = [volume for volume in wanted if volume.file_system is None and volume.id not in parents]
    seen: dict[str | None, list[Range]] = defaultdict(list)
    for volume in volumes.values():
        if volume not in bare and lies_on_media((volume.kind,)):
            seen[volume.parent].append((volume.start_bytes, volume.length_bytes))
    for volume in wanted:
        system = volume.file_system
        if system is not None and has_unallocated(system.type, volume.kind):
            asked = {"volumes": lineage_of(volumes, volume.id), "address": UNALLOCATED}
            yield f"{volume.id} unallocated", _size(call, "stretches", {**asked, "offset_bytes": 0, "size_bytes": 0})
        elif system is not None and volume.kind not in ("pool_volume", "snapshot"):
            yield f"{volume.id} none", f"Its unallocated space was not searched: {no_free_space(system.type)}."
    for volume in sorted(bare, key=lambda volume: volume.length_bytes):
        size = _size(call, "volume_bytes", {"volumes": lineage_of(volumes, volume.id)})
        yield f"{volume.id} {VOLUME}", size if isinstance(size, str) else _told_once(volume, size, seen)


def _told_once(volume: Volume, size: int, seen: dict[str | None, list[Range]]) -> int | list[list[int]]:
    """A volume without files, but for what others beside it show: tables lie in gaps, a GPT in what protects it."""
    if not lies_on_media((volume.kind,)):
        return size
    first, last = volume.start_bytes, volume.start_bytes + size
    left = list(between(joined(seen[volume.parent]), first, last))
    seen[volume.parent].append((first, size))
    return size if left == [(first, size)] else [[start - first, length] for start, length in left]


def _gaps(
    call: Call, catalogue: Path, volumes: Mapping[str, Volume], wanted: list[Volume]
) -> Iterator[tuple[str, Any]]:
    """What lies in no content, slack or unallocated space; of bytes that several volumes read, told with the first."""
    with_places = {
        volume.id for volume in wanted
        if volume.file_system is not None and volume.file_system.type in TELLS_PLACES_OF
    }  # fmt: skip
    listed, taken, runs = _contents(call, catalogue, volumes, with_places)
    readings: dict[str, list[Volume]] = defaultdict(list)
    borders: dict[str, list[Bordered]] = {}
    meeting: dict[str, list[Meeting]] = {}
    for volume in wanted:
        readings[bytes_of(volumes, volume).id].append(volume)
    for volume in wanted:
        if bytes_of(volumes, volume) is not volume:
            continue
        system, alike = volume.file_system, readings[volume.id]
        inner = [one for one in volumes.values() if one.parent == volume.id and not is_members(one)]
        if volume.id in with_places:
            free = _free_of(call, volumes, alike)
            rest = _rest(call, volumes, volume, taken.get(volume.id, []), free)
            if isinstance(rest, list):
                left = ((start, length) for start, length in rest)
                lying = runs.pop(volume.id, Runs())
                borders[volume.id] = list(borders_of(lying, free, left))
                meeting[volume.id] = list(islice(meetings(lying), _MAX_PARTS + 1))
            yield f"{volume.id} {GAPS}", rest
        elif system is not None and volume.id in listed:
            if volume.kind not in ("pool_volume", "snapshot") and system.type not in _ONLY_CONTENTS:
                why = f"Its metadata and gaps were not searched: where its files lie is not known for {system.type}."
                yield f"{volume.id} {GAPS}", why
        elif system is not None and not inner:
            yield f"{volume.id} {GAPS}", _rest(call, volumes, volume, [], _free_of(call, volumes, alike))
        elif system is None and inner:
            stored = [(one.start_bytes, one.length_bytes) for one in inner if lies_on_media((one.kind,))]
            is_layered = not stored
            yield f"{volume.id} {GAPS}", _AROUND_LAYERS if is_layered else _rest(call, volumes, volume, stored, [])
    yield from _with_addresses(catalogue, volumes, borders, meeting)


def _contents(
    call: Call, catalogue: Path, volumes: Mapping[str, Volume], wanted: set[str]
) -> tuple[set[str], dict[str, list[Range]], dict[str, Runs]]:
    """Which volumes have contents in the catalogue, and where they lie; not deleted ones: others may lie there."""
    listed: set[str] = set()
    found: dict[str, list[Range]] = {}
    runs: dict[str, Runs] = defaultdict(Runs)
    asked: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)

    def ask(volume_id: str) -> None:
        contents = asked.pop(volume_id)
        arguments: dict[str, object] = {
            "volumes": lineage_of(volumes, volume_id), "contents": tuple(one[1:] for one in contents),
        }  # fmt: skip
        got = call("occupied", arguments)
        assert isinstance(got, tuple)
        around = bytes_of(volumes, volumes[volume_id]).id
        for start, length, number in got:
            runs[around].add((start, length), contents[number][0] if around == volume_id else 0)
        found[around] = joined((*found.get(around, ()), *((start, length) for start, length, _ in got)))

    for content in searched_contents(catalogue, volumes):
        listed.add(content.volume_id)
        if content.is_allocated and content.volume_id in wanted:
            asked[content.volume_id].append((content.entry_id, content.address, has_slack(volumes, content)))
            if len(asked[content.volume_id]) >= _CONTENTS_AT_ONCE:
                ask(content.volume_id)
    for volume_id in list(asked):
        ask(volume_id)
    return listed, found, runs


def _with_addresses(
    catalogue: Path,
    volumes: Mapping[str, Volume],
    borders: Mapping[str, Sequence[Bordered]],
    meeting: Mapping[str, Sequence[Meeting]],
) -> Iterator[tuple[str, Any]]:
    """Borders as they are kept: with the addresses of the contents beside, if there are any."""
    wanted = {border[3] for found in borders.values() for border in found}
    wanted |= {entry for found in meeting.values() for border in found for entry in border[3:]}
    contents = searched_contents(catalogue, volumes) if wanted - {0} else ()
    addresses = {content.entry_id: content.address for content in contents if content.entry_id in wanted}
    for volume_id, found in borders.items():
        too_many = len(found) > _MAX_PARTS
        kept = [[*border[:3], addresses.get(border[3], "")] for border in found]
        met = meeting.get(volume_id, ())
        if len(met) > _MAX_PARTS:
            yield f"{volume_id} {BETWEEN}", _TOO_MANY_MEET
        elif not too_many:
            kept += [[*border[:3], BOTH.join(addresses[entry] for entry in border[3:])] for border in met]
        yield f"{volume_id} {ACROSS}", _TOO_MANY_BORDERS if too_many else kept


def _rest(
    call: Call, volumes: Mapping[str, Volume], volume: Volume, taken: list[Range], free: list[Range]
) -> str | list[list[int]]:
    """What of a volume is neither taken nor unallocated."""
    try:
        size = call("volume_bytes", {"volumes": lineage_of(volumes, volume.id)})
        assert isinstance(size, int)
    except IsolationError:
        raise
    except EvidenceError as error:
        return f"Its metadata and gaps were not searched: {error}"
    left = [[start, length] for start, length in between(joined((*taken, *free)), 0, size)]
    return left if len(left) <= _MAX_PARTS else _TOO_MANY


def _free_of(call: Call, volumes: Mapping[str, Volume], readings: Sequence[Volume]) -> list[Range]:
    """The unallocated space of a volume by all readings of its bytes; where it is not known, it is among the rest."""
    found: list[Range] = []
    for one in readings:
        if one.file_system is not None and has_unallocated(one.file_system.type, one.kind):
            found += _free(call, {"volumes": lineage_of(volumes, one.id)})
    return found


def _free(call: Call, asked: dict[str, object]) -> list[Range]:
    """The unallocated space of a volume; nothing where it is not known."""
    at, size, found = 0, 1, list[Range]()
    while at < size:
        part = {"address": UNALLOCATED, "offset_bytes": at, "size_bytes": 1 << 62}
        try:
            got = call("stretches", {**asked, **part})
        except IsolationError:
            raise
        except EvidenceError:
            return []
        assert isinstance(got, tuple)
        size, stretches = got
        for place, start, length in stretches:
            found.append((start, length))
            at = place + length
        if not stretches:
            break
    return found


def _size(call: Call, name: str, arguments: dict[str, object]) -> int | str:
    try:
        found = call(name, arguments)
    except IsolationError:
        raise
    except EvidenceError as error:
        return str(error)
    size = found[0] if isinstance(found, tuple) else found
    assert isinstance(size, int)
    return size
