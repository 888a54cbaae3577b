"""A name in a directory that the reader of its file system did not find, with the record behind it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from evidence.filesystems.meta_kinds import ALLOCATED


class FoundEntry:
    """A name as pytsk3 would have given it: a ``pytsk3.File``."""

    def __init__(self, folder: int, name: bytes, type_of_name: int, file: Any) -> None:
        """Join a name in ``folder``, with its ``TSK_FS_NAME_TYPE``, to the ``pytsk3.File`` of its record."""
        meta = file.info.meta
        told = SimpleNamespace(
            name=name.replace(b"\0", b"^"),
            meta_addr=meta.addr,
            meta_seq=0,
            par_addr=folder,
            flags=ALLOCATED,
            type=type_of_name,
        )
        self.info = SimpleNamespace(name=told, meta=meta)
        self._file = file

    def __iter__(self) -> Iterator[Any]:
        """Its attributes."""
        return iter(self._file)

    def read_random(self, *arguments: int) -> bytes:
        """See ``pytsk3.File.read_random``."""
        data: bytes = self._file.read_random(*arguments)
        return data
