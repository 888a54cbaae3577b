"""The files of logical evidence, which lie in no file system."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.l01 import L01Tree
from evidence.filesystems.listing import Tree
from evidence.filesystems.opened import FileSystemError
from evidence.images.base import Image


@runtime_checkable
class _HasTree(Protocol):
    @property
    def tree(self) -> Tree: ...


@runtime_checkable
class _HasText(Protocol):
    def tree_text(self) -> str: ...


def tree_of(image: Image) -> Tree:
    """The files of logical evidence: of a folder or an archive, or the list that an L01 ends with.

    Raises:
        FileSystemError: There is no list of them that can be read.
    """
    if isinstance(image, _HasTree):
        return image.tree
    if not isinstance(image, _HasText):
        raise FileSystemError("", "nothing lists them")
    try:
        return L01Tree(image, image.tree_text())
    except UNREADABLE as error:
        raise FileSystemError("l01", reason(error)) from error
