"""What leaves with a file: hidden content that lies in it as in an archive, or is the same (REQ-39, REQ-40)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from chain_of_custody.ledger import Json
from forensics_app.errors import HiddenContentError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.logical import volume_around
from forensics_app.model.person import SignedIn

if TYPE_CHECKING:
    from forensics_app.db.catalogue import Catalogue
    from forensics_app.services.examine import Examine

_FOLDERS = ("directory", "virtual")


class Carried:
    """The hidden contents of an image, and with which entries each of them would leave.

    Those are the hidden entry itself, the members of a hidden archive, whatever has the SHA-256 of one of them and is
    not empty, and the archives that any of these lie in. Without digests in the catalogue the same content is not
    known for it, and without opened archives nothing is known of what lies in them. Where it cannot be told what is
    in alert sets, each entry is concealed by itself, and with an archive leaves whatever lies in it.
    """

    def __init__(self, examine: Examine, image: EvidenceImage, catalogue: Catalogue) -> None:
        """Find them.

        Raises:
            MatchesError: It cannot be told what is concealed.
            CatalogueError: The catalogue cannot be read.
        """
        self._examine, self._image, self._catalogue = examine, image, catalogue
        self._hidden: dict[int, CatalogueEntry] = {}
        self._with: dict[int, set[int]] = {}
        self._told: dict[bytes, set[int]] = {}
        self._own: dict[int, CatalogueEntry] = {}
        self._may_be_any = False
        self._spread(self._found())

    def others(self, entry: CatalogueEntry) -> tuple[CatalogueEntry, ...]:
        """The hidden contents that would leave with an entry, but for itself."""
        others = {one: self._hidden[one] for one in self._with.get(entry.id, set())}
        if self._may_be_any and entry.kind not in _FOLDERS:
            others |= {member.id: member for member in self._within(entry) if member.kind not in _FOLDERS}
        return tuple(others[one] for one in sorted(others.keys() - {entry.id}))

    def is_content(self, sha256: bytes | None) -> bool:
        """Whether this is the SHA-256 of a hidden content, or of an archive that one lies in."""
        return sha256 in self._told

    def alike(self) -> tuple[CatalogueEntry, ...]:
        """The hidden contents, what lies in them, and whatever else has the SHA-256 of one and is not empty."""
        digests = {one.sha256 for one in self._own.values() if one.sha256 and one.size_bytes}
        same = self._catalogue.with_sha256(digests) if digests else ()
        return tuple({**self._own, **{one.id: one for one in same}}.values())

    def facts_of_others(self, actor: SignedIn, entry: CatalogueEntry) -> Iterator[Mapping[str, Json]]:
        """What hides each of the others, and the reason to look at it all the same.

        Raises:
            HiddenContentError: The actor has given no reason to look at one of them.
            MatchesError: It cannot be told whether it is concealed.
        """
        for one in self.others(entry):
            try:
                yield self._examine.exporting.hidden_facts(actor, self._image, one)
            except HiddenContentError as error:
                raise HiddenContentError(
                    f"{entry.name} holds what is hidden at {one.path}, or is the same. {error}", then=error.then
                ) from error

    def facts(self, actor: SignedIn, entry: CatalogueEntry) -> dict[str, Json]:
        """What the entry of an export states of all that is hidden and leaves with a file, and of the reasons.

        Raises:
            HiddenContentError: The actor has given no reason to look at it.
            MatchesError: It cannot be told whether it is concealed.
        """
        told: dict[str, Json] = dict(self._examine.exporting.hidden_facts(actor, self._image, entry))
        for more in self.facts_of_others(actor, entry):
            for name, value in more.items():
                there = told.setdefault(name, value)
                if isinstance(there, list) and isinstance(value, list):
                    told[name] = [*there, *(one for one in value if one not in there)]
        return told

    def _found(self) -> Iterator[tuple[CatalogueEntry, set[int]]]:
        """What a mark, a tag or an alert set hides, and the members of such archives with what hides them."""
        image, catalogue = self._image, self._catalogue
        tagged, alerts = self._examine.concealing.flagged(image)
        marks = [
            mark for mark in self._examine.marks.list(image.case_id) if mark.hides(image, mark.volume_id, mark.address)
        ]
        addresses = {mark.address for mark in marks} | {address for _, address in tagged}
        self._may_be_any = alerts is None
        found = {entry.id: entry for entry in catalogue.rows(sorted(alerts or ()))}
        for entry in catalogue.with_addresses(addresses) if addresses else ():
            is_marked = any(mark.hides(image, entry.volume_id, entry.address) for mark in marks)
            if is_marked or (entry.volume_id, entry.address) in tagged:
                found[entry.id] = entry
        self._hidden = {number: entry for number, entry in found.items() if entry.kind not in _FOLDERS}
        for entry in self._hidden.values():
            self._own[entry.id] = entry
            yield entry, {entry.id}
            for member in self._within(entry):
                self._own[member.id] = member
                yield member, {entry.id}

    def _within(self, entry: CatalogueEntry) -> Sequence[CatalogueEntry]:
        return self._catalogue.rows(self._catalogue.ids(CatalogueQuery(folder_id=entry.id, recursive=True)))

    def _spread(self, hidden: Iterable[tuple[CatalogueEntry, set[int]]]) -> None:
        told = self._told
        while hidden:
            fresh: dict[bytes, set[int]] = {}
            for entry, those in hidden:
                for one in (entry, *self._archives_around(entry)):
                    self._with.setdefault(one.id, set()).update(those)
                    if one.sha256 and one.size_bytes and not those <= told.setdefault(one.sha256, set()):
                        told[one.sha256] |= those
                        fresh[one.sha256] = told[one.sha256]
            same = self._catalogue.with_sha256(fresh) if fresh else ()
            hidden = [(entry, set(fresh[entry.sha256])) for entry in same if entry.sha256]

    def _archives_around(self, entry: CatalogueEntry) -> Iterator[CatalogueEntry]:
        at: CatalogueEntry | None = entry
        while at and at.parent_id is not None and at.volume_id != volume_around(at.volume_id):
            at = self._catalogue.entry(at.parent_id)
            if at and at.kind not in _FOLDERS:
                yield at
