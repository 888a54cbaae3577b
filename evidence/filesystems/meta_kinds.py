"""The numbers by which The Sleuth Kit tells the kinds of metadata and of names."""

from __future__ import annotations

ALLOCATED = 1
"""``TSK_FS_NAME_FLAG_ALLOC`` and ``TSK_FS_META_FLAG_ALLOC``."""
REGULAR, DIRECTORY, VIRTUAL, VIRTUAL_DIRECTORY = 1, 2, 10, 11
DIRECTORIES = frozenset({DIRECTORY, VIRTUAL_DIRECTORY})
KIND_OF_META = {
    1: "file",
    2: "directory",
    3: "fifo",
    4: "character",
    5: "block",
    6: "link",
    8: "socket",
    10: "virtual",
    11: "directory",
}
KIND_OF_NAME = {
    1: "fifo",
    2: "character",
    3: "directory",
    4: "block",
    5: "file",
    6: "link",
    7: "socket",
    10: "virtual",
    11: "directory",
}
