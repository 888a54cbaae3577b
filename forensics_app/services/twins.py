"""Files of the same content on all images of a case, by the SHA-256 that their catalogues hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from forensics_app.errors import AppError, RefusedError, explain
from forensics_app.model.finding import LeftOut
from forensics_app.model.twin import MOST_AN_IMAGE, MOST_CONTENTS, MOST_TWINS, SameContent, Twin
from forensics_app.services.concealing import place_of
from forensics_app.services.intake import images_of

if TYPE_CHECKING:
    from forensics_app.db.catalogue import Catalogue
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage, OnProgress
    from forensics_app.services.examine import Examine

_NO_CATALOGUE = "it has no catalogue yet; build one"
_NOT_DIGESTED = "the contents of its files were not digested; build its catalogue with their content"
_ARCHIVES = "what lies in its archives was not listed; build its catalogue with archives"
_NOT_ALL = f"it has more than {MOST_AN_IMAGE:,} such files; the first {MOST_AN_IMAGE:,} are listed"
_NOT_TOLD = "whether it is concealed cannot be told"
_ENOUGH = f"it was not looked through, for {MOST_TWINS:,} files were found on other images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Use case of finding the same content elsewhere. It names files as their lists do and shows no content."""

    examine: Examine

    def find(
        self,
        image: EvidenceImage,
        entries: Sequence[CatalogueEntry],
        on_progress: OnProgress = lambda done, total: None,
    ) -> SameContent:
        """Find the files whose content has the same SHA-256 as one of ``entries``, on every image of the case.

        Args:
            image: The image that holds the entries.
            entries: Files; those without a SHA-256 or without content are counted and not looked for.
            on_progress: Entries of catalogues done, entries in all. What it raises stops the search.

        Raises:
            RefusedError: None of them can be looked for, or they are too many.
        """
        wanted = {entry.sha256 for entry in entries if entry.sha256 and entry.size_bytes}
        if not wanted:
            raise RefusedError(
                "The same content is found by SHA-256, and nothing of what was chosen has one.",
                then="Choose files with content, in a catalogue that was built with the content of files.",
            )
        if len(wanted) > MOST_CONTENTS:
            raise RefusedError(
                f"{len(wanted):,} contents are too many; {MOST_CONTENTS:,} can be looked for in one act."
            )
        asked = {(image.id, entry.id) for entry in entries}
        with self.examine.db.reading() as connection:
            images = images_of(connection, image.case_id)
        total = max(1, sum(one.catalogue_entries or 0 for one in images))
        twins: list[Twin] = []
        left_out: list[LeftOut] = []
        done = looked = 0
        for one in images:
            if len(twins) >= MOST_TWINS:
                left_out.append(LeftOut(path=one.number, why=_ENOUGH))
                continue
            if one.catalogue_sha256 is None:
                left_out.append(LeftOut(path=one.number, why=_NO_CATALOGUE))
                continue
            try:
                found, reasons = self._on(one, wanted, partial(on_progress, done, total))
            except AppError as error:
                told = explain(error)
                left_out.append(LeftOut(path=one.number, why=(told.what if told else str(error)).rstrip(".")))
                continue
            looked += _NOT_DIGESTED not in reasons
            left_out += [LeftOut(path=one.number, why=why) for why in reasons]
            others = [entry for entry in found if (one.id, entry.id) not in asked]
            hidden = self._hidden(one, others)
            twins += (Twin(image=one, entry=entry, hidden=words) for entry, words in zip(others, hidden, strict=True))
            done += one.catalogue_entries or 0
            on_progress(done, total)
        return SameContent(
            twins=tuple(twins),
            contents=len(wanted),
            not_asked=sum(not entry.sha256 or not entry.size_bytes for entry in entries),
            images=looked,
            left_out=tuple(left_out),
        )

    def _on(
        self, image: EvidenceImage, wanted: set[bytes], ask: Callable[[], None]
    ) -> tuple[tuple[CatalogueEntry, ...], tuple[str, ...]]:
        """The files of one image, and why there may be more."""
        with self.examine.catalogues.open(image) as catalogue:
            if not catalogue.header.content_examined:
                return (), (_NOT_DIGESTED,)
            with catalogue.stoppable(ask):
                found = catalogue.with_sha256(wanted, most=MOST_AN_IMAGE + 1)
            has_archives = not catalogue.header.archives_opened and _has_archives(catalogue)
        reasons = (_ARCHIVES,) if has_archives else ()
        return found[:MOST_AN_IMAGE], (*reasons, *((_NOT_ALL,) if len(found) > MOST_AN_IMAGE else ()))

    def _hidden(self, image: EvidenceImage, entries: Sequence[CatalogueEntry]) -> list[str]:
        """Of each whether it is marked or concealed, also where somebody looks at it for a reason at present."""
        if not entries:
            return []
        marks = [one for one in self.examine.marks.list(image.case_id) if one.is_of(image)]
        try:
            concealed = self.examine.concealing.why(image, entries, also_seen=True)
            unknown = ""
        except AppError:
            concealed, unknown = {}, _NOT_TOLD
        told = []
        for entry in entries:
            words = [
                f"marked as {mark.kind.value}" for mark in marks if mark.hides(image, entry.volume_id, entry.address)
            ]
            words += [why] if (why := concealed.get(place_of(entry), unknown)) else []
            told.append(", ".join(dict.fromkeys(words)))
        return told


def _has_archives(catalogue: Catalogue) -> bool:
    from evidence.filesystems.archives import TYPES  # loads what a start does not need

    return any(one.mime in TYPES for one in catalogue.type_counts())
