"""Describes a source without a lab: opens it read-only in a child process and gives the parts of one document.

The document is that of ``inspect-schema``: other programs rely on it, so that keys may be added and none may change.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from evidence.digest import MediaDigests
from evidence.errors import DamagedContainerError, EvidenceError, MissingSegmentError, UnsupportedContainerError
from evidence.examination import examine_isolated
from evidence.images.containers import name_in
from evidence.isolation import Child
from evidence.timestamps import UnknownZoneError, zone_named
from evidence.views import ImageDescription
from forensics_app import __version__
from forensics_app.errors import UsageError, explain
from forensics_app.model.catalogue import Problem, TimeRule, Volume
from forensics_app.model.image import NO_KEYS, Keys, OnProgress, not_read
from forensics_app.model.unread import unread_problem, volumes_of_unread
from forensics_app.services.inspected import FileDocuments, volume_document
from forensics_app.services.start_checks import check_start

DESCRIBED, ATTENTION, NOT_READ = 0, 1, 3
ALGORITHMS = ("md5", "sha1", "sha256")
MAX_WARNINGS = 10_000
"""Of one volume, or of the source: what one of them is full of never hides what another has."""

_EWF_NAME = re.compile(r"\.(?:[ELSels]|[EeLl]x)\d\d", re.ASCII)
_UNUSED = "The key that was given opened none of the locked volumes."

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectRequest:
    """What is to be described.

    Attributes:
        paths: One segment is enough when the others lie beside it.
        digest: Whether the media, and with ``files`` every content, is digested.
        files: Whether every entry is listed.
        zone: Where the wall clocks of the media ran.
        keys: Tried on every locked volume.
        logical: Whether it is a folder, a ZIP or a tar, to be taken as logical evidence.
        archives: Whether, with ``digest`` and ``files``, what lies in archives is listed too.
    """

    paths: tuple[Path, ...]
    digest: bool
    files: bool
    zone: str
    keys: Keys = NO_KEYS
    logical: bool = False
    archives: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One top-level key of the document with its value, or some of the ``files``."""

    key: str
    value: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchers:
    """Who is told how far the work is: bytes of the media digested, entries listed."""

    digesting: OnProgress
    listing: OnProgress


