"""One ZIP of an AFF4 container: its members, found by the addresses of what they hold.

Source: "AFF4 Standard v1.0", sections 1 and 5, https://github.com/aff4/Standard; PKWARE APPNOTE.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from evidence.errors import DamagedContainerError, ShortReadError, UnsupportedContainerError
from evidence.filesystems.zip_records import ENCRYPTED, Entry, central_entries, find_directory, local_entry
from evidence.images.aff4_turtle import Facts, TurtleError, read_turtle
from evidence.images.base import Problem
from evidence.images.source import SourceSet
from evidence.images.stored import TABLE_MAX_BYTES, JoinedFiles, read_stored

MEMBERS_MAX = 2_000_000
DESCRIPTION_MAX_BYTES = 32 * 1024 * 1024
DESCRIPTION, NAME, VERSION = "information.turtle", "container.description", "version.txt"
STORED, DEFLATED = 0, 8
_SCHEME = "aff4://"
_LITTLE_BYTES = 64 * 1024
_PIECE_BYTES = 1 << 20
_NUMBER = re.compile(r"\d{8,15}", re.ASCII)


class Member(NamedTuple):
    """A member of the ZIP.

    Attributes:
        name: As written there.
        local_bytes: Where it begins.
        packed_bytes: Its size in the ZIP.
        size_bytes: Its size.
        method: How it is packed.
        crc32: Of its content.
        is_encrypted: Whether the ZIP encrypts it.
    """

    name: str
    local_bytes: int
    packed_bytes: int
    size_bytes: int
    method: int
    crc32: int
    is_encrypted: bool


class BadMemberError(Exception):
    """A member cannot be had; the message is part of a sentence."""


class _Readable:
    """A file as the reader of ZIP records wants it."""

    def __init__(self, files: SourceSet) -> None:
        self._stored = JoinedFiles(files)
        self.media_bytes = self._stored.size_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return read_stored(self._stored, offset_bytes, size_bytes) if offset_bytes >= 0 else b""


class Volume:
    """An opened ZIP.

    Attributes:
        path: Of the file.
        size_bytes: Of the file.
        urn: The address of the volume, which those of its members may begin with; empty where it is told nowhere.
        facts: What its description says.
        version: What ``version.txt`` says, by its keys.
        problems: What is wrong with it.
    """

    def __init__(self, path: Path) -> None:
        """Read its directory and its description.

        Raises:
            UnsupportedContainerError: It is of before the standard.
            DamagedContainerError: Its directory or description is damaged.
            SourceError: The file cannot be read.
        """
        self._files = SourceSet([path])
        self.path, self.size_bytes = path, self._files.size_bytes
        self.problems: list[Problem] = []
        try:
            self._zip = _Readable(self._files)
            self._members, comment = self._directory()
            self.urn = self._name(comment)
            self._by_urn = self._addressed()
            self.version = self._version()
            self.facts = self._description()
        except BaseException:
            self.close()
            raise

    def member(self, urn: str) -> Member | None:
        """The member that has the content of an address, if this volume has it."""
        return self._by_urn.get(unquote(urn))

    def member_named(self, name: str) -> Member | None:
        """The member of that name."""
        return self._by_urn.get(unquote(f"{self.urn}/{name}"))

    def bevies(self, urn: str) -> Iterator[int]:
        """The numbers of the bevies of a stream that this volume has, with their index."""
        beginning = unquote(urn) + "/"
        for name in self._by_urn:
            number = name.removeprefix(beginning)
            if number != name and _NUMBER.fullmatch(number) and f"{name}.index" in self._by_urn:
                yield int(number)

    def data_bytes(self, member: Member) -> int:
        """Where the content of a member begins in the file.

        Raises:
            BadMemberError: What stands before it is damaged, or it does not lie within the file.
        """
        try:
            entry = local_entry(self._zip, member.local_bytes)
        except ShortReadError:
            entry = None
        if entry is None or unquote(_text(entry.name)) != unquote(member.name):
            raise BadMemberError(f"no member begins at byte {member.local_bytes}, where {member.name} should")
        start = entry.at + entry.length
        if start + member.packed_bytes > self.size_bytes:
            raise BadMemberError(f"{member.name} would end past the end of the file")
        return start

    def read_into(self, offset_bytes: int, target: memoryview) -> None:
        """Fill ``target`` from the file; the errors of ``SourceSet.read_into``."""
        self._files.read_into(0, offset_bytes, target)

    def content(self, member: Member, limit_bytes: int = TABLE_MAX_BYTES) -> bytes:
        """The whole content of a member, checked.

        Raises:
            BadMemberError: It is damaged, or larger than ``limit_bytes``.
        """
        if member.is_encrypted:
            raise BadMemberError(f"{member.name} is encrypted")
        if max(member.size_bytes, member.packed_bytes) > limit_bytes:
            raise BadMemberError(f"{member.name} would have {member.size_bytes} bytes")
        start = self.data_bytes(member)
        data = self._zip.read_at(start, member.packed_bytes)
        if member.method == DEFLATED:
            data = _inflated(data, member)
        elif member.method != STORED:
            raise BadMemberError(f"{member.name} is packed by a method that is not read here ({member.method})")
        if len(data) != member.size_bytes or zlib.crc32(data) != member.crc32:
            raise BadMemberError(f"the checksum of {member.name} is wrong")
        return data

    def is_sound(self, member: Member) -> bool:
        """Whether the checksum of a stored member is right; reads all of it."""
        start, crc = self.data_bytes(member), 0
        for at in range(0, member.packed_bytes, _PIECE_BYTES):
            crc = zlib.crc32(self._zip.read_at(start + at, min(_PIECE_BYTES, member.packed_bytes - at)), crc)
        return crc == member.crc32

    def close(self) -> None:
        """Close the file."""
        self._files.close()

    def tell(self, what: str, *, is_damage: bool = True) -> None:
        """Note a problem with this file."""
        self.problems.append(Problem(what=what, where=self.path.name, offset_bytes=None, is_damage=is_damage))

    def _directory(self) -> tuple[list[Member], bytes]:
        try:
            directory = find_directory(self._zip)
            if directory is None:
                what = "the directory of the ZIP is missing from its end: the file is cut off, or was never finished"
                raise DamagedContainerError(self.path, what, self.size_bytes)
            self.problems += (
                Problem(what=problem.what, where=self.path.name, offset_bytes=problem.offset_bytes)
                for problem in directory.problems
                if problem.is_damage
            )
            members: list[Member] = []
            for entry in central_entries(self._zip, directory):
                members.append(_member(entry))
                if len(members) > MEMBERS_MAX:
                    what = f"its ZIP has more than {MEMBERS_MAX} members"
                    raise DamagedContainerError(self.path, what, directory.start_bytes)
        except OSError as error:
            raise DamagedContainerError(self.path, f"the directory of the ZIP is damaged: {error}", None) from error
        return members, directory.comment

    def _name(self, comment: bytes) -> str:
        told = _text(comment.split(b"\0", 1)[0]).strip()
        member = next((member for member in self._members if member.name == NAME), None)
        try:
            written = "" if member is None else _text(self.content(member, _LITTLE_BYTES)).strip(" \r\n\t\0")
        except BadMemberError as error:
            self.tell(f"The name of the volume cannot be read: {error}.")
            written = ""
        if told.startswith(_SCHEME) and written and told != written:
            self.tell("The name of the volume is another one in the comment of the ZIP.")
        found = written or told
        return found.rstrip("/") if found.startswith(_SCHEME) else ""

    def _addressed(self) -> dict[str, Member]:
        found: dict[str, Member] = {}
        for member in self._members:
            name = unquote(member.name).lstrip("/")
            urn = name if name.startswith(_SCHEME) else f"{unquote(self.urn)}/{name}"
            if urn in found:
                self.tell(f"The ZIP has two members {member.name[:200]}; the later one is read.")
            found[urn] = member
        return found

    def _version(self) -> dict[str, str]:
        member = self.member_named(VERSION)
        if member is None:
            raise UnsupportedContainerError(self.path, "AFF4 of before version 1.0 of its standard")
        try:
            text = _text(self.content(member, _LITTLE_BYTES))
        except BadMemberError as error:
            raise DamagedContainerError(self.path, str(error), member.local_bytes) from error
        lines = (line.partition("=") for line in text.splitlines())
        version = {key.strip().lower(): value.strip() for key, _, value in lines if key.strip()}
        if version.get("major") != "1":
            raise UnsupportedContainerError(self.path, f"AFF4 of version {version.get('major', 'unknown')[:20]}")
        return version

    def _description(self) -> Facts:
        member = self.member_named(DESCRIPTION)
        if member is None:
            raise DamagedContainerError(self.path, f"its description ({DESCRIPTION}) is missing", None)
        try:
            return read_turtle(self.content(member, DESCRIPTION_MAX_BYTES).decode("utf-8-sig"))
        except (BadMemberError, TurtleError) as error:
            what = f"its description cannot be read: {error}"
            raise DamagedContainerError(self.path, what, member.local_bytes) from error
        except UnicodeDecodeError as error:
            what = f"its description is no text: byte {error.start} of {DESCRIPTION}"
            raise DamagedContainerError(self.path, what, member.local_bytes) from error


def _member(entry: Entry) -> Member:
    return Member(
        _text(entry.name), entry.local, entry.packed_bytes, entry.size_bytes, entry.method, entry.crc32,
        bool(entry.flags & ENCRYPTED),
    )  # fmt: skip


def _inflated(data: bytes, member: Member) -> bytes:
    unpacker = zlib.decompressobj(-15)
    try:
        return unpacker.decompress(data, member.size_bytes + 1)
    except zlib.error as error:
        raise BadMemberError(f"{member.name} cannot be unpacked") from error


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
