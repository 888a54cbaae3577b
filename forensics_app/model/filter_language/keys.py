"""The keys and the words of the language, as help and completion name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from forensics_app.model.catalogue import FILE_KINDS, TIME_FIELDS
from forensics_app.model.filter_language.families import FAMILIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key.

    Attributes:
        says: What it asks for.
        example: A whole term.
        values: The words that can stand behind it, with what they mean; empty where anything can.
        is_range: Whether ``>``, ``<`` and ``..`` can be used.
    """

    says: str
    example: str
    values: dict[str, str]
    is_range: bool = False


_TIMES: Final = {
    "modified": ("when the content was last changed", "modified:2024-03..2024-04"),
    "accessed": ("when it was last read", "accessed>=2024-03-05"),
    "changed": ("when what is kept about it was last changed", "changed:2024"),
    "created": ("when it came into being in this file system", "created<2024-03-05T14:30"),
    "deleted": ("when it was deleted, where the file system keeps that", "deleted:2024-03-05"),
    "fn_modified": ("modified, as NTFS keeps it in $FILE_NAME", "fn_modified:2024-03"),
    "fn_accessed": ("accessed, as NTFS keeps it in $FILE_NAME", "fn_accessed:2024-03"),
    "fn_changed": ("changed, as NTFS keeps it in $FILE_NAME", "fn_changed:2024-03"),
    "fn_created": ("created, as NTFS keeps it in $FILE_NAME", "fn_created:2024-03"),
}
_KINDS: Final = {
    "file": "ordinary file",
    "directory": "folder",
    "link": "symbolic link",
    "fifo": "named pipe",
    "socket": "socket",
    "character": "character device",
    "block": "block device",
    "stream": "alternate data stream",
    "metadata": "what the file system keeps for itself",
    "virtual": "what the reader made, such as a folder for orphans",
}

KEYS: Final[dict[str, Key]] = {
    "name": Key(says="the name has this in it, or matches a pattern with * and ?", example="name:*.jpg", values={}),
    "path": Key(says="the path in its volume likewise", example="path:*/Downloads/*", values={}),
    "type": Key(says="the type found in the content", example="type:image", values=dict(FAMILIES)),
    "ext": Key(says='the extension; ext:"" for none', example="ext:jpg,png", values={}),
    "size": Key(says="bytes, or K, M, G, T of 1,024; not of folders", example="size>10M", values={}, is_range=True),
    **{field: Key(says=_TIMES[field][0], example=_TIMES[field][1], values={}, is_range=True) for field in TIME_FIELDS},
    "hash": Key(says="the MD5 or SHA-256 begins with these digits", example="hash:d41d8cd9", values={}),
    "kind": Key(says="what it is to the file system", example="kind:link", values={k: _KINDS[k] for k in FILE_KINDS}),
    "volume": Key(says="lies in this volume, or in one within it", example="volume:v0.p1", values={}),
    "entropy": Key(says="bits per byte, 0 to 8, of the first 64 KiB", example="entropy>7.5", values={}, is_range=True),
    "note": Key(says="the catalogue's note has this in it", example='note:"not readable"', values={}),
    "mark": Key(
        says="what is special about the content as a whole",
        example="mark:random",
        values={
            "empty": "not one byte",
            "encrypted": "encrypted by its own format, or a part of it",
            "random": "as even as noise: an encrypted container, or random data",
            "truncated": "cut off by its own format",
        },
    ),
    "tag": Key(says="it bears this tag of the lab; tag:* for any", example="tag:relevant", values={}),
    "known": Key(says="it is in a known hash set of this name; known:* for any", example="known:NSRL", values={}),
    "alert": Key(says="it is in an alert hash set of this name; alert:* for any", example="alert:*", values={}),
}

FLAGS: Final[dict[str, str]] = {
    "deleted": "not allocated any more",
    "allocated": "not deleted",
    "orphan": "deleted, and in no folder any more",
    "realloc": "deleted, and its place is used by another",
    "mismatch": "the extension says another type than the content",
    "encrypted": "encrypted by its own format, or a part of it",
}
"""Words that stand alone. In quotes they are looked for in names."""

OPERATORS: Final = ("and", "or", "not")
