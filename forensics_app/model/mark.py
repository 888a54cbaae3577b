"""Marks on files whose content is not to be seen without a reason (REQ-39, REQ-40)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.image import EvidenceImage
from forensics_app.model.logical import volume_around
from forensics_app.model.person import Role

MARKERS = (Role.EXAMINER, Role.SUPERVISOR)
WITHDRAWERS = (Role.SUPERVISOR,)
FILE_KINDS = ("file", "stream")
INSIDE = "!"
"""Parts the address of an archive from those of its members."""
_NTFS = re.compile(r"(?:.*!)?[0-9]+(?=-[0-9]+-[0-9]+\Z)", re.DOTALL)
"""The record of a file in an address of NTFS, which all its streams share: ``36`` of ``36-128-4``."""


class MarkKind(StrEnum):
    """Why content is hidden: legal privilege, or material such as pictures of child sexual abuse."""

    PRIVILEGED = "privileged"
    SENSITIVE = "sensitive"

    @property
    def viewers(self) -> tuple[Role, ...]:
        """Who may look for a reason; privilege is answered for by the person in charge (principle 5)."""
        return (Role.SUPERVISOR,) if self is MarkKind.PRIVILEGED else (Role.EXAMINER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A mark as an entry of the record holds it; it says nothing of a catalogue, and so survives one.

    Attributes:
        image: Number of the image that was in sight; ``image_sha256`` is what counts.
        address: What the file system calls the content; other names of the same content are hidden with it.
        author: Name of who marked it, for ``reason``, at ``marked_at``.
    """

    id: UUID
    case_id: CaseId
    kind: MarkKind
    image: str
    image_sha256: bytes
    volume_id: str
    address: str
    path: str
    reason: str
    author: str
    marked_at: datetime

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2] or self.path

    def is_of(self, image: EvidenceImage) -> bool:
        """Whether it marks something on this media."""
        return self.case_id == image.case_id and self.image_sha256 == image.digests["sha256"]

    def hides(self, image: EvidenceImage, volume_id: str, address: str) -> bool:
        """Whether this content is the marked one, or lies in it as in an archive."""
        if not self.is_of(image):
            return False
        if volume_around(self.volume_id) != volume_around(volume_id):
            return False
        return address == self.address or address.startswith(self.address + INSIDE)


def hidden_keys(address: str, path: str) -> Iterator[tuple[str, str]]:
    """What tells a hidden content in its volume; each of :func:`holding_keys` is held against it."""
    if path:
        yield "path", path
    if address:
        yield "address", address
        yield from _record(address)


def holding_keys(address: str, path: str) -> Iterator[tuple[str, str]]:
    """What tells a content, the file whose stream it is, and the archives and folders around it.

    The path of a stream is that of its file, a colon and a name; its address goes on from that of the file, or names
    the same record of NTFS.
    """
    yield from (("path", path[:end]) for end, char in enumerate(path) if char in ":/" and end)
    yield "path", path
    starts = [address[:end] for end, char in enumerate(address) if not char.isdigit() and end]
    for start in (*starts, address):
        yield "address", start
        yield from _record(start)


def _record(address: str) -> Iterator[tuple[str, str]]:
    if found := _NTFS.match(address):
        yield "record", found[0]
