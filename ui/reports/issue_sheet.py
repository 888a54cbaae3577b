"""Issuing a report in two steps: what will be recorded, then the result with its SHA-256."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from ui import text
from ui.custody.words import key_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.person import Person
    from forensics_app.model.report import IssuedReport, ReportRequest


class IssueSheet(Sheet):
    """Says what is printed and recorded; its request is the report's request."""

    def __init__(
        self, parent: QWidget, request: ReportRequest, author: Person, *, number: str, files: int, notes: Sequence[str]
    ) -> None:
        """Ask for the issue of ``request``; ``notes`` are things worth knowing before, a sentence each."""
        title = self.tr("Issue report {number}").format(number=number)
        super().__init__(parent, title=title, subtitle=request.title, name="issueSheet", width_px=640)
        self._request = request
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Title"), request.title),
            (self.tr("Times printed in"), request.zone),
            (self.tr("Local times read in"), request.zone_of_local_times),
            (self.tr("Summary"), _count(len(request.summary), self.tr("1 paragraph"), self.tr("{n} paragraphs"))),
            (self.tr("Findings"), _count(len(request.blocks), "1", "{n}")),
            (self.tr("Limitations named"), _count(len(request.limitations), "1", "{n}")),
            (self.tr("Chosen files"), _count(files, "1", "{n}")),
        ]
        says = self.tr(
            "{name} issues report {number}. The PDF is kept in the lab. Its SHA-256, the head of the case chain that "
            "is printed in it and the number of chosen files become an entry of the case chain, and that chain is "
            "anchored in the lab chain."
        ).format(name=author.name, number=number)
        key = self.tr("Signed with the open key {key} of {name}").format(key=key_words(author.key_id), name=author.name)
        head = hbox(IconLabel("sign", "accent"), (label(self.tr("What is recorded"), "strong"), 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        statement = vbox(head, label(says, wrap=True, name="issueStatement"), label(key, "caption"), margins=margins)
        for_ever = self.tr("An issued report cannot be changed or removed. A later one gets a number of its own.")
        parts: list[QWidget] = [plain(facts(rows, label_px=130)), *(note(Tone.WARN, words) for words in notes)]
        parts += [frame(statement, note="info"), note(Tone.WARN, for_ever)]
        self.set_body(sheet_body(*parts))
        sign = Button(self.tr("Sign and issue"), name="issueConfirm", kind="primary", icon="sign")
        self.set_buttons(sign, self.cancel_button())

    def request(self) -> ReportRequest:
        """What is issued."""
        return self._request


class IssuedSheet(Sheet):
    """Says what was issued; ``save_asked`` wants a copy."""

    save_asked = Signal()

    def __init__(self, parent: QWidget, report: IssuedReport) -> None:
        """Show ``report``."""
        title = self.tr("{number} was issued").format(number=report.number)
        super().__init__(parent, title=title, subtitle=report.title, name="issuedSheet", width_px=640)
        pages = text.plural(report.pages, self.tr("1 page"), self.tr("{n} pages"))
        words = self.tr("{pages}, {size}. Its SHA-256 stands in the case chain, which is anchored in the lab chain.")
        said = words.format(pages=pages, size=text.bytes_text(report.size_bytes))
        how = self.tr("Whoever gets the file can compute its SHA-256 and compare it with this one.")
        self.set_body(
            sheet_body(
                label(said, wrap=True, name="issuedWords"), DigestView("SHA-256", report.sha256),
                label(how, "caption", wrap=True),
            )
        )  # fmt: skip
        save = Button(self.tr("Save copy…"), name="saveIssuedCopy", kind="primary", icon="export")
        save.clicked.connect(self.save_asked)
        close = Button(self.tr("Close"), name="closeIssued")
        close.clicked.connect(self.reject)
        self.set_buttons(save, close)
        save.setFocus()


def _count(count: int, one: str, many: str) -> str:
    return text.plural(count, one, many) if count else QCoreApplication.translate("IssueSheet", "None")
