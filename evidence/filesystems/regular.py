"""Rows of regular files in use, made without a detour: nearly all of a volume whose contents are not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from evidence.filesystems.batches import BATCH_ROWS, Batches
from evidence.filesystems.meta_kinds import REGULAR
from evidence.filesystems.stamps import ExtStamps, FatStamps, PlainStamps
from evidence.filesystems.ufs_disk import UfsStamps

ALLOCATED = 1
"""The flag of a name and of metadata that are in use."""

BARE: tuple[None, None, None, None, None, bool, None, str, None] = (
    None,
    None,
    None,
    None,
    None,
    False,
    None,
    "",
    None,
)
"""The end of a row of which there is nothing to tell: no link, no content, no note."""


def regular_rows(
    entries: Iterator[Any],
    batches: Batches,
    stamps: PlainStamps | ExtStamps | FatStamps | UfsStamps,
    volume_id: str,
    next_id: Callable[[], int],
    path: str,
    parent_id: int | None,
    orphan: bool,
) -> Iterator[Any | None]:
    """Add a row to ``batches`` for each regular file of a directory; yields the other entries, each when it is met.

    A row is the one that :class:`evidence.filesystems.walk.Walk` makes of an entry whose metadata are there and in use
    and say nothing unusual, of a file system that keeps one content and no attributes for a file.

    Args:
        entries: The ``pytsk3.File`` of each name.
        batches: Takes the rows. When it holds enough for a batch, None is yielded.
        stamps: Where the times are.
        volume_id: For the rows; ``parent_id`` and ``orphan`` likewise.
        next_id: Gives each row its id.
        path: Of the directory, without a slash at its end.
        parent_id: Of its row.
        orphan: Whether it is one.
    """
    base, stamps_of, rows = f"{path}/", stamps.of, batches.rows
    plain_file = stamps.plain_file if isinstance(stamps, ExtStamps) else None
    for entry in entries:
        info = entry.info
        name_info, meta = info.name, info.meta
        if meta is None or not name_info.flags & meta.flags & ALLOCATED:
            yield entry
            continue
        try:
            name: str = name_info.name.decode()
        except UnicodeDecodeError:
            yield entry
            continue
        if "$" in name or ")" in name or "^" in name:
            yield entry
            continue
        address, dot = name_info.meta_addr, name.rfind(".")
        if plain_file is not None:
            told = plain_file(address)
        elif meta.type == REGULAR:
            told = (meta.size, str(address), *stamps_of(meta, address, True))
        else:
            told = None
        if told is None:
            yield entry
            continue
        rows.append(
            (
                next_id(), volume_id, parent_id, name, None, base + name, name[dot + 1 :].lower() if dot > 0 else "",
                "file", True, False, orphan, *told, *BARE,
            )
        )  # fmt: skip
        if len(rows) >= BATCH_ROWS:
            yield None
            rows = batches.rows
