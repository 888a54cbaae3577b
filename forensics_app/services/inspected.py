"""Volumes and entries in the words of the document of ``inspect``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from evidence.timestamps import iso_text, to_utc
from forensics_app.model.catalogue import FILE_COLUMNS, TIME_FIELDS, FileRow, FileSystem, TimeRule, Volume

Json: TypeAlias = Any

_ALWAYS = ("modified", "accessed", "changed", "created")
_AT = {name: index for index, name in enumerate(FILE_COLUMNS)}
_FIRST_TIME = _AT["modified_ns"]


def volume_document(volume: Volume) -> Json:
    """One of ``volumes``."""
    table = volume.partition_table
    digests = {"md5": volume.md5, "sha256": volume.sha256}
    return {
        "id": volume.id,
        "parent": volume.parent,
        "kind": volume.kind,
        "start": volume.start_bytes,
        "length": volume.length_bytes,
        "description": volume.description,
        "encryption": volume.encryption,
        "locked": volume.locked,
        "digests": {name: value.hex() for name, value in digests.items() if value is not None} or None,
        "snapshot_time": None if volume.snapshot_time_ns is None else iso_text(volume.snapshot_time_ns),
        "file_system": _file_system(volume.file_system) if volume.file_system else None,
        "partition_table": {"scheme": table.scheme, "sector_bytes": table.sector_bytes} if table else None,
    }


def _file_system(system: FileSystem) -> Json:
    counts = system.counts
    names = ("files", "directories", "links", "deleted", "orphans")
    return {
        "type": system.type,
        "block_bytes": system.block_bytes,
        "label": system.label,
        "serial": system.serial,
        "counts": {name: getattr(counts, name) for name in names} if counts else None,
    }


class FileDocuments:
    """Makes the lines of ``files``."""

    def __init__(self, *, zone: str, digested: bool) -> None:
        """Put wall times to UTC by ``zone``; ``digested`` tells whether types were looked for."""
        self._zone, self._digested = zone, digested
        self._rules: dict[str, dict[str, TimeRule]] = {}
        self._word = lru_cache(maxsize=65_536)(self._stamp)

    def add_rule(self, rule: TimeRule) -> None:
        """Learn what a time means; before the rows of its volume."""
        self._rules.setdefault(rule.volume_id, {})[rule.field] = rule

    def of(self, rows: tuple[FileRow, ...]) -> list[Json]:
        """The lines of some rows.

        ``entropy`` is that of the first 64 KiB of the content, in thousandths of a bit per byte; ``marks`` are words of
        :data:`evidence.marks.MARKS`.
        """
        return [self._line(row) for row in rows]

    def _line(self, row: FileRow) -> Json:
        values: tuple[Any, ...] = row
        volume_id = values[_AT["volume_id"]]
        name_bytes, md5, sha256 = values[_AT["name_bytes"]], values[_AT["md5"]], values[_AT["sha256"]]
        mime = values[_AT["mime"]]
        return {
            "volume": volume_id,
            "path": values[_AT["path"]],
            "address": values[_AT["address"]],
            "kind": values[_AT["kind"]],
            "allocated": bool(values[_AT["allocated"]]),
            "realloc": bool(values[_AT["realloc"]]),
            "orphan": bool(values[_AT["orphan"]]),
            "size": values[_AT["size_bytes"]],
            "times": self._times(volume_id, values),
            "md5": md5.hex() if md5 is not None else None,
            "sha256": sha256.hex() if sha256 is not None else None,
            "type": {"mime": mime, "description": values[_AT["type_text"]]} if mime is not None else None,
            "mismatch": bool(values[_AT["mismatch"]]) if self._digested else None,
            "entropy": values[_AT["entropy_head_millibits"]],
            "marks": values[_AT["marks"]].split(),
            "name_bytes": name_bytes.hex() if name_bytes is not None else None,
            "link_target": values[_AT["link_target"]],
            "note": values[_AT["note"]],
        }

    def _times(self, volume_id: str, values: tuple[Any, ...]) -> Json:
        """The four that every document has, and what else the file system keeps."""
        rules = self._rules.get(volume_id, {})
        times: dict[str, Json] = dict.fromkeys(_ALWAYS)
        for index, field in enumerate(TIME_FIELDS):
            rule = rules.get(field)
            if rule is not None:
                ns = values[_FIRST_TIME + index]
                times[field] = self._word(ns, rule) if ns is not None else None
        return times

    def _stamp(self, ns: int, rule: TimeRule) -> Json:
        moment = to_utc(ns, rule.basis, self._zone)
        stamp = {
            "utc": iso_text(moment.utc_ns),
            "source": rule.source,
            "basis": rule.basis,
            "resolution_ns": rule.resolution_ns,
        }
        return stamp | {"doubt": moment.doubt} if moment.doubt else stamp
