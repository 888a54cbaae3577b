"""The texts in an EWF: case, examiner, notes, times, as the acquisition tool wrote them.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Header section".
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from evidence.images.ewf_records import inflate_text

_NAMES = {
    "c": "case_number",
    "n": "evidence_number",
    "a": "description",
    "e": "examiner",
    "t": "notes",
    "md": "model",
    "sn": "serial_number",
    "l": "device_label",
    "av": "software",
    "ov": "os",
    "m": "acquired_at",
    "u": "system_date",
    "pid": "process_identifier",
    "ext": "memory_extents",
    "r": "compression",
}
_COMPRESSIONS = {"b": "best", "f": "fast", "n": "none"}
_X_NAMES = {
    "case_number": "case_number",
    "evidence_number": "evidence_number",
    "description": "description",
    "examiner_name": "examiner",
    "notes": "notes",
    "acquiry_operating_system": "os",
    "acquiry_date": "acquired_at",
    "acquiry_software": "software",
    "acquiry_software_version": "software_version",
}
_TIMES = ("acquired_at", "system_date")
_CASE_TIMES = {"at": "acquired_at", "tt": "system_date"}


def parse_header(data: bytes) -> dict[str, str] | None:
    """Read a section "header" or "header2".

    Times are ISO 8601: with "Z" where the format gives seconds since 1970, without a zone where it gives the
    wall clock of the acquisition. A password hash is left out.

    Returns:
        What is not empty, by the names used in ``Image.metadata``; None if the section is damaged.
    """
    said = _values(data, _NAMES)
    if said is None:
        return None
    if "compression" in said:
        said["compression"] = _COMPRESSIONS.get(said["compression"], said["compression"])
    return {name: _time(value) if name in _TIMES else value for name, value in said.items()}


def parse_case_times(data: bytes) -> dict[str, str] | None:
    """Read the times in a section "case data" of an Ex01: ISO 8601 in UTC; None if the section is damaged."""
    said = _values(data, _CASE_TIMES)
    return None if said is None else {name: _time(value) for name, value in said.items()}


def parse_xheader(data: bytes) -> dict[str, str] | None:
    """Read a section "xheader" (EWF-X), which says the same in XML; None if it is damaged."""
    packed = inflate_text(data)
    text = None if packed is None else _decode(packed)
    if text is None:
        return None
    found = re.findall(r"<(\w+)>([^<]*)</\1>", text)
    return {_X_NAMES[name]: html.unescape(value) for name, value in found if name in _X_NAMES and value.strip()}


def _values(data: bytes, names: Mapping[str, str]) -> dict[str, str] | None:
    """What is not empty in a packed text with a line of keys and one of values; None if it is damaged."""
    packed = inflate_text(data)
    text = None if packed is None else _decode(packed)
    if text is None:
        return None
    lines = text.replace("\r\n", "\n").split("\n")
    try:
        main = lines.index("main")
        keys, values = lines[main + 1].split("\t"), lines[main + 2].split("\t")
    except (ValueError, IndexError):
        return None
    return {names[key]: value for key, value in zip(keys, values, strict=False) if key in names and value.strip()}


def _decode(text: bytes) -> str | None:
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return text.decode("utf-16", errors="replace")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", errors="replace")


def _time(value: str) -> str:
    """Put either way of writing a time into ISO 8601; leave what is neither as it is."""
    fields = value.split()
    try:
        numbers = [int(field) for field in fields]
        if len(numbers) == 1:
            return datetime.fromtimestamp(numbers[0], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        year, month, day, hour, minute, second = numbers
        wall_clock = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return value
    return wall_clock.strftime("%Y-%m-%dT%H:%M:%S")
