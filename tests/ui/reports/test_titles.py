"""The title of a report follows its kind until somebody gives it another one."""

from __future__ import annotations

from uuid import uuid4

from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId
from forensics_app.model.report import TITLES, Block, DraftId, FindingKind, ReportKind, ReportRequest
from forensics_app.model.report_draft import DraftState, ReportDraft
from tests.builders import NOON
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


def test_a_draft_that_was_opened_and_not_changed_is_saved_whatever_blanks_it_was_recorded_with() -> None:
    block = Block(id=uuid4(), heading="Accounts ", kind=FindingKind.FACT, text="One was found. ")
    content = ReportRequest(case_id=CaseId(uuid4()), summary=("One account.  It is empty. ",), blocks=(block,))
    drafted = ReportDraft(
        id=DraftId(uuid4()), number=1, content=content, written_sha256=bytes(32), content_sha256=bytes(32),
        state=DraftState.DRAFT, author_id=PersonId(uuid4()), author="Ana Kovač", writers=frozenset(),
        begun_at=NOON, changed_at=NOON,
    )  # fmt: skip
    opened = Draft.of(content, drafted)
    assert opened.is_saved(content.case_id)
    assert opened.asked(content.case_id) == content
    opened.blocks[0].text += "It is another one."
    assert not opened.is_saved(content.case_id)
