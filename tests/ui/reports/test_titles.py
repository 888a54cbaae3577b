"""The title of a report follows its kind until somebody gives it another one."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.report import TITLES, ReportKind
from ui.reports.draft import Draft
from ui.reports.sections_editor import SectionsEditor
from ui.reports.text_editors import ParticularsEditor


def test_the_title_follows_the_kind_until_it_is_written(qtbot: QtBot) -> None:
    sections, particulars, draft = SectionsEditor(), ParticularsEditor(), Draft()
    for editor in (sections, particulars):
        qtbot.addWidget(editor)
        editor.show_draft(draft)
    kinds, title = sections.findChild(QComboBox, "reportKind"), particulars.findChild(QLineEdit, "reportTitle")
    assert kinds is not None
    assert title is not None
    kinds.setCurrentIndex(list(ReportKind).index(ReportKind.CUSTODY))
    assert draft.title == TITLES[ReportKind.CUSTODY]
    particulars.show()
    assert title.text() == "Report on the custody of exhibits"
    title.setText("The custody of the drive")
    kinds.setCurrentIndex(list(ReportKind).index(ReportKind.BUNDLE))
    assert draft.title == "The custody of the drive"
    particulars.hide()
    particulars.show()
    assert title.text() == "The custody of the drive"
