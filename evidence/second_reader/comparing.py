"""What two readers say differently of one name, and which differences are known; see docs/known-differences.md."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from evidence.second_reader.base import SecondEntry
from evidence.timestamps import BEYOND_COLUMNS, iso_text

_DAY_NS, _QUARTER_NS = 86_400 * 10**9, 900 * 10**9
_FARTHEST_ZONE_NS = 16 * 4 * _QUARTER_NS
_BAD_CLUSTERS = "8-128-1"
_LONGEST_NAME_BYTES, _EXFAT_NAME_UNITS = 255, 135
_NOT_UTF8 = "libfsext reads no text that is not UTF-8"
_LETTERS = "libfsfat tells no letters beyond ASCII of a short name"
ATTRIBUTE_ONCE = "libfsext tells the attributes of a file of several names at one of them"
UNREADABLE = "not readable for it"
_MADE_NAMES = ("$ALLOC_BITMAP", "$UPCASE_TABLE")


class Ours(Protocol):
    """What the catalogue has of a name."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def name_bytes(self) -> bytes | None: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def size_bytes(self) -> int: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def md5(self) -> bytes | None: ...  # noqa: D102
    @property
    def link_target(self) -> str | None: ...  # noqa: D102
    @property
    def note(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """One thing that two readers say differently of a name.

    Attributes:
        what: ``name``, ``kind``, ``size``, ``md5``, ``target``, a field of time, or :data:`UNREADABLE`.
        ours: What the catalogue has.
        theirs: What the second reader says.
        known: Why they differ, where that is known; else empty.
    """

    what: str
    ours: str | int | bytes | None
    theirs: str | int | bytes | None
    known: str = ""


def is_listed_by_both(ours: Ours) -> bool:
    """Whether a name of the catalogue is one that the file system lists: file, directory, link or data stream."""
    if ours.kind == "virtual" or ours.name.endswith("(Volume Label Entry)") or ours.path == "/$OrphanFiles":
        return False
    if ours.name in _MADE_NAMES:
        return False
    return "-144-" not in ours.address or ours.kind != "stream"  # libfsntfs lists data streams only


def differences(
    theirs: SecondEntry, ours: Ours, times: Mapping[str, int | None], file_system: str, *, with_content: bool = True
) -> list[Differs]:
    """What differs, the name included.

    Args:
        theirs: What the second reader says.
        ours: What the catalogue has.
        times: Its times as found, nanoseconds since 1970 by field.
        file_system: As catalogues call it.
        with_content: Whether both have read the content.
    """
    found = []
    if not theirs.is_named or "entry" in theirs.unread:
        found.append(Differs(what=UNREADABLE, ours=ours.name, theirs=None, known=why_unreadable(ours, file_system)))
    elif theirs.name != ours.name and not theirs.stream_of:
        known = _LETTERS if file_system.startswith("fat") and ours.name_bytes is not None else ""
        found.append(Differs(what="name", ours=ours.name, theirs=theirs.name, known=known))
    if "entry" in theirs.unread:
        return found
    if "streams" in theirs.unread:
        found.append(Differs(what=UNREADABLE, ours="streams or attributes", theirs=None))
    if theirs.is_directory != _is_directory(ours):
        found.append(Differs(what="kind", ours=ours.kind, theirs="directory" if theirs.is_directory else "file"))
    if theirs.size_bytes is not None and theirs.size_bytes != ours.size_bytes:
        found.append(Differs(what="size", ours=ours.size_bytes, theirs=theirs.size_bytes, known=_valid_length(ours)))
    if with_content and theirs.size_bytes is not None and theirs.md5 != ours.md5 and ours.kind != "link":
        bad = "bad clusters: libfsntfs reads them as zeros" if ours.address == _BAD_CLUSTERS else ""
        known = bad or _valid_length(ours) or theirs.known.get("md5", "")
        found.append(Differs(what="md5", ours=ours.md5, theirs=theirs.md5, known=known))
    if "target" in theirs.unread:
        cut = _NOT_UTF8 if ours.link_target is not None and "\ufffd" in ours.link_target else ""
        found.append(Differs(what="target", ours=ours.link_target, theirs=None, known=cut))
    elif theirs.link_target is not None and theirs.link_target != ours.link_target:
        found.append(Differs(what="target", ours=ours.link_target, theirs=theirs.link_target))
    beyond = _beyond_columns(ours.note) if None in times.values() else {}
    for field, stamp in theirs.times.items():
        mine, noted = times.get(field), beyond.get(field)
        if mine is None and noted is not None:
            if stamp is None or iso_text(stamp) != noted:
                found.append(Differs(what=field, ours=noted, theirs=stamp))
        elif stamp != mine:
            known = _known_shift(mine, stamp, file_system) or theirs.known.get(field, "")
            found.append(Differs(what=field, ours=mine, theirs=stamp, known=known))
    return found


def _is_directory(ours: Ours) -> bool:
    """Whether there may be names in it: a junction of NTFS is a directory, too."""
    return ours.kind == "directory" or (ours.kind == "link" and "-144-" in ours.address)


def _beyond_columns(note: str | None) -> dict[str, str]:
    """The times of a row that its columns cannot hold, as its note tells them, by field."""
    told = (note or "").partition(f"{BEYOND_COLUMNS}: ")[2].partition("; ")[0]
    return dict(one.split(" ", 1) for one in told.split(", ") if " " in one)


def why_unreadable(ours: Ours, file_system: str) -> str:
    """What is known of libfsext 20260821 and libfsfat 20260826 that keeps them from a name or an entry; else empty."""
    if file_system.startswith("exfat"):
        units = len(ours.name.encode("utf-16-le", "surrogatepass")) // 2
        return "libfsfat reads no names of exFAT of more than 135 characters" if units > _EXFAT_NAME_UNITS else ""
    if not file_system.startswith("ext"):
        return ""
    if ours.name_bytes is not None:
        return _NOT_UTF8
    if len(ours.name.encode()) == _LONGEST_NAME_BYTES:
        return "libfsext reads no names of 255 bytes"
    return "libfsext reads no inode with a time after 2262" if BEYOND_COLUMNS in (ours.note or "") else ""


def _valid_length(ours: Ours) -> str:
    """Of exFAT, whose files may be longer than what was ever written to them."""
    is_short = ours.note is not None and "written up to byte" in ours.note
    return "libfsfat shows only what was ever written to the file" if is_short else ""


def _known_shift(ours: int | None, theirs: int | None, file_system: str) -> str:
    if "fat" not in file_system or ours is None or theirs is None:
        return ""
    if theirs in as_libfsfat(ours):
        return "libfsfat counts the days of the month twice"
    if file_system.startswith("exfat"):
        for moved in range(-_FARTHEST_ZONE_NS, _FARTHEST_ZONE_NS + 1, _QUARTER_NS):
            if moved and theirs in as_libfsfat(ours + moved):
                return "libfsfat puts it to UTC by the zone beside it, the catalogue keeps the wall time"
    return ""


def as_libfsfat(stamp_ns: int) -> set[int]:
    """A stamp as libfsfat 20260826 may tell it.

    It adds the days of the month itself to those of the months before it, and leap days twice.
    """
    try:
        moment = datetime.fromtimestamp(stamp_ns // 10**9, UTC)
    except (OverflowError, ValueError, OSError):
        return {stamp_ns}
    days = calendar.monthrange(moment.year, moment.month)[1]
    return {stamp_ns, stamp_ns + days * _DAY_NS, stamp_ns + (days + 1) * _DAY_NS}
