"""A search divided into units of work, the same each time: what is done when a search is cut off is not done again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from chain_of_custody.ledger import Json
from evidence.filesystems.ranges import SLACK, UNALLOCATED
from evidence.search.kinds import document_kind
from evidence.search.searching import Piece, Unit
from evidence.search.task import ACROSS, BOTH, VOLUME, part_address
from forensics_app.db.search_contents import SearchedContent, contents_of, opened_archives
from forensics_app.model.areas import READS_SLACK_OF, keeps_in_records, lies_on_media
from forensics_app.model.catalogue import Volume
from forensics_app.model.logical import is_members, volume_around
from forensics_app.model.names import storable
from forensics_app.model.search import SearchRequest, Space

_TERMS_IN_AN_ENTRY = 500
PART_BYTES = 32 * 1024 * 1024
SOON_UNITS = 4
"""With so few units of contents, what lies beside them is known soon, and asked for at once."""
_PIECES = 400

Spaces: TypeAlias = Mapping[str, Any]
"""As :attr:`Plan.spaces`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is looked through.

    Attributes:
        spaces: Size of each volume's unallocated space, or of the volume where it has no files, by volume and kind;
            of parts of a volume the first byte and the length of each; of borders where the areas before them begin,
            where they are, where those behind them end, and the addresses of contents beside; a sentence where it
            cannot be searched. Empty as long as it is not known.
        is_hidden: Whether a content is left out, by volume and address.
        is_older: Whether a program began it that took directories for contents also where they are records.
    """

    catalogue: Path
    volumes: Mapping[str, Volume]
    request: SearchRequest
    spaces: Spaces
    is_hidden: Callable[[str, str], bool] = field(default=lambda volume_id, address: False)
    is_older: bool = False

    @property
    def lineages(self) -> dict[str, tuple[Volume, ...]]:
        """For each volume those that lie in each other, from the whole media to it."""
        return {volume_id: lineage_of(self.volumes, volume_id) for volume_id in self.volumes}

    @property
    def starts(self) -> dict[str, int]:
        """Where volumes begin on the media, for those whose bytes lie there as they are."""
        return {
            volume_id: sum(volume.start_bytes for volume in lineage)
            for volume_id, lineage in self.lineages.items()
            if lies_on_media(tuple(volume.kind for volume in lineage)) and not is_members(lineage[-1])
        }

    def size(self) -> tuple[int, int]:
        """How many units there are, and how many bytes."""
        units = total = 0
        for unit in self._all():
            units, total = units + 1, total + unit.size_bytes
        return units, total

    def units(self, done: frozenset[int]) -> Iterator[Unit]:
        """Those that are left, without what is hidden."""
        for unit in self._all():
            if unit.number not in done:
                pieces = tuple(piece for piece in unit.pieces if not self._is_left_out(piece))
                yield Unit(number=unit.number, pieces=pieces, size_bytes=unit.size_bytes)

    def _is_left_out(self, piece: Piece) -> bool:
        addresses = piece[2].split(BOTH) if piece[3] == ACROSS else (_file_of(piece[2]),)
        return any(self.is_hidden(piece[1], address) for address in addresses)

    def hidden(self, done: frozenset[int]) -> Iterator[Piece]:
        """The first piece of each content that :meth:`units` leaves out; none of its slack where it is itself one."""
        last: tuple[str, str] | None = None
        for unit in self._all():
            for piece in unit.pieces if unit.number not in done else ():
                content = piece[1], _file_of(piece[2])
                if content != last and piece[3] != ACROSS and self.is_hidden(*content):
                    yield piece
                last = content

    def _all(self) -> Iterator[Unit]:
        """Contents first; where they are many no unit has both, so that they can be begun with alone."""
        number, held, size = 0, list[Piece](), 0
        for found in chain(self._contents(), (None,), self._beside_contents()):
            is_border = found is None and not self.is_older and number + bool(held) > SOON_UNITS
            size_bytes = found[1] if found is not None else 0
            if held and (is_border or size + size_bytes > PART_BYTES or (found and len(held) >= _PIECES)):
                yield Unit(number=number, pieces=tuple(held), size_bytes=size)
                number, held, size = number + 1, [], 0
            if found is not None:
                held.append((len(held), *found[0][1:]))
                size += size_bytes
        if held:
            yield Unit(number=number, pieces=tuple(held), size_bytes=size)

    def _contents(self) -> Iterator[tuple[Piece, int]]:
        wanted = self.request.spaces
        if not {Space.FILES, Space.DELETED, Space.SLACK}.isdisjoint(wanted):
            opened = opened_archives(self.catalogue) if self.request.documents else frozenset()
            found = contents_of(self.catalogue) if self.is_older else searched_contents(self.catalogue, self.volumes)
            for content in found:
                if (Space.FILES if content.is_allocated else Space.DELETED) in wanted:
                    yield from self._of_content(content, opened)
                if Space.SLACK in wanted and has_slack(self.volumes, content):
                    address = f"{content.address}{SLACK}"
                    yield (0, content.volume_id, address, "slack", 0, -1, "", content.entry_id), 0

    def _beside_contents(self) -> Iterator[tuple[Piece, int]]:
        for key, size in self.spaces.items():
            volume_id, kind = key.rsplit(" ", 1)
            if kind == ACROSS:
                yield from _across(volume_id, size)
                continue
            if isinstance(size, int):
                address = UNALLOCATED if kind == "unallocated" else ""
                yield from _parts(volume_id, address, kind, size, "", 0)
            for start, length in size if isinstance(size, list) else ():
                yield from _parts_of_volume(volume_id, start, length)

    def _of_content(self, content: SearchedContent, opened: frozenset[tuple[str, str]]) -> Iterator[tuple[Piece, int]]:
        """Of an archive whose members are in the catalogue no text is looked for: they are contents themselves."""
        document = document_kind(content.extension, content.mime) if self.request.documents else ""
        if content.kind not in ("file", "stream") or (volume_around(content.volume_id), content.address) in opened:
            document = ""
        kind = "file" if content.is_allocated else "deleted"
        where = content.volume_id, content.address, kind
        yield from _parts(*where, content.size_bytes, document, content.entry_id)


def searched_contents(catalogue: Path, volumes: Mapping[str, Volume]) -> Iterator[SearchedContent]:
    """Every content of a catalogue but directories and links where these are records and have none.

    Raises:
        SearchError: The catalogue cannot be read.
    """
    in_records = {
        volume.id for volume in volumes.values()
        if volume.file_system is not None and keeps_in_records(volume.file_system.type, volume.kind)
    }  # fmt: skip
    for content in contents_of(catalogue):
        if content.kind not in ("directory", "link") or content.volume_id not in in_records:
            yield content


def has_slack(volumes: Mapping[str, Volume], content: SearchedContent) -> bool:
    """Whether the slack of a content is searched with it."""
    volume = volumes.get(content.volume_id)
    system = volume.file_system if volume is not None else None
    return content.kind == "file" and system is not None and system.type in READS_SLACK_OF


def _parts(
    volume_id: str, address: str, kind: str, size: int, document: str, entry_id: int
) -> Iterator[tuple[Piece, int]]:
    for begin in range(0, size, PART_BYTES):
        is_last = begin + PART_BYTES >= size
        end = -1 if is_last else begin + PART_BYTES
        yield (0, volume_id, address, kind, begin, end, document, entry_id), min(PART_BYTES, size - begin)


def _parts_of_volume(volume_id: str, start: int, length: int) -> Iterator[tuple[Piece, int]]:
    address, stop = part_address(start, start + length), start + length
    for begin in range(start, stop, PART_BYTES):
        end = min(begin + PART_BYTES, stop)
        yield (0, volume_id, address, VOLUME, begin, end, "", 0), end - begin


def _across(volume_id: str, borders: Any) -> Iterator[tuple[Piece, int]]:
    for first, at, last, address in borders if isinstance(borders, list) else ():
        yield (0, volume_id, address, ACROSS, first, last, str(at), 0), 0


def _file_of(address: str) -> str:
    return address.removesuffix(SLACK)


def lineage_of(volumes: Mapping[str, Volume], volume_id: str) -> tuple[Volume, ...]:
    """The volumes that lie in each other, from the whole media to this one."""
    found: list[Volume] = []
    at: str | None = volume_id
    while at is not None and at in volumes and len(found) <= len(volumes):
        found.insert(0, volumes[at])
        at = volumes[at].parent
    return tuple(found)


def terms_facts(request: SearchRequest) -> dict[str, Json]:
    """The terms as the record has them; of secret ones a digest with a key that only the file of the search has."""
    terms = "\n".join((*request.terms, "", *request.expressions)).encode("utf-8", "replace")
    if request.secret_key:
        digest = hmac.new(bytes.fromhex(request.secret_key), terms, "sha256").hexdigest()
        return {"terms": [], "terms_are_secret": True, "terms_hmac_sha256": digest}
    listed: list[Json] = [storable(term) for term in (*request.terms, *request.expressions)]
    return {"terms": listed[:_TERMS_IN_AN_ENTRY], "terms_sha256": hashlib.sha256(terms).hexdigest()}
