"""The editors of all parts of a report, which stand in the same place, each in a room of its own."""

from __future__ import annotations

from typing import TypeAlias

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ui.reports.blocks_editor import BlocksEditor
from ui.reports.draft import PartKey
from ui.reports.files_part import FilesPart
from ui.reports.issued_part import IssuedPart
from ui.reports.lists_editor import ListsEditor
from ui.reports.review_part import ReviewPart
from ui.reports.sections_editor import SectionsEditor
from ui.reports.standards_editor import StandardsEditor
from ui.reports.text_editors import ParticularsEditor, RecordPart, TextEditor
from ui.widgets.buttons import Button
from ui.widgets.later import Later
from ui.widgets.page_stack import PageStack

Editor: TypeAlias = ParticularsEditor | SectionsEditor | TextEditor | BlocksEditor | ListsEditor | StandardsEditor


class Editors:
    """Made before the page that they belong to, so that neither takes long."""

    def __init__(self) -> None:
        """Make all of them, without a draft."""
        self.go = Button(_tr("Go to Examine"), name="goToExamine", icon="examine")
        self.particulars, self.blocks, self.lists = ParticularsEditor(), BlocksEditor(), ListsEditor()
        self.sections, self.review, self.standards = SectionsEditor(), ReviewPart(), StandardsEditor()
        self.files, self.issued = FilesPart(self.go), IssuedPart()
        self.summary = TextEditor(
            title=_tr("Summary"), name="summary", hint=_tr("An empty line begins a new paragraph.")
        )
        self.limitations = TextEditor(
            title=_tr("Limitations"), name="limitations",
            hint=_tr("One on each line. Those that the record shows are added when the report is printed."),
        )  # fmt: skip
        parts: dict[PartKey, QWidget] = {
            PartKey.PARTICULARS: self.particulars, PartKey.SECTIONS: self.sections, PartKey.SUMMARY: self.summary,
            PartKey.RECORD: RecordPart(), PartKey.FILES: self.files, PartKey.FINDINGS: self.blocks,
            PartKey.LISTS: self.lists, PartKey.LIMITATIONS: self.limitations, PartKey.STANDARDS: self.standards,
            PartKey.REVIEW: self.review, PartKey.ISSUED: self.issued,
        }  # fmt: skip
        self._rooms = {key: Later(part, name=f"{key}Room") for key, part in parts.items()}
        self.stack = PageStack(*self._rooms.values())

    @property
    def written(self) -> tuple[Editor, ...]:
        """Those that write into a draft."""
        return self.particulars, self.sections, self.summary, self.limitations, self.blocks, self.lists, self.standards

    def show_part(self, key: PartKey) -> None:
        """Bring one of them into sight."""
        self._rooms[key].fill()
        self.stack.show_page(self._rooms[key])


def _tr(words: str) -> str:
    return QCoreApplication.translate("Editors", words)
