"""The extended attributes of files on the running system: where a file came from, labels, access control lists.

Linux tells of them; through ntfs-3g alternate data streams of NTFS are among them. Those in ``trusted`` are told of to
an administrator only.
"""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass

MAX_BYTES = 1 << 20
"""So much of the values of one file is copied; Linux gives 64 KiB of each at most."""
CAN_READ = hasattr(os, "listxattr")
NOT_COPIED = "not copied: the system did not tell the program of them"
COPIED = "copied as far as the system tells of them; what could not be read is in the notes"

_HAS_NONE = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """The attributes of a file, in the order of the bytes of their names.

    Attributes:
        values: Name and value of each.
        note: What could not be had, and why; empty for nothing.
    """

    values: tuple[tuple[bytes, bytes], ...] = ()
    note: str = ""


def attributes_of(opened: int | None, folder: int, name: str) -> Attributes:
    """Read the extended attributes of a file; a symbolic link is not followed.

    Args:
        opened: A descriptor of it, or None where it is not opened.
        folder: A descriptor of the folder that it is in.
        name: Its name there.
    """
    if sys.platform != "linux" or not CAN_READ:
        return Attributes()
    place: int | str = f"/proc/self/fd/{folder}/{name}" if opened is None else opened
    follows = opened is not None  # a descriptor can be followed only
    try:
        names = sorted(os.listxattr(place, follow_symlinks=follows), key=os.fsencode)
    except OSError as error:
        why = "" if error.errno in _HAS_NONE else f"its extended attributes cannot be listed: {_words(error)}"
        return Attributes(note=why)
    values: list[tuple[bytes, bytes]] = []
    notes: list[str] = []
    room_bytes = MAX_BYTES
    for one in names:
        shown = os.fsencode(one).decode(errors="replace")
        try:
            value = os.getxattr(place, one, follow_symlinks=follows)
        except OSError as error:
            notes.append(f"its extended attribute {shown} cannot be read: {_words(error)}")
            continue
        if len(value) > room_bytes:
            notes.append(
                f"its extended attribute {shown} was not copied: all together have more than {MAX_BYTES} bytes"
            )
            continue
        room_bytes -= len(value)
        values.append((os.fsencode(one), value))
    return Attributes(values=tuple(values), note="; ".join(notes))


def _words(error: OSError) -> str:
    return error.strerror or str(error)
