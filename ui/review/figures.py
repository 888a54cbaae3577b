"""The counts at the head of the review: to decide, overdue, mismatch, and how many chains verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui import text
from ui.review.queue import Kind, ReviewView
from ui.theme import Size, Space
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, vbox
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.custody import LabReport


class Figure(QFrame):
    """A number with its words, and an outline that says what it means."""

    def __init__(self, words: str, *, icon: str, name: str) -> None:
        """Count ``words``; until that was done it says so, and never nought."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("card", True)
        self._icon = IconLabel(icon, "text2", Size.ICON_NAV)
        self._number = label("…", "figure", name=f"{name}Number")
        self._words_text = words
        self._words = label(words, "small")
        row = hbox(self._icon, (vbox(self._number, self._words, gap=0), 1), gap=Space.M)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.S)
        self.setLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("{words}: not counted yet").format(words=words))

    def show_count(self, number: str, *, icon: str, colour: str) -> None:
        """Show a number with an icon in a token's colour."""
        self._number.setText(number)
        self._icon.set_icon(icon, colour)
        self.setAccessibleName(f"{number} {self._words_text}")


class Figures(QWidget):
    """The four counts."""

    def __init__(self) -> None:
        """Count nothing yet."""
        super().__init__()
        self.setObjectName("reviewFigures")
        self._decide = Figure(self.tr("to decide"), icon="review", name="figureDecide")
        self._overdue = Figure(self.tr("overdue"), icon="clock", name="figureOverdue")
        self._mismatch = Figure(self.tr("mismatch"), icon="verify-broken", name="figureMismatch")
        self._chains = Figure(self.tr("chains verify"), icon="pending", name="figureChains")
        parts = (self._decide, self._overdue, self._mismatch, self._chains)
        self.setLayout(WrapLayout(*parts, margins=(Space.M, Space.S + 2, Space.M, Space.S + 2)))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_view(self, view: ReviewView, report: LabReport | None) -> None:
        """Show the counts of a queue, and what the newest verification said of the chains."""
        mismatch, overdue = view.count(Kind.MISMATCH), view.count(Kind.OVERDUE)
        to_decide = len(view.items) - view.unexplained
        colour = "accent" if to_decide else "text2"
        self._decide.show_count(text.count_text(to_decide), icon="review", colour=colour)
        self._overdue.show_count(text.count_text(overdue), icon="clock", colour="warn" if overdue else "text2")
        icon = "verify-broken" if mismatch else "check"
        self._mismatch.show_count(text.count_text(mismatch), icon=icon, colour="bad" if mismatch else "text2")
        if report is None:
            self._chains.show_count(self.tr("Not checked:"), icon="pending", colour="text2")
            return
        good = sum(chain.ok for chain in report.chains)
        words = self.tr("{good} of {all}").format(good=good, all=len(report.chains))
        icon, colour = ("verify-ok", "ok") if report.ok else ("verify-broken", "bad")
        self._chains.show_count(words, icon=icon, colour=colour)
