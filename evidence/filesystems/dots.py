"""Names of one dot and of two: a directory itself and its parent, unless somebody gave them to a file to hide it."""

from __future__ import annotations

from typing import Any

from evidence.filesystems import ntfs
from evidence.filesystems.meta_kinds import ALLOCATED, DIRECTORIES
from evidence.filesystems.ntfs_entry import ntfs_entry
from evidence.filesystems.ntfs_names import utf16
from evidence.filesystems.tsk import TskFileSystem

DOTS = (b".", b"..")
_HFS_PARENT_OF_ROOT = 1
"""What the reader gives as the parent of the root of HFS+; no record has that number (TN1150, "Catalog Node IDs")."""


def is_self_or_parent(opened: TskFileSystem, entry: Any, directory: int, parent: int) -> bool:
    """Whether an entry with such a name is no file of its own.

    Args:
        opened: The file system.
        entry: The ``pytsk3.File``.
        directory: The address of the directory that has the entry.
        parent: The address of the one above.
    """
    name_info, meta = entry.info.name, entry.info.meta
    if meta is None or name_info.meta_addr in (directory, parent):
        return True
    if opened.has_forks and name_info.meta_addr == _HFS_PARENT_OF_ROOT:
        return True
    if not opened.is_ntfs:  # what is left of a deleted directory may lead anywhere
        return meta.type in DIRECTORIES or not name_info.flags & ALLOCATED
    if meta.type not in DIRECTORIES:
        return False
    try:
        names = ntfs_entry(opened, entry, is_directory=True).names
    except OSError:  # it is not known to bear this name, and is listed where it has its own
        return True
    stored = utf16(name_info.name.decode())
    found = (ntfs.file_name(raw) for raw in names)
    return not any(one is not None and one.parent == directory and one.name == stored for one in found)
