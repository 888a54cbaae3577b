"""Which parts a report has, in which order, and what each is drawn by."""

from __future__ import annotations

from collections.abc import Callable

from forensics_app.model.dossier import Dossier, Section
from forensics_app.reports.acquisition import draw_acquisition, draw_volumes, image_titles, volume_titles
from forensics_app.reports.authority import draw_people, draw_request, draw_summary
from forensics_app.reports.book import Book, Part
from forensics_app.reports.closing import draw_declaration, draw_reconciliation, draw_verify
from forensics_app.reports.custody_table import custody_room_pt, custody_titles, draw_custody
from forensics_app.reports.exhibits import draw_exhibits, exhibit_titles
from forensics_app.reports.files import draw_files, draw_lists, file_titles, list_titles
from forensics_app.reports.findings import draw_blocks, draw_findings, finding_titles, findings_room_pt
from forensics_app.reports.layout import TOP_PT
from forensics_app.reports.limits import draw_deviations, draw_limitations
from forensics_app.reports.notes import draw_notes
from forensics_app.reports.timeline import draw_timeline
from forensics_app.reports.tools import draw_tools
from forensics_app.reports.words import as_told

_DECLARATION_PT = 420.0  # so that the signatures stay with what is signed

_FILES_PT = 260.0  # the words before the files and the first of them


def parts_of(dossier: Dossier) -> list[Part]:
    """The numbered parts of a report in their order; the author's blocks stand at the end of their part (REQ-63)."""
    return [_with_blocks(dossier, section) for section in dossier.printed if not _is_left_out(dossier, section)]


def _is_left_out(dossier: Dossier, section: Section) -> bool:
    """Whether a part is an annex that holds nothing."""
    return section is Section.LISTS and not dossier.file_lists and not dossier.findings_of(section)


def _with_blocks(dossier: Dossier, section: Section) -> Part:
    part = _part(dossier, section)
    blocks = dossier.findings_of(section)
    if section is Section.FINDINGS or not blocks:
        return part
    draw: Callable[[Book], None] = part.draw

    def draw_both(book: Book) -> None:
        draw(book)
        draw_blocks(book, blocks)

    return part._replace(sections=(*part.sections, *(as_told(block.heading) for block in blocks)), draw=draw_both)


def _part(dossier: Dossier, section: Section) -> Part:
    match section:
        case Section.SUMMARY:
            return Part("Summary", (), draw_summary)
        case Section.REQUEST:
            return Part("Request and authority", (), draw_request)
        case Section.PERSONS:
            return Part("Persons", (), draw_people)
        case Section.EXHIBITS:
            return Part("Exhibits", exhibit_titles(dossier), draw_exhibits)
        case Section.ACQUISITION:
            return Part("Acquisition and verification", image_titles(dossier), draw_acquisition)
        case Section.VOLUMES:
            return Part("Volumes and file systems", volume_titles(dossier), draw_volumes)
        case Section.CUSTODY:
            return Part("Custody", custody_titles(dossier), draw_custody, room_pt=custody_room_pt)
        case Section.FILES:
            return Part("Chosen files", file_titles(dossier), draw_files, room_pt=_FILES_PT if dossier.files else 80.0)
        case Section.FINDINGS:
            return Part("Findings and remarks", finding_titles(dossier), draw_findings, room_pt=findings_room_pt)
        case Section.TIMELINE:
            return Part("Times of files", (), draw_timeline, room_pt=260.0)
        case Section.NOTES:
            return Part("Notes", (), draw_notes)
        case Section.LIMITATIONS:
            return Part("Limitations", (), draw_limitations)
        case Section.DEVIATIONS:
            return Part("Deviations", (), draw_deviations)
        case Section.TOOLS:
            return Part("Tools and versions", (), draw_tools)
        case Section.VERIFY:
            return Part("How to verify this report", (), draw_verify)
        case Section.RECONCILIATION:
            return Part("Reconciliation", (), draw_reconciliation)
        case Section.DECLARATION:
            return Part("Declaration and signatures", (), draw_declaration, room_pt=_DECLARATION_PT)
        case Section.LISTS:
            return Part("Annex: lists of files", list_titles(dossier), draw_lists, room_pt=TOP_PT)
