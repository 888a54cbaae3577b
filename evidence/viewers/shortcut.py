"""Windows shortcuts (LNK): what they point to, and what they kept of it; [MS-SHLLINK], read by liblnk."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pylnk

from evidence.errors import UnreadableStructureError
from evidence.viewers.base import FACTS, Bytes, OnProgress, Row, TablesViewer, whole
from evidence.viewers.words import FILETIME, cut, filetime, uuid_time

NAME = "a shortcut"
MOST_BYTES = 16 << 20
_ATTRIBUTES = {
    0x1: "read-only", 0x2: "hidden", 0x4: "system", 0x10: "directory", 0x20: "archive", 0x100: "temporary",
    0x200: "sparse", 0x400: "reparse point", 0x800: "compressed", 0x1000: "offline", 0x4000: "encrypted",
}  # fmt: skip
_DRIVES = {0: "unknown", 1: "no root", 2: "removable", 3: "fixed", 4: "network", 5: "CD-ROM", 6: "RAM disk"}
_BLOCKS = {
    0xA0000001: "environment variables", 0xA0000002: "console", 0xA0000003: "distributed link tracking",
    0xA0000004: "console code page", 0xA0000005: "special folder", 0xA0000006: "Darwin", 0xA0000007: "icon",
    0xA0000008: "shim", 0xA0000009: "property store", 0xA000000B: "known folder", 0xA000000C: "Vista item list",
}  # fmt: skip


class Shortcut(TablesViewer):
    """A shortcut's facts."""

    def __init__(self, content: Bytes, on_progress: OnProgress) -> None:
        """Read it whole."""
        super().__init__(NAME)
        data = bytes(whole(content, NAME, MOST_BYTES, on_progress))
        link = pylnk.file()
        try:
            link.open_file_object(io.BytesIO(data))
            self.add("facts", "Shortcut", FACTS, tuple(_facts(link)))
            self.add("tracking", "Link tracking", FACTS, tuple(_tracking(link)))
            self.add("blocks", "Data blocks", ("Kind", "Bytes"), tuple(_blocks(link)))
            if link.is_corrupted():
                self.remark("Parts of this shortcut are damaged; what it told may be incomplete.")
        except (OSError, ValueError, OverflowError) as error:
            raise UnreadableStructureError(NAME, f"it is damaged ({str(error)[:200]})") from error


def facts_of(data: bytes) -> tuple[Row, ...]:
    """Facts and link tracking of a shortcut that lies in something else; raises OSError where it is none."""
    link = pylnk.file()
    link.open_file_object(io.BytesIO(data))
    return (*_facts(link), *_tracking(link))


def _facts(link: Any) -> Iterator[Row]:
    """Times and size are those of the target, as they were when the shortcut was written last."""
    yield from _given("Target", link.get_local_path)
    yield from _given("Target on the network", link.get_network_path)
    yield from _given("Relative path", link.get_relative_path)
    yield from _given("Environment path", link.get_environment_variables_location)
    yield from _given("Working folder", link.get_working_directory)
    yield from _given("Arguments", link.get_command_line_arguments)
    yield from _given("Description", link.get_description)
    yield from _given("Icon", link.get_icon_location)
    for name, ask in (
        ("created", link.get_file_creation_time_as_integer),
        ("modified", link.get_file_modification_time_as_integer),
        ("accessed", link.get_file_access_time_as_integer),
    ):
        yield (f"Target {name} ({FILETIME})", filetime(int(ask())))
    yield ("Size of the target", f"{link.get_file_size():,} bytes (its lower 32 bits)")
    attributes = link.get_file_attribute_flags()
    words = ", ".join(word for bit, word in _ATTRIBUTES.items() if attributes & bit)
    yield ("Attributes of the target", f"0x{attributes:08X}{f': {words}' if words else ''}")
    kind = link.get_drive_type()
    if kind is not None:
        yield ("Drive", _DRIVES.get(kind, f"type {kind}"))
    serial = link.get_drive_serial_number()
    if serial is not None:
        yield ("Serial number of the volume", f"{serial >> 16:04X}-{serial & 0xFFFF:04X}")
    yield from _given("Label of the volume", link.get_volume_label)
    yield ("Show window", str(link.get_show_window_value()))
    shell_items = link.get_link_target_identifier_data()
    if shell_items:
        yield ("Shell items", f"{len(shell_items):,} bytes, not taken apart")


def _tracking(link: Any) -> Iterator[Row]:
    yield from _given("Computer", link.get_machine_identifier)
    for name, ask in (
        ("Volume", link.get_droid_volume_identifier),
        ("File", link.get_droid_file_identifier),
        ("Volume at birth", link.get_birth_droid_volume_identifier),
        ("File at birth", link.get_birth_droid_file_identifier),
    ):
        told = next(_given(name, ask), None)
        if told:
            yield told
            yield from _of_uuid(told)


def _of_uuid(told: Row) -> Iterator[Row]:
    """The time and network address that an identifier of version 1 was made of."""
    try:
        made = UUID(told[1])
    except ValueError:
        return
    if made.version == 1:
        yield (f"{told[0]}: identifier made (UTC, UUID of 100 ns)", uuid_time(made.time))
        yield (f"{told[0]}: network address", ":".join(f"{made.node:012x}"[at : at + 2] for at in range(0, 12, 2)))


def _blocks(link: Any) -> Iterator[Row]:
    for at in range(min(link.get_number_of_data_blocks(), 1_000)):
        block = link.get_data_block(at)
        signature = block.get_signature()
        yield (_BLOCKS.get(signature, f"0x{signature:08X}"), f"{len(block.get_data() or b''):,}")


def _given(name: str, ask: Callable[[], object]) -> Iterator[Row]:
    """A fact where the shortcut has it."""
    try:
        value = ask()
    except OSError as error:
        yield (name, f"[not readable: {str(error)[:100]}]")
        return
    if value is not None and value != "":
        yield (name, cut(str(value)))
