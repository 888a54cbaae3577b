"""Windows event logs (EVTX) as a table of records; libevtx, the only place that imports it."""

from __future__ import annotations

import io
import re
import struct
from typing import Any

import pyevtx

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import FACTS, MOST_ROWS, Bytes, OnProgress, Part, Row, Rows, Sheet, Viewer, page_of, whole
from evidence.viewers.words import FILETIME, cut, filetime

NAME = "a Windows event log"
MOST_BYTES = 384 << 20
COLUMNS = ("Record", f"Written ({FILETIME})", "Event", "Level", "Source", "Channel", "Computer", "User", "XML")
_LEVELS = {0: "log always", 1: "critical", 2: "error", 3: "warning", 4: "information", 5: "verbose"}
_LONGEST_XML = 30_000
_DIRTY, _FULL = 1, 2


class EventLog(Viewer):
    """Its records in the order of the file, and those that were found in space that is no longer used."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        if len(data) < 128:
            raise UnreadableStructureError(NAME, "it ends within its header")
        flags = struct.unpack_from("<I", data, 120)[0]
        self._log = pyevtx.file()
        try:
            self._log.open_file_object(io.BytesIO(data))
            count, recovered = self._log.get_number_of_records(), self._log.get_number_of_recovered_records()
            damaged = self._log.is_corrupted()
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({str(error)[:200]})") from error
        remarks = []
        if flags & _DIRTY:
            remarks.append("This log was not closed in order; the header may not know of its last records.")
        if damaged:
            remarks.append("Parts of this log are damaged; records may be missing.")
        self._facts: tuple[Row, ...] = (
            ("Format version", "{1}.{0}".format(*struct.unpack_from("<HH", data, 36))),
            ("Next record", str(struct.unpack_from("<Q", data, 24)[0])),
            ("State", ", ".join(("not closed in order" if flags & _DIRTY else "closed in order",
                                 *(("full",) if flags & _FULL else ())))),
        )  # fmt: skip
        parts = [Part(key="records", title="Records", columns=COLUMNS, count=count)]
        if recovered:
            parts.append(Part(key="recovered", title="Recovered records", columns=COLUMNS, count=recovered))
        parts.append(Part(key="facts", title="Header", columns=FACTS, count=len(self._facts)))
        self.sheet = Sheet(format=NAME, parts=tuple(parts), remarks=tuple(remarks))

    def rows(self, part: str, node: str, first: int, count: int) -> Rows:
        """As :meth:`Viewer.rows`."""
        if part == "facts":
            return page_of(self._facts, first, count)
        found = next((one for one in self.sheet.parts if one.key == part), None)
        if found is None:
            return super().rows(part, node, first, count)
        get = self._log.get_record if part == "records" else self._log.get_recovered_record
        first = max(0, first)
        rows = []
        for at in range(first, min(found.count, first + min(count, MOST_ROWS))):
            try:
                rows.append(_record(get(at)))
            except (OSError, ValueError, OverflowError) as error:
                rows.append((f"[record {at + 1} not readable]", *("" for _ in COLUMNS[2:]), str(error)[:300]))
        return Rows(rows=tuple(rows), total=found.count)


def _record(record: Any) -> Row:
    xml = _told(record.get_xml_string)
    level = _number(xml, "Level") or _told(record.get_event_level)
    return (
        str(record.get_identifier()),
        filetime(int(record.get_written_time_as_integer())),
        _number(xml, "EventID") or _told(record.get_event_identifier),
        _LEVELS.get(int(level), level) if level.isdigit() else level,
        *(_told(ask) for ask in (record.get_source_name, record.get_channel_name, record.get_computer_name)),
        _told(record.get_user_security_identifier),
        cut(xml, _LONGEST_XML),
    )


def _number(xml: str, element: str) -> str:
    """The number in the element of that name of the system's part; "" where there is none.

    Of a number that a record holds as text, libevtx looks beyond the end: what it tells changes from call to call.
    """
    system, end, _ = xml.partition("<System>")[2].partition("</System>")
    found = re.search(rf"<{element}(?: [^<>]*)?>([0-9]{{1,10}})</{element}>", system) if end else None
    return str(int(found[1])) if found else ""


def _told(ask: Any) -> str:
    """One field of a record; a damaged one leaves the others readable."""
    try:
        value = ask()
    except (OSError, ValueError, OverflowError):
        return "[not readable]"
    return "" if value is None else str(value)
