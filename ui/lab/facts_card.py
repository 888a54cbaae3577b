"""What the lab says of itself, and the fingerprint that its trust starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui import text
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import facts, note
from ui.widgets.refill import refill

if TYPE_CHECKING:
    from ui.lab.reading import LabShown


class FactsCard(QFrame):
    """Name, address, zone, folder, last recorded check, and the root key's digest to compare with the paper."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._told: tuple[object, ...] = ()
        self.setObjectName("labFacts")
        self.setAccessibleName(self.tr("This lab"))
        self.setProperty("card", True)
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(Space.S)
        margins = (Space.L, Space.M, Space.L, Space.M)
        self.setLayout(vbox(label(self.tr("This lab"), "section"), self._body, margins=margins))

    def show_lab(self, shown: LabShown) -> None:
        """Show what was read."""
        told = shown.info, shown.last_check, shown.folder, shown.root_fingerprint
        if told != self._told:
            self._told = told
            refill(self._body, [self._facts(shown), *self._root(shown.root_fingerprint)])

    def _facts(self, shown: LabShown) -> QWidget:
        info, zone = shown.info, ZoneInfo(shown.info.zone)
        check = shown.last_check
        answer = self.tr("None was recorded yet")
        if check:
            found = self.tr("everything verified") if check.ok else self.tr("something did not verify")
            answer = self.tr("{time} by {name}: {answer}").format(
                time=text.time_text(check.at, zone, to_minute=True), name=check.by, answer=found
            )
        return plain(
            facts(
                [
                    (self.tr("Name"), info.name),
                    (self.tr("Address"), info.address or self.tr("none; reports leave it out")),
                    (self.tr("Time zone"), info.zone),
                    (self.tr("Folder"), shown.folder),
                    (self.tr("Created"), text.time_text(info.created_at, zone)),
                    (self.tr("Last check"), answer),
                ]
            )
        )

    def _root(self, fingerprint: str) -> list[QWidget]:
        if not fingerprint:
            broken = self.tr("The lab chain has no valid beginning. Verify the record (shield at the top).")
            return [note(Tone.BAD, broken, name="noRoot")]
        paper = self.tr(
            "Trust starts at the key of the first administrator. Compare this with the paper that was printed or "
            "written down when the lab was created; only that comparison shows a lab that was replaced as a whole."
        )
        return [DigestView(self.tr("Root key, SHA-256"), fingerprint), label(paper, "caption", wrap=True)]
