"""The call of a child process that tells where contents lie, so that what lies in none of them can be searched too."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evidence.errors import EvidenceError
from evidence.filesystems.ranges import Range, between, joined

if TYPE_CHECKING:
    from evidence.filesystems.reading import FileReader
    from evidence.volumes.base import Volume
    from evidence.worker import Reporter, Session


def occupied(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> tuple[tuple[int, int, int], ...]:
    """Where ``contents`` of the last volume of ``volumes`` lie in it: of each run its place, length and content.

    Each content is an address and whether its slack is searched as its own; with it that counts too. Contents are told
    by their places in ``contents``, from 0. One that cannot be read lies nowhere.
    """
    reader: FileReader = session[arguments["image"]]
    found: list[tuple[int, int, int]] = []
    for number, (address, with_slack) in enumerate(arguments["contents"]):
        reporter.place = f"{arguments['volumes'][-1].id}:{address}"
        with contextlib.suppress(EvidenceError):
            ranges = _of(reader, arguments["volumes"], address, with_slack=with_slack)
            found += ((start, length, number) for start, length in joined(ranges))
        reporter.progress(number, len(arguments["contents"]))
    return tuple(found)


def _of(reader: FileReader, volumes: Sequence[Volume], address: str, *, with_slack: bool) -> list[Range]:
    taken = reader.occupied(volumes, address)
    try:
        slack = list(reader.slack(volumes, address).ranges)
    except EvidenceError:
        return taken
    if with_slack:
        return [*taken, *slack]
    behind = joined(slack)  # what was never written is read as zeros, and is no content
    return [part for start, length in taken for part in between(behind, start, start + length)]
