"""What a search looks through beside contents and slack: unallocated space, volumes without files, and the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from evidence.errors import EvidenceError, IsolationError
from evidence.filesystems.ranges import UNALLOCATED, Range, between, joined, no_free_space
from evidence.search.task import VOLUME
from forensics_app.db.search_contents import contents_of
from forensics_app.model.areas import TELLS_PLACES_OF, has_unallocated, lies_on_media
from forensics_app.model.catalogue import Volume
from forensics_app.model.logical import is_members
from forensics_app.model.search import SearchRequest, Space
from forensics_app.services.search_plan import Spaces, has_slack, lineage_of

GAPS = "gaps"
_CONTENTS_AT_ONCE = 5_000
_MAX_PARTS = 1_000_000
_ONLY_CONTENTS = frozenset({"l01"})
"""Of these the media is the contents of the files, and nothing else."""
_LOCKED = "It is encrypted, and was locked when the catalogue was built."
_AROUND_LAYERS = (
    "What of it lies around the volumes that are stored in it was not searched: it is not known where they lie."
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
    return {key: told for key, told in found.items() if not _is_all_searched(key, found)}


def _is_all_searched(key: str, found: Spaces) -> bool:
    """Whether what is told not to be known as unallocated is searched among the rest."""
    volume_id, kind = key.rsplit(" ", 1)
    return kind == "none" and isinstance(found.get(f"{volume_id} {GAPS}"), list)


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
    with_places = {
        volume.id for volume in wanted
        if volume.file_system is not None and volume.file_system.type in TELLS_PLACES_OF
    }  # fmt: skip
    listed, taken = _contents(call, catalogue, volumes, with_places)
    for volume in wanted:
        system = volume.file_system
        inner = [one for one in volumes.values() if one.parent == volume.id and not is_members(one)]
        if volume.id in with_places:
            yield f"{volume.id} {GAPS}", _rest(call, volumes, volume, taken.get(volume.id, []), is_listed=True)
        elif system is not None and volume.id in listed:
            if volume.kind not in ("pool_volume", "snapshot") and system.type not in _ONLY_CONTENTS:
                why = f"Its metadata and gaps were not searched: where its files lie is not known for {system.type}."
                yield f"{volume.id} {GAPS}", why
        elif system is not None and not inner:
            free = has_unallocated(system.type, volume.kind)
            yield f"{volume.id} {GAPS}", _rest(call, volumes, volume, [], is_listed=free)
        elif system is None and inner:
            lying = [(one.start_bytes, one.length_bytes) for one in inner if lies_on_media((one.kind,))]
            is_layered = not lying
            yield (
                f"{volume.id} {GAPS}",
                _AROUND_LAYERS if is_layered else _rest(call, volumes, volume, lying, is_listed=False),
            )


def _contents(
    call: Call, catalogue: Path, volumes: Mapping[str, Volume], wanted: set[str]
) -> tuple[set[str], dict[str, list[Range]]]:
    """Which volumes have contents in the catalogue, and where they lie; not deleted ones: others may lie there."""
    listed: set[str] = set()
    found: dict[str, list[Range]] = {}
    asked: dict[str, list[tuple[str, bool]]] = defaultdict(list)

    def ask(volume_id: str) -> None:
        arguments: dict[str, object] = {
            "volumes": lineage_of(volumes, volume_id), "contents": tuple(asked.pop(volume_id)),
        }  # fmt: skip
        got = call("occupied", arguments)
        assert isinstance(got, tuple)
        found[volume_id] = joined((*found.get(volume_id, ()), *got))

    for content in contents_of(catalogue):
        listed.add(content.volume_id)
        if content.is_allocated and content.volume_id in wanted:
            asked[content.volume_id].append((content.address, has_slack(volumes, content)))
            if len(asked[content.volume_id]) >= _CONTENTS_AT_ONCE:
                ask(content.volume_id)
    for volume_id in list(asked):
        ask(volume_id)
    return listed, found


def _rest(
    call: Call, volumes: Mapping[str, Volume], volume: Volume, taken: list[Range], *, is_listed: bool
) -> str | list[list[int]]:
    asked: dict[str, object] = {"volumes": lineage_of(volumes, volume.id)}
    try:
        size = call("volume_bytes", asked)
        assert isinstance(size, int)
        free = list(_free(call, asked)) if is_listed else []
    except IsolationError:
        raise
    except EvidenceError as error:
        return f"Its metadata and gaps were not searched: {error}"
    left = [[start, length] for start, length in between(joined((*taken, *free)), 0, size)]
    return left if len(left) <= _MAX_PARTS else _TOO_MANY


def _free(call: Call, asked: dict[str, object]) -> Iterator[Range]:
    at, size = 0, 1
    while at < size:
        part = {"address": UNALLOCATED, "offset_bytes": at, "size_bytes": 1 << 62}
        got = call("stretches", {**asked, **part})
        assert isinstance(got, tuple)
        size, stretches = got
        for place, start, length in stretches:
            yield start, length
            at = place + length
        if not stretches:
            return


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