class Inspection:
    """One inspection.

    Attributes:
        status: The exit status, once all parts were given: 0 described; 1 described, and something needs attention;
            3 could not be read.
    """

    def __init__(self, request: InspectRequest, watchers: Watchers) -> None:
        """Check the request.

        Raises:
            SelfTestFailedError: A digest or cipher is computed wrongly here.
            UsageError: The zone is not known.
        """
        check_start()
        try:
            zone_named(request.zone)
        except UnknownZoneError as error:
            raise UsageError(
                f"{request.zone!r} is no time zone of the IANA database, such as Europe/Warsaw."
            ) from error
        self.status = DESCRIBED
        self._request, self._watchers = request, watchers
        self._warnings: list[Json] = []
        self._told: Counter[str] = Counter()
        self._unread: Counter[str] = Counter()
        self._volumes: dict[str, Volume] = {}

    def parts(self) -> Iterator[Part]:
        """The parts in order; ``files`` comes any number of times. What a watcher raises passes through."""
        yield Part(key="schema", value="inspect/1")
        libraries: Mapping[str, str] = {}
        description: ImageDescription | None = None
        media: MediaDigests | None = None
        error: EvidenceError | None = None
        try:
            with Child() as child:
                libraries = child.call("versions", {})
                description = child.call("describe", self._source_arguments())
                media = self._digest(child)
        except EvidenceError as failure:
            error = failure
        yield Part(key="program", value=_program(libraries))
        if description is None:
            yield Part(key="source", value=_unknown_source(self._request, error))
        else:
            yield Part(key="source", value=self._source(description, media))
        if description is None or error is not None:
            yield Part(key="partition_table", value={"scheme": None, "sector_bytes": None})
            yield Part(key="volumes", value=[])
            yield Part(key="error", value=self._error(error))
        else:
            yield from self._examined(description)
        yield Part(key="warnings", value=self._all_warnings())

    def _source_arguments(self) -> dict[str, Any]:
        return {"paths": self._request.paths, "logical": self._request.logical}

    def _digest(self, child: Child) -> MediaDigests | None:
        if not self._request.digest:
            return None
        arguments = {**self._source_arguments(), "algorithms": ALGORITHMS}
        media: MediaDigests = child.call("hash", arguments, on_progress=self._watchers.digesting)
        return media

    def _source(self, description: ImageDescription, media: MediaDigests | None) -> Json:
        """The key ``source``; what its digests and problems say goes to status and warnings."""
        for problem in description.problems:
            self._warn(problem)
        for problem in media.problems if media else ():
            self._warn(problem)
        check = _check(description.stored_digests, media)
        if check == "mismatch":
            self._attention("The digests of the media are not those that the container stores.", "source")
        for region in media.unreadable if media else ():
            what = f"{region.length_bytes} bytes cannot be read; they were digested as zeros."
            self._attention(what, "media", region.offset_bytes)
        return {
            "paths": [str(path) for path in description.paths],
            "container": description.container,
            "segments": len(description.paths),
            "media_bytes": description.media_bytes,
            "container_bytes": description.container_bytes,
            "sector_bytes": description.sector_bytes,
            "metadata": dict(description.metadata),
            "stored_digests": {name: value.hex() for name, value in description.stored_digests.items()},
            "digests": {name: value.hex() for name, value in media.digests.items()} if media else None,
            "digest_check": check,
            "unreadable": [
                {"offset": region.offset_bytes, "length": region.length_bytes}
                for region in (media.unreadable if media else ())
            ],
            "not_read_at_acquisition": [
                {"offset": region.offset_bytes, "length": region.length_bytes}
                for region in not_read(description.problems)
            ],
        }

    def _examined(self, description: ImageDescription) -> Iterator[Part]:
        request, error, table_given = self._request, None, False
        documents = FileDocuments(zone=request.zone, digested=request.digest)
        found = examine_isolated(
            request.paths,
            hash_files=request.digest and request.files,
            hash_volumes=request.digest,
            zone=request.zone,
            keys=request.keys,
            on_progress=self._watchers.listing,
            logical=request.logical,
            archives=request.archives,
        )
        try:
            for item in found:
                match item:
                    case Volume():
                        self._volumes[item.id] = item
                        if not table_given:
                            table_given = True
                            yield Part(key="partition_table", value=_table(item, description.sector_bytes))
                    case TimeRule():
                        documents.add_rule(item)
                    case Problem():
                        self._warn(item)
                    case rows if request.files:
                        self._unread.update(volumes_of_unread(rows))
                        yield Part(key="files", value=documents.of(rows))
        except EvidenceError as failure:
            error = failure
        for volume_id, entries in self._unread.items():
            self._warn(unread_problem(volume_id, entries))
        if not table_given:
            yield Part(key="partition_table", value={"scheme": None, "sector_bytes": None})
        yield Part(key="volumes", value=[volume_document(volume) for volume in self._volumes.values()])
        yield Part(key="error", value=self._error(error))

    def _error(self, error: EvidenceError | None) -> Json:
        if error is None:
            return None
        self.status = NOT_READ
        words = explain(error)
        return {"what": words.what, "then": words.then} if words else {"what": str(error), "then": ""}

    def _warn(self, problem: Problem) -> None:
        if problem.is_damage:
            self._attention(problem.what, problem.where, problem.offset_bytes)
        else:
            self._add_warning(problem.what, problem.where, problem.offset_bytes)

    def _attention(self, what: str, where: str, offset_bytes: int | None = None) -> None:
        self.status = max(self.status, ATTENTION)
        self._add_warning(what, where, offset_bytes)

    def _add_warning(self, what: str, where: str, offset_bytes: int | None) -> None:
        """Keep a warning; a volume made of damage cannot make the document grow without end."""
        self._told[where] += 1
        if self._told[where] <= MAX_WARNINGS:
            self._warnings.append({"what": what, "where": where, "offset": offset_bytes})

    def _all_warnings(self) -> list[Json]:
        encrypted = [volume for volume in self._volumes.values() if volume.encryption]
        if self._request.keys and (not encrypted or all(volume.locked for volume in encrypted)):
            self._add_warning(_UNUSED, "command line", None)
        for where, told in self._told.items():
            if told > MAX_WARNINGS:
                what = f"{told - MAX_WARNINGS} warnings more about it are left out."
                self._warnings.append({"what": what, "where": where, "offset": None})
        return self._warnings


def _program(libraries: Mapping[str, str]) -> Json:
    return {"name": "forensics-app", "version": __version__, "libraries": dict(libraries)}


def _table(whole: Volume, sector_bytes: int) -> Json:
    table = whole.partition_table
    return {
        "scheme": table.scheme if table else None,
        "sector_bytes": table.sector_bytes if table else sector_bytes,
    }


def _check(stored: Mapping[str, bytes], media: MediaDigests | None) -> str:
    """Unreadable bytes are no match even where the zeros in their place give the stored digest."""
    if media is None:
        return "not computed"
    compared = [media.digests[name] == value for name, value in stored.items() if name in media.digests]
    if not compared:
        return "none stored"
    return "match" if all(compared) and not media.unreadable else "mismatch"


def _unknown_source(request: InspectRequest, error: EvidenceError | None) -> Json:
    """As much of the key ``source`` as an error and the files' names and sizes tell."""
    sizes = [path.stat().st_size for path in request.paths if path.is_file()]
    empty = bool(sizes) and not any(sizes) and len(sizes) == len(request.paths)
    digests = {name: hashlib.new(name, usedforsecurity=False).hexdigest() for name in ALGORITHMS}
    return {
        "paths": [str(path.absolute()) for path in request.paths],
        "container": _container(request.paths[0], error, empty),
        "segments": len(request.paths),
        "media_bytes": 0 if empty else None,
        "container_bytes": sum(sizes) if sizes else None,
        "sector_bytes": None,
        "metadata": {},
        "stored_digests": {},
        "digests": digests if empty and request.digest else None,
        "digest_check": "none stored" if empty and request.digest else "not computed",
        "unreadable": [],
        "not_read_at_acquisition": [],
    }


def _container(path: Path, error: EvidenceError | None, empty: bool) -> str | None:
    """What the reader recognised before it gave up; of empty files there is only the name to go by."""
    if isinstance(error, UnsupportedContainerError):
        return name_in(error.container)
    if isinstance(error, DamagedContainerError | MissingSegmentError):
        return error.container or None
    if empty:
        return "ewf" if _EWF_NAME.fullmatch(path.suffix) else "raw"
    return None
