"""The tab that says how a case stands to the five principles: what shows it, what departs, and who explained it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.scene import Deviation, Gap, PrincipleView, Standing
from ui import text
from ui.cases.words import origin_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import Part, card, hbox, plain, vbox
from ui.widgets.notes import note
from ui.widgets.refill import refill

_SIDES = (Space.L, Space.M, Space.L, Space.M)


class PrinciplesTab(QWidget):
    """Shows what was computed from the records; ``explain_asked`` carries a principle and one of its gaps."""

    explain_asked = Signal(object, object)
    deviate_asked = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Start empty; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("principlesTab")
        self.setAccessibleName(self.tr("Principles"))
        self._zone = zone
        self._column = vbox(gap=Space.M)
        self.setLayout(vbox(self._column, None, gap=0, margins=_SIDES))

    def show_waiting(self) -> None:
        """Say that the records are being read."""
        refill(self._column, [label(self.tr("Reading the record …"), "muted", wrap=True, name="principlesWait")])

    def show_principles(self, views: Sequence[PrincipleView], today: date, why_not: str) -> None:
        """Show how a case stands; ``why_not`` says why nothing can be explained by who is signed in."""
        said = self.tr("Computed from the records each time; nothing here is ticked by hand.")
        deviate = Button(self.tr("Record a deviation…"), name="recordDeviation", icon="edit", tip=why_not)
        deviate.setEnabled(not why_not)
        deviate.clicked.connect(self.deviate_asked)
        parts: list[QWidget] = [label(said, "caption", wrap=True)]
        parts += [self._card(at, view, today, why_not) for at, view in enumerate(views, 1)]
        parts.append(plain(hbox(deviate, None)))
        if why_not:
            parts.append(label(why_not, "caption", wrap=True, name="whyNotDeviate"))
        refill(self._column, parts)

    def _card(self, number: int, view: PrincipleView, today: date, why_not: str) -> QWidget:
        tone, word = self._mark(view)
        title = label(f"{number}  {view.rule.title}", "section", wrap=True)
        parts: list[Part] = [
            plain(hbox((title, 1), Badge(tone, word, name=f"standing{number}"))),
            label(view.rule.text, "small", wrap=True),
        ]
        parts += [self._line("check", "text2", record) for record in view.records]
        parts += [self._gap(view, gap, at, why_not) for at, gap in enumerate(view.gaps)]
        noticed = [one for one in view.deviations if not one.gap]
        parts += [self._deviation(one) for one in noticed]
        if not (view.records or view.gaps or noticed):
            nothing = self.tr("No record of this case shows it, and none departs from it.")
            parts.append(self._line("pending", "text3", nothing))
        origin = view.rule.origin
        if origin.is_overdue(today):
            overdue = self.tr("This rule should have been reviewed by {day}.").format(day=origin.review_by.isoformat())
            parts.append(note(Tone.WARN, overdue, name=f"principleOverdue{number}"))
        parts.append(label(origin_words(origin), "caption", wrap=True))
        made = card(vbox(*parts, gap=Space.S, margins=(Space.M, Space.M, Space.M, Space.M)))
        made.setObjectName(f"principle{number}")
        made.setAccessibleName(f"{view.rule.title}: {word}")
        return made

    def _mark(self, view: PrincipleView) -> tuple[Tone, str]:
        match view.standing:
            case Standing.MET:
                return Tone.OK, self.tr("Met by these records")
            case Standing.NOTHING_YET:
                return Tone.NONE, self.tr("Nothing yet")
        return Tone.WARN, self.tr("Deviation, no reason yet") if view.unexplained else self.tr("Deviation, with reason")

    def _line(self, icon: str, colour: str, words: str, under: Sequence[QWidget] = ()) -> QWidget:
        lines = vbox(label(words, wrap=True, select=True), *under, gap=Space.XXS)
        mark = IconLabel(icon, colour)
        row = hbox(mark, (lines, 1), gap=Space.S)
        row.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        return plain(row)

    def _gap(self, view: PrincipleView, gap: Gap, at: int, why_not: str) -> QWidget:
        told = [one for one in view.deviations if one.gap == gap.key]
        under: list[QWidget] = [self._told(one) for one in told]
        if gap.explained:
            words = self.tr("Explained by the record: {reason}").format(reason=gap.explained)
            under.append(label(words, "small", wrap=True, select=True))
        if not under:
            explain = Button(self.tr("Explain…"), name=f"explain-{view.rule.id}-{at}", tip=why_not)
            explain.setEnabled(not why_not)
            explain.setAccessibleName(self.tr("Explain: {what}").format(what=gap.what))
            explain.clicked.connect(lambda: self.explain_asked.emit(view, gap))
            under.append(plain(hbox(explain, None)))
        return self._line("verify-warning", "warn", gap.what, under)

    def _deviation(self, deviation: Deviation) -> QWidget:
        return self._line("verify-warning", "warn", deviation.what, [self._told(deviation)])

    def _told(self, deviation: Deviation) -> QWidget:
        who = self.tr("by {name}, {when}").format(
            name=deviation.author, when=text.time_text(deviation.recorded_at, self._zone)
        )
        reason = label(deviation.reason, "small", wrap=True, select=True)
        return plain(vbox(reason, label(who, "caption", wrap=True), gap=0))
