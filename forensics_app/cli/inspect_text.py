"""The answer of ``inspect`` for people: the same parts as the document, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from forensics_app.model.file_kinds import kind_words
from forensics_app.services.inspecting import Part

Json: TypeAlias = Any

_CHECKS = {
    "match": "equal to those that the container stores",
    "mismatch": "NOT equal to those that the container stores",
    "none stored": "the container stores none to compare with",
    "not computed": "not computed (use --hash)",
}


def described(parts: Iterable[Part]) -> Iterator[str]:
    """The lines, as the parts come."""
    for part in parts:
        match part.key:
            case "source":
                yield from _source(part.value)
            case "partition_table" if part.value["scheme"] or part.value["sector_bytes"]:  # else it was not looked for
                yield f"Partition table: {part.value['scheme'] or 'none'}"
            case "files":
                yield from map(_file, part.value)
            case "volumes":
                yield from _volumes(part.value)
            case "error" if part.value:
                yield f"Error: {part.value['what']}"
                yield f"       {part.value['then']}"
            case "warnings":
                yield from map(_warning, part.value)


def _source(source: Json) -> Iterator[str]:
    yield from (f"Source: {path}" for path in source["paths"])
    yield f"Container: {source['container'] or 'not known'}, segments: {source['segments']}"
    if source["media_bytes"] is not None:
        sectors = f" in sectors of {source['sector_bytes']}" if source["sector_bytes"] else ""
        yield f"Media: {source['media_bytes']:,} bytes{sectors}"
        yield f"Files of the container: {source['container_bytes']:,} bytes"
    yield from (f"  {name}: {value}" for name, value in source["metadata"].items())
    yield from (f"Stored {name}: {value}" for name, value in source["stored_digests"].items())
    yield from (f"Media {name}: {value}" for name, value in (source["digests"] or {}).items())
    yield f"Digests of the media: {_CHECKS[source['digest_check']]}"
    yield from (f"Unreadable: {region['length']:,} bytes at {region['offset']:,}" for region in source["unreadable"])
    for region in source["not_read_at_acquisition"]:
        yield f"Not read at the acquisition: {region['length']:,} bytes at {region['offset']:,}"


def _volumes(volumes: list[Json]) -> Iterator[str]:
    for volume in volumes:
        place = f"{volume['start']:,} + {volume['length']:,} bytes"
        yield f"Volume {volume['id']}: {volume['kind']}, {place}, {volume['description']}"
        if volume["encryption"]:
            yield f"  encrypted: {volume['encryption']}, {'locked' if volume['locked'] else 'open'}"
        system = volume["file_system"]
        if system:
            label = f' "{system["label"]}"' if system["label"] else ""
            serial = f", {system['serial']}" if system["serial"] else ""
            yield f"  file system: {system['type']}{label}, blocks of {system['block_bytes']} bytes{serial}"
            counts = system["counts"]
            if counts:
                yield "  " + ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _file(line: Json) -> str:
    """State, size, time of modification, address and path, as in a listing; the digest, and what is said of it."""
    state = "-" if line["allocated"] else "o" if line["orphan"] else "r" if line["realloc"] else "d"
    modified = line["times"]["modified"]
    stamp = modified["utc"][:19] + "Z" if modified else "-"
    digest = f"  {line['sha256']}" if line["sha256"] else ""
    place = f"{line['volume']}  {line['address']:>12}"
    kind = "" if line["kind"] in ("file", "directory") else f"  ({kind_words(line['kind'])})"
    note = f"  ({line['note']})" if line["note"] else ""
    return f"{state} {line['size']:>14,}  {stamp:20}  {place}  {line['path']}{kind}{digest}{note}"


def _warning(warning: Json) -> str:
    offset = f", at {warning['offset']:,}" if warning["offset"] is not None else ""
    return f"Warning ({warning['where']}{offset}): {warning['what']}"
