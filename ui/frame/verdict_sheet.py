"""The whole answer of a verification: each chain with its three answers, what failed, and what was compared."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui import text
from ui.integrity import answers_of
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import card, hbox, plain, vbox
from ui.widgets.notes import facts, mono, note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.custody import ChainReport, LabReport

FINDINGS_SHOWN = 50
"""So many sentences are shown, and of each further list the first; a lab can have thousands of them."""


class VerdictSheet(Sheet):
    """Shows a report; ``verify_asked`` wants a new one, ``sign_asked`` an entry that says who had it done."""

    verify_asked = Signal()
    sign_asked = Signal()

    def __init__(self, parent: QWidget, report: LabReport, zone: tzinfo) -> None:
        """Show ``report`` with times in ``zone``."""
        when = text.time_text(report.checked_at, zone)
        super().__init__(
            parent, title=self.tr("Integrity of the record"), subtitle=self.tr("Verified {time}").format(time=when),
            name="verdictSheet", width_px=760,
        )  # fmt: skip
        self._room = FINDINGS_SHOWN
        self.set_body(sheet_body(*self._parts(report)))
        again = Button(self.tr("Verify again"), name="verifyAgain", icon="play")
        again.clicked.connect(self.verify_asked)
        again.clicked.connect(self.reject)
        sign = Button(self.tr("Record this check"), name="recordCheck", kind="primary", icon="sign")
        sign.clicked.connect(self.sign_asked)
        close = Button(self.tr("Close"), name="closeVerdict")
        close.clicked.connect(self.reject)
        self.set_buttons(sign, again, close)
        close.setFocus()

    def _parts(self, report: LabReport) -> list[QWidget]:
        parts: list[QWidget] = []
        if report.ok:
            parts.append(
                note(
                    Tone.OK,
                    self.tr("Every chain is intact, signed and trusted, and every row and file agrees with it."),
                )
            )
        findings = (*report.row_findings, *report.file_findings)
        if findings:
            parts.append(self._list(self.tr("Rows and files that are not what was signed"), findings, Tone.BAD))
        worst_first = sorted(report.chains, key=lambda chain: (chain.ok, chain.kind != "lab", chain.label))
        parts.extend(self._chain(chain) for chain in worst_first)
        compared: list[tuple[str, str | QWidget]] = [
            (self.tr("Rows compared"), text.count_text(report.rows_compared)),
            (self.tr("Files compared"), text.count_text(report.files_compared)),
            (self.tr("Trust starts at key"), mono(text.digest_text(report.root_fingerprint, groups_a_line=4))),
        ]
        parts.append(plain(facts(compared, label_px=140)))
        limits = self.tr(
            "Not checked: whether what people wrote is true, and whether the end of a chain was cut off after its "
            "last anchor outside this lab."
        )
        parts.append(label(limits, "caption", wrap=True))
        return parts

    def _chain(self, chain: ChainReport) -> QWidget:
        kind = self.tr("Lab chain") if chain.kind == "lab" else self.tr("Case {number}").format(number=chain.label)
        entries = text.plural(chain.entries, self.tr("1 entry"), self.tr("{n} entries"))
        signatures = text.plural(chain.signatures, self.tr("1 signature"), self.tr("{n} signatures"))
        badges = [Badge(tone, word) for tone, word in answers_of(chain)]
        head = hbox(CutLabel(kind, "strong"), label(f"{entries}, {signatures}", "small"), None, *badges)
        column = vbox(head, margins=(Space.M, Space.S, Space.M, Space.S))
        if chain.findings:
            column.addWidget(self._list("", chain.findings, Tone.BAD))
        if chain.notices:
            column.addWidget(self._list("", chain.notices, Tone.WARN))
        if chain.head is not None:
            column.addWidget(
                label(
                    self.tr("Head {digest}").format(digest=text.short_digest_text(chain.head, groups=4)),
                    "mono-muted",
                    select=True,
                )
            )
        return card(column)

    def _list(self, title: str, sentences: tuple[str, ...], tone: Tone) -> QWidget:
        column = vbox(gap=Space.XS)
        if title:
            column.addWidget(label(title, "section"))
        shown = min(len(sentences), max(self._room, 1))
        self._room -= shown
        for sentence in sentences[:shown]:
            column.addWidget(note(tone, sentence))
        rest = len(sentences) - shown
        if rest > 0:
            column.addWidget(label(text.plural(rest, self.tr("and 1 more"), self.tr("and {n} more")), "small"))
        return plain(column)
