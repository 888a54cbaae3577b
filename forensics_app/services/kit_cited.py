"""What a report cites of images, gathered for a defence kit: findings, chosen files, and files of its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from forensics_app.db.ledger import entries_of, newest_about
from forensics_app.db.tables import CHOSEN_FILE, FINDING, IMAGE
from forensics_app.model.case import CaseId
from forensics_app.model.catalogue import CatalogueEntry, CatalogueError
from forensics_app.model.cited import Cited, CitedKind
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage
from forensics_app.model.kit import KitFile
from forensics_app.model.names import storable
from forensics_app.model.report import ReportId, ReportRequest, Section
from forensics_app.model.target import TargetArea
from forensics_app.services.chosen import chosen_files, state_words
from forensics_app.services.examine import Examine
from forensics_app.services.findings import cited_in
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.intake import images_of
from forensics_app.services.listed_files import file_lists, listed_entries

_IN_FILES = (TargetArea.FILE, TargetArea.SLACK)
_ISSUE = "report.issue"
_STANDING = frozenset(table.name for table in (IMAGE, CHOSEN_FILE, FINDING))


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What of the record a report cites: what stands now, or what stood when it was issued."""

    images: tuple[EvidenceImage, ...]
    chosen: tuple[ChosenFile, ...]
    findings: tuple[Cited, ...]


def in_force(connection: Connection, content: ReportRequest, issued: ReportId | None) -> InForce:
    """Read it, in the order in which a report prints it.

    Args:
        connection: Of one transaction that reads.
        content: Whose sections say whether chosen files and findings are printed at all.
        issued: The report that was issued, of which it is asked; None for what stands now.
    """
    case_id = content.case_id
    chosen = chosen_files(connection, case_id, withdrawn=True)
    findings = cited_in(connection, case_id, CitedKind.FINDING, withdrawn=True)
    images = images_of(connection, case_id)
    if issued is None:
        standing = {
            *(one.id for one in images),
            *(one.id for one in chosen if one.withdrawn_at is None),
            *(one.id for one in findings if one.withdrawn_at is None),
        }
    else:
        standing = _stood_at_issue(connection, case_id, issued)
    return InForce(
        images=tuple(one for one in images if one.id in standing),
        chosen=tuple(one for one in chosen if one.id in standing and Section.FILES in content.printed),
        findings=tuple(one for one in findings if one.id in standing and Section.FINDINGS in content.printed),
    )


def _stood_at_issue(connection: Connection, case_id: CaseId, report_id: ReportId) -> set[UUID]:
    """Ids of images, chosen files and findings that were recorded before a report was issued and not taken back."""
    issue = newest_about(connection, str(report_id), _ISSUE)
    standing: set[UUID] = set()
    for entry in entries_of(connection, str(case_id)):
        content = entry.content
        if issue is not None and content.sequence >= issue.content.sequence:
            break
        for change in content.changes:
            if change.table in _STANDING and change.after.get("withdrawn_at"):
                standing.discard(UUID(change.id))
            elif change.table in _STANDING:
                standing.add(UUID(change.id))
    return standing


@dataclass(frozen=True, slots=True)
class Citing:
    """Makes the facts of what a report cites; a name that is marked or concealed is left out of each."""

    examine: Examine
    images: Mapping[UUID, EvidenceImage]
    _hidden: dict[UUID, HiddenNames] = field(default_factory=dict)

    def findings(self, cited: Sequence[Cited]) -> Iterator[KitFile]:
        """Those of findings, by number."""
        for one in cited:
            target = one.target
            is_in_file = target.area in _IN_FILES
            is_hidden = is_in_file and self._holds(
                target.image_id, target.volume_id, target.address, target.path, target.sha256
            )
            is_term_told = is_hidden or self._names(target.image_id).are_told_in(target.term)
            yield KitFile(
                reference=f"Finding {one.number}",
                image=one.image,
                volume=target.volume_id,
                address=target.address,
                path=None if is_hidden else target.path,
                size_bytes=target.size_bytes,
                state=one.state,
                md5=None,
                sha256=target.sha256.hex() if target.sha256 else None,
                times=dict(one.times),
                area=target.area.value,
                offset_bytes=target.offset_bytes,
                length_bytes=target.length_bytes,
                bytes_sha256=one.bytes_sha256.hex() if one.bytes_sha256 else None,
                term="" if is_term_told else target.term,
            )

    def chosen(self, chosen: Sequence[ChosenFile]) -> Iterator[KitFile]:
        """Those of chosen files, in their order."""
        for place, one in enumerate(chosen, 1):
            image = self.images[one.image_id]
            concealed = self.examine.concealing.why(image, (one,), also_seen=True)
            is_hidden = (one.volume_id, one.address) in concealed or self._holds(
                image.id, one.volume_id, one.address, one.path, one.sha256
            )
            yield KitFile(
                reference=f"F-{place}",
                image=image.number,
                volume=one.volume_id,
                address=one.address,
                path=None if is_hidden else one.path,
                size_bytes=one.size_bytes,
                state=one.state,
                md5=one.md5.hex() if one.md5 else None,
                sha256=one.sha256.hex() if one.sha256 else None,
                times=dict(one.times),
            )

    def listed(self, content: ReportRequest) -> Iterator[KitFile]:
        """Those of the files in lists, as the annex prints them: list by list, volume by volume.

        Raises:
            RefusedError: The lists are too long.
            CatalogueError: There is no catalogue of an image, or it cannot be used.
        """
        for number, listed in enumerate(file_lists(self.examine, self.images, content), 1):
            for place, (entry, fields, is_hidden) in enumerate(listed_entries(listed), 1):
                yield _listed(f"list {number}, no. {place}", listed.image, entry, fields, is_hidden=is_hidden)

    def _holds(self, image_id: UUID, volume_id: str, address: str, path: str, sha256: bytes | None) -> bool:
        return self._names(image_id).hold(volume_id, address, path, sha256)

    def _names(self, image_id: UUID) -> HiddenNames:
        if image_id not in self._hidden:
            image = self.images[image_id]
            try:
                with self.examine.catalogues.open(image) as catalogue:
                    self._hidden[image_id] = HiddenNames(self.examine, image, catalogue)
            except CatalogueError:
                self._hidden[image_id] = HiddenNames(self.examine, image, None)
        return self._hidden[image_id]


def _listed(reference: str, image: str, entry: CatalogueEntry, fields: Sequence[str], *, is_hidden: bool) -> KitFile:
    return KitFile(
        reference=reference,
        image=image,
        volume=entry.volume_id,
        address=entry.address,
        path=None if is_hidden else storable(entry.path),
        size_bytes=entry.size_bytes,
        state=state_words(entry),
        md5=None,
        sha256=entry.sha256.hex() if entry.sha256 else None,
        times={name: stamp for name in fields if (stamp := entry.times.get(name)) is not None},
    )
