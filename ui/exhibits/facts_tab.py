"""The tab with what an exhibit is, where it is, its seal, and its images."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.device import DeviceForm
from forensics_app.model.exhibit import ExhibitType, State
from ui import text
from ui.exhibits.image_part import image_section
from ui.exhibits.parts import refill, section, tab_column
from ui.exhibits.reading import ExhibitDetail
from ui.exhibits.words import make_title, serial_title, type_words, where_words
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notes import Fact


class FactsTab(QWidget):
    """Shows an :class:`ExhibitDetail`; the signals ask for the acts beside the headings."""

    correct_asked = Signal()
    tell_asked = Signal()
    intake_asked = Signal()

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("factsTab")
        self._column = tab_column()
        self.setLayout(self._column)

    def show_detail(self, detail: ExhibitDetail, zone: ZoneInfo, *, may_act: bool) -> None:
        """Show one exhibit; ``may_act`` says that the person may correct it and take images in."""
        is_image = detail.exhibit.type is ExhibitType.IMAGE
        parts = [self._identity(detail, zone, may_act=may_act and not is_image), self._place(detail, zone)]
        if not is_image:
            parts.append(self._seal(detail, zone))
        if detail.incidents:
            parts.append(self._incidents(detail, zone))
        if detail.holds:
            parts.append(self._holds(detail, zone))
        if detail.form is not None and detail.form.device is not None:
            parts.append(self._particulars(detail.form, may_act=may_act))
        parts += [image_section(read, zone, number=at) for at, read in enumerate(detail.line.images)]
        if not detail.line.images and not is_image:
            take_in = Button(self.tr("Take in image…"), name="takeInHere", kind="quiet")
            take_in.clicked.connect(self.intake_asked)
            action = take_in if may_act else None
            parts.append(section(self.tr("Image"), [(self.tr("State"), self.tr("No image yet"))], action=action))
        refill(self._column, parts)

    def _identity(self, detail: ExhibitDetail, zone: ZoneInfo, *, may_act: bool) -> QWidget:
        exhibit = detail.exhibit
        correct = Button(self.tr("Correct…"), name="correctHere", kind="quiet")
        correct.clicked.connect(self.correct_asked)
        if not may_act:
            correct.hide()
        rows: list[tuple[str, Fact]] = [
            (self.tr("Type"), type_words(exhibit.type)),
            (make_title(exhibit.type), exhibit.make),
            (self.tr("Model"), exhibit.model),
            (serial_title(exhibit.type), exhibit.serial),
            (self.tr("Condition"), exhibit.condition),
            (self.tr("Part of"), detail.parent.number if detail.parent else ""),
            (self.tr("Seized"), text.time_text(exhibit.seized_at, to_minute=True) if exhibit.seized_at else ""),
            (self.tr("Where"), exhibit.seized_place),
            (self.tr("By"), exhibit.seized_by),
            (self.tr("Witness"), exhibit.seizure_witness),
            (self.tr("Registered"), text.time_text(exhibit.recorded_at, zone)),
        ]
        unread = [
            label(
                self.tr("Cannot be read: {what}").format(what=one), wrap=True, select=True, tone="warn", name="unread"
            )
            for one in exhibit.unread
        ]
        return section(self.tr("Identity"), rows, *unread, action=correct if may_act else None)

    def _particulars(self, form: DeviceForm, *, may_act: bool) -> QWidget:
        tell = Button(self.tr("Fill in…"), name="tellHere", kind="quiet")
        tell.clicked.connect(self.tell_asked)
        if not may_act:
            tell.hide()
        told = [label(f"{name}: {value}", wrap=True, select=True) for name, value in form.facts]
        if form.missing:
            missing = "; ".join(field.label for field in form.missing)
            words = self.tr("Not told yet: {fields}").format(fields=missing)
            told.append(label(words, "small", wrap=True, tone="warn", name="particularsMissing"))
        return section(self.tr("Particulars"), [], *told, action=tell if may_act else None)

    def _place(self, detail: ExhibitDetail, zone: ZoneInfo) -> QWidget:
        exhibit = detail.exhibit
        purpose = next((event.fact("purpose") for event in reversed(detail.events) if event.fact("purpose")), "")
        back, is_away = exhibit.expected_back, exhibit.state in (State.IN_TRANSIT, State.TRANSFERRED)
        due = self.tr("Due") if is_away else self.tr("Expected back")
        place: Fact = where_words(exhibit) or self.tr("not recorded")
        rows: list[tuple[str, Fact]] = [
            (self.tr("Held by"), exhibit.holder or self.tr("nobody recorded")),
            (self.tr("Place"), place),
            (self.tr("Since"), text.time_text(exhibit.state_since, zone)),
            (self.tr("Purpose"), purpose if back else ""),
            (due, text.time_text(back, zone, to_minute=True) if back else ""),
        ]
        return section(self.tr("Where it is"), rows)

    def _seal(self, detail: ExhibitDetail, zone: ZoneInfo) -> QWidget:
        exhibit = detail.exhibit
        checked = next((event for event in reversed(detail.events) if event.fact("seal_check")), None)
        rows: list[tuple[str, Fact]] = [(self.tr("Number"), exhibit.seal_number or self.tr("none recorded"))]
        if checked:
            at = text.time_text(checked.occurred_at or checked.recorded_at, zone, to_minute=True)
            rows.append((self.tr("Last check"), f"{checked.fact('seal_check')}, {at}"))
        return section(self.tr("Seal"), rows)

    def _incidents(self, detail: ExhibitDetail, zone: ZoneInfo) -> QWidget:
        rows: list[tuple[str, Fact]] = []
        for one in detail.incidents:
            closed = self.tr("closed by {name}: {words}").format(name=one.decided_by, words=one.decision)
            said = self.tr("{what} Raised by {name}; {state}").format(
                what=one.what, name=one.raised_by, state=self.tr("open") if one.is_open else closed
            )
            rows.append((text.time_text(one.raised_at, zone, to_minute=True), said))
        return section(self.tr("Incidents"), rows)

    def _holds(self, detail: ExhibitDetail, zone: ZoneInfo) -> QWidget:
        rows: list[tuple[str, Fact]] = [
            (
                text.time_text(one.placed_at, zone, to_minute=True),
                self.tr("{authority}; {reason}").format(authority=one.authority, reason=one.reason),
            )
            for one in detail.holds
        ]
        return section(self.tr("Legal holds: it is not disposed of"), rows)
