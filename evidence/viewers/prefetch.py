"""Windows prefetch files: which program ran, when, how often, and what it loaded; libscca, imported only here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyscca

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import FACTS, Bytes, OnProgress, Row, TablesViewer, whole
from evidence.viewers.words import FILETIME, cut, filetime

NAME = "a prefetch file"
MOST_BYTES = 64 << 20
_MOST = 20_000
_LAST_RUNS = {17: 1, 23: 1, 26: 8, 30: 8, 31: 8}
_SYSTEMS = {17: "Windows XP, 2003", 23: "Windows Vista, 7", 26: "Windows 8", 30: "Windows 10, 11", 31: "Windows 11"}


class Prefetch(TablesViewer):
    """A prefetch file's facts, files and volumes."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        found = pyscca.file()
        try:
            found.open_file_object(io.BytesIO(data))
            self.add("facts", "Program", FACTS, tuple(_facts(found)))
            files = int(found.get_number_of_filenames())
            self.add("files", "Files", ("Path",), tuple(_files(found, files)))
            self.add("metrics", "Files with their address", ("Path", "NTFS entry", "Sequence"), tuple(_metrics(found)))
            columns = ("Device", "Serial number", f"Created ({FILETIME})")
            self.add("volumes", "Volumes", columns, tuple(_volumes(found)))
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({str(error)[:200]})") from error
        if files > _MOST:
            self.remark(f"It names {files:,} files; the first {_MOST:,} are shown.")


def _facts(found: Any) -> Iterator[Row]:
    version = int(found.get_format_version())
    yield ("Program", cut(found.get_executable_filename() or ""))
    yield ("Run count", str(found.get_run_count()))
    for at in range(_LAST_RUNS.get(version, 1)):
        value = int(found.get_last_run_time_as_integer(at))
        if value or not at:
            name = "Last run" if not at else f"Run before, {at}"
            yield (f"{name} ({FILETIME})", filetime(value))
    yield ("Hash of the path", f"{found.get_prefetch_hash():08X}")
    yield ("Format", f"{version} ({_SYSTEMS.get(version, 'system not known')})")


def _files(found: Any, count: int) -> Iterator[Row]:
    for at in range(min(count, _MOST)):
        yield (cut(found.get_filename(at) or ""),)


def _metrics(found: Any) -> Iterator[Row]:
    for at in range(min(found.get_number_of_file_metrics_entries(), _MOST)):
        entry = found.get_file_metrics_entry(at)
        reference = entry.get_file_reference()
        place = ("", "") if reference is None else (str(reference & 0xFFFF_FFFF_FFFF), str(reference >> 48))
        yield (cut(entry.get_filename() or ""), *place)


def _volumes(found: Any) -> Iterator[Row]:
    for at in range(min(found.get_number_of_volumes(), 1_000)):
        volume = found.get_volume_information(at)
        serial = volume.get_serial_number() or 0
        created = filetime(int(volume.get_creation_time_as_integer()))
        yield (cut(volume.get_device_path() or ""), f"{serial >> 16:04X}-{serial & 0xFFFF:04X}", created)
