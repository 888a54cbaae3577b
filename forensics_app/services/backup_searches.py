"""Which searches of content go into a backup: with the catalogues all, and those of secret terms wherever they may.

What a search found is found again by another; the key of its secret terms, by which alone the digest in the record can
be shown to be theirs, is in its file and nowhere else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forensics_app.db.search_file import SearchFile
from forensics_app.db.store_keys import key_for
from forensics_app.model.backup import NewBackup
from forensics_app.model.search import SearchError
from forensics_app.services.folder import LabFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUpSearches:
    """Copies of searches, each as it stood in one moment.

    Attributes:
        members: Name in the backup and the copy.
        left_out: What is not among them and why, in sentences that begin with a blank; empty where nothing is left out.
    """

    members: tuple[tuple[str, Path], ...]
    left_out: str


@contextmanager
def searches_copied(folder: LabFolder, new: NewBackup) -> Iterator[BackedUpSearches]:
    """Copy those that the backup takes, for as long as the context lasts.

    Searches of secret terms hold these in clear: they go into a backup that is encrypted, by a passphrase of its own or
    as the lab is, with or without catalogues, and into no other.
    """
    base = folder.local or folder.root
    members: list[tuple[str, Path]] = []
    in_clear = unreadable = 0
    is_readable = new.passphrase is None and key_for(base) is None
    with tempfile.TemporaryDirectory(prefix="searches-", dir=folder.scratch) as scratch:
        for path in sorted(base.glob("cases/*/catalogues/*.searches/*.db")):
            if path.is_symlink():
                continue
            try:
                with SearchFile(path) as search:
                    is_secret = bool(search.request.secret_key)
                    if is_secret and is_readable:
                        in_clear += 1
                    elif is_secret or new.with_catalogues:
                        copy = Path(scratch) / str(len(members))
                        search.copy_to(copy)
                        members.append((path.relative_to(base).as_posix(), copy))
            except SearchError:
                unreadable += 1
        yield BackedUpSearches(members=tuple(members), left_out=_left_out(in_clear, unreadable))


def _left_out(in_clear: int, unreadable: int) -> str:
    told = ""
    if in_clear:
        told += (
            f" Searches with secret terms that are not in it, as it is not encrypted: {in_clear:,}. Without their files"
            " nobody can show which terms the record means."
        )
    if unreadable:
        told += f" Searches that cannot be read and are not in it: {unreadable:,}."
    return told
