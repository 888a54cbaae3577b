"""What the mode of a Unix inode says."""

from __future__ import annotations

import stat

KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character",
    stat.S_IFBLK: "block",
}
"""The kind of a row by the type bits of a mode."""

_PACKED_FROM = {
    "fifo": "a named pipe", "socket": "a socket", "character": "a character device", "block": "a block device",
    "directory": "a folder", "link": "a symbolic link",
}  # fmt: skip
LINK_BYTES = 4096
"""No system takes a longer path as the target of a link."""


def kind_by_mode(mode: int, size_bytes: int) -> tuple[str, str | None]:
    """The kind of what an archive, or an ISO 9660 record, does not keep as a folder, and what is to be known about it.

    Whoever packs what comes out of a pipe stores the mode of the pipe with it, and every program unpacks a file. A
    mode can be set by anybody, too, to keep a content from being looked at.

    Args:
        mode: As stored; 0 where none is.
        size_bytes: Of its content.
    """
    return kind_by_content(KINDS.get(stat.S_IFMT(mode), "file"), size_bytes, "its mode")


def kind_by_content(kind: str, size_bytes: int, told_by: str) -> tuple[str, str | None]:
    """The kind of what is told to be of ``kind`` by ``told_by``, and what is to be known about it; see above."""
    if kind == "file" or (size_bytes == 0 and kind != "directory") or (kind == "link" and size_bytes <= LINK_BYTES):
        return kind, None
    if not size_bytes:
        return "file", None
    return "file", f"{told_by} is that of {_PACKED_FROM[kind]}; it holds {size_bytes} bytes and is listed as a file"


def link_target(raw: bytes) -> tuple[str, str | None]:
    """A target as text, and its bytes in hexadecimal where they are no UTF-8."""
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return raw.decode(errors="replace"), f"its target is no UTF-8; its bytes are {raw.hex()}"
