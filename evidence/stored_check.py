"""Logical evidence held against the digests that its container stores of each content."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.digest import OnProgress
from evidence.filesystems.content import CHUNK_BYTES, UNREADABLE, reason
from evidence.filesystems.logical import tree_of
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stored_digests import StoredContent, StoresDigests, Sums
from evidence.images.base import Image, Problem, is_logical
from evidence.views import StoredCheck

_TOLD_MAX = 1000
_LETTERS_MAX = 1000


def check_stored(image: Image, on_progress: OnProgress = lambda done, total: None) -> StoredCheck:
    """Read every content of logical evidence whose digests its container stores, and compare them.

    Args:
        image: Any image; only logical evidence stores digests of contents.
        on_progress: Called with bytes done and in all, at least after every MiB. What it raises passes through.
    """
    nothing = StoredCheck(stored_in="", compared=0, equal=0, differing=(), problems=())
    if not is_logical(image):
        return nothing
    try:
        tree = tree_of(image)
    except FileSystemError as error:
        what = f"The files in it cannot be listed: {error.why}"
        return StoredCheck(stored_in="", compared=0, equal=0, differing=(), problems=(_problem(what),))
    if not isinstance(tree, StoresDigests):
        return nothing
    compared = equal = done = 0
    differing: list[tuple[str, str]] = []
    for stored in tree.stored_contents():
        compared += 1
        try:
            for size in _compare(stored):
                done += size
                on_progress(min(done, tree.stored_bytes), tree.stored_bytes)
            equal += 1
        except UNREADABLE as error:
            if len(differing) < _TOLD_MAX:
                differing.append((_plain(stored.path), _plain(reason(error))))
    return StoredCheck(
        stored_in=tree.stored_in if compared else "",
        compared=compared,
        equal=equal,
        differing=tuple(differing),
        problems=tuple(tree.wrongs())[:_TOLD_MAX],
    )


def _compare(stored: StoredContent) -> Iterator[int]:
    """Read a content, yielding the size of each piece; raises OSError at the end where it differs."""
    content = stored.open()
    sums, done = Sums(stored.digests), 0
    while done < content.size_bytes:
        piece = content.read(done, CHUNK_BYTES)
        if not piece:
            raise OSError(f"the content ends after {done} of {content.size_bytes} bytes")
        sums.update(piece)
        done += len(piece)
        yield len(piece)
    sums.refuse_difference()


def _plain(text: str) -> str:
    """Text from evidence, bounded and without what no text can hold."""
    return text[:_LETTERS_MAX].encode(errors="replace").decode()


def _problem(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None)
