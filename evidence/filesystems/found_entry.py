"""A name in a directory that the reader of its file system did not find, with the record behind it."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from evidence.filesystems.meta_kinds import ALLOCATED


class FoundEntry:
    """A name as pytsk3 would have given it: a ``pytsk3.File``.

    Attributes:
        info: As of a ``pytsk3.File``.
        name_bytes: The name as stored where the one in ``info`` is not all of it.
        remark: What is unusual about it; None for most.
    """

    def __init__(
        self,
        folder: int,
        name: bytes,
        type_of_name: int,
        file: Any,
        *,
        name_bytes: bytes | None = None,
        remark: str | None = None,
    ) -> None:
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
        self.name_bytes, self.remark = name_bytes, remark
        self.file = file

    def __iter__(self) -> Iterator[Any]:
        """Its attributes."""
        return iter(self.file)

    def read_random(self, *arguments: int) -> bytes:
        """See ``pytsk3.File.read_random``."""
        data: bytes = self.file.read_random(*arguments)
        return data


def is_unusual(entry: Any) -> bool:
    """Whether there is more to tell of a name than a ``pytsk3.File`` can hold."""
    return isinstance(entry, FoundEntry) and bool(entry.remark or entry.name_bytes)
