"""The lab's own storage media: which are blank, which work for a case, who has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.case import CaseStatus
from forensics_app.model.medium import Medium, Standing
from forensics_app.model.person import Role
from ui import text
from ui.exhibits.words import state_words
from ui.lab.media_sheets import AssignSheet, MediumSheet, WipeSheet, use_words
from ui.lab.register_tab import RegisterTab
from ui.models.cells import Cell, Column, Kind
from ui.page import utc_now
from ui.recording import record, signed_as
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.form_sheet import ReasonSheet

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case, CaseId
    from forensics_app.model.medium import NewMedium, NewWipe
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext

KEEPERS = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER})


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumRow:
    """A medium, and the cases that it could be assigned to."""

    medium: Medium
    cases: tuple[Case, ...]


class MediaTab(RegisterTab[MediumRow]):
    """Media with what may be done with each; they are stored, checked out and disposed of on the custody page."""

    def __init__(self, context: PageContext, *, now: Callable[[], datetime] = utc_now) -> None:
        """Show nothing yet; ``now`` is the time that is proposed for a wipe."""
        add = Button(_tr("Register a medium…"), name="registerMedium", icon="plus")
        self._wipe = Button(_tr("Record a wipe…"), name="recordWipe", icon="sign")
        self._assign = Button(_tr("Assign…"), name="assignMedium")
        self._back = Button(_tr("Take back…"), name="returnMedium")
        self._now = now
        super().__init__(
            context, name="media", title=_tr("Media"), columns=_columns(), key=lambda row: row.medium.id,
            read=read_media, hint=_tr("Type to filter: number, serial number, state, case"),
            acts=(add, self._wipe, self._assign, self._back),
            empty=_tr("No medium of the laboratory is registered yet. Register its working and transport drives."),
        )  # fmt: skip
        add.clicked.connect(self._add)
        self._wipe.clicked.connect(lambda: self.act_upon_chosen(self._ask_wipe))
        self._assign.clicked.connect(lambda: self.act_upon_chosen(self._ask_assign))
        self._back.clicked.connect(lambda: self.act_upon_chosen(self._ask_back))

    def show_acts(self) -> None:
        """Examiners and exhibits officers keep the media."""
        keeps = bool(self.context.session.actor.person.roles & KEEPERS)
        why_not = "" if keeps else self.tr("Examiners and exhibits officers keep the media.")
        row = self.chosen()
        chosen = row.medium if row else None
        none = "" if chosen else self.tr("Choose a medium.")
        is_out = chosen is not None and chosen.assignment is not None
        blank = chosen is not None and chosen.standing is Standing.READY
        allow(self.add_button, why_not)
        allow(self._wipe, why_not or none or (self.tr("Take it back from its case first.") if is_out else ""))
        no_case = "" if row and row.cases else self.tr("There is no open case.")
        not_blank = "" if blank else self.tr("Only a wiped and verified one is assigned.")
        allow(self._assign, why_not or none or not_blank or no_case)
        allow(self._back, why_not or none or ("" if is_out else self.tr("It is assigned to no case.")))

    def _add(self) -> None:
        def work(lab: Lab, signer: SignedIn, new: NewMedium) -> Medium:
            return lab.media.register(signer, new)

        record(self.context, MediumSheet(self, actor=self.context.session.actor.person), work, self._wanted)

    def _ask_wipe(self, row: MediumRow) -> None:
        medium = row.medium

        def work(lab: Lab, signer: SignedIn, new: NewWipe) -> Medium:
            return lab.media.wipe(signer, medium.id, new)

        session = self.context.session
        now = self._now().astimezone(ZoneInfo(session.lab.info.zone))
        record(self.context, WipeSheet(self, medium, actor=session.actor.person, now=now), work, self._wanted)

    def _ask_assign(self, row: MediumRow) -> None:
        medium = row.medium

        def work(lab: Lab, signer: SignedIn, asked: tuple[CaseId, str]) -> Medium:
            return lab.media.assign(signer, medium.id, *asked)

        sheet = AssignSheet(self, medium, cases=row.cases, actor=self.context.session.actor.person)
        record(self.context, sheet, work, self._wanted)

    def _ask_back(self, row: MediumRow) -> None:
        medium = row.medium

        def work(lab: Lab, signer: SignedIn, remarks: str) -> Medium:
            return lab.media.take_back(signer, medium.id, remarks)

        case = medium.assignment.case_number if medium.assignment else ""
        sheet = ReasonSheet(
            self, title=self.tr("Take {number} back").format(number=medium.exhibit.number),
            subtitle=self.tr("From case {case}").format(case=case),
            sentences=(self.tr("It is assigned again only after it was wiped and verified."),),
            act=self.tr("Sign and take back"), name="returnMediumSheet", kind="primary",
            signed_as=signed_as(self.context.session.actor.person),
        )  # fmt: skip
        record(self.context, sheet, work, self._wanted)

    def _wanted(self, medium: Medium) -> None:
        self.table.select_key(medium.id)


def read_media(lab: Lab) -> tuple[MediumRow, ...]:
    """The media by number."""
    own = lab.media.case_id
    cases = tuple(one for one in lab.cases.list() if one.id != own and one.status is not CaseStatus.CLOSED)
    return tuple(MediumRow(medium=one, cases=cases) for one in lab.media.list())


def standing_mark(medium: Medium) -> tuple[Tone, str]:
    """Whether a medium may be assigned."""
    case = medium.assignment.case_number if medium.assignment else ""
    return {
        Standing.NOT_WIPED: (Tone.WARN, _tr("To be wiped")),
        Standing.NOT_BLANK: (Tone.BAD, _tr("Not blank")),
        Standing.READY: (Tone.OK, _tr("Wiped and verified")),
        Standing.ASSIGNED: (Tone.RUN, _tr("For {case}").format(case=case)),
        Standing.GONE: (Tone.LATE, _tr("Not in the lab")),
    }[medium.standing]


def _columns() -> tuple[Column[MediumRow], ...]:
    def what(row: MediumRow) -> Cell:
        one, exhibit = row.medium, row.medium.exhibit
        words = f"{use_words(one.use)} · {exhibit.make} {exhibit.model}"
        return Cell(exhibit.number, Kind.TWO, words, "disk")

    def state(row: MediumRow) -> Cell:
        tone, words = standing_mark(row.medium)
        return Cell(words, Kind.BADGE, tone=tone)

    def wiped(row: MediumRow) -> Cell:
        wipe = row.medium.wipe
        return Cell(wipe.method, Kind.TWO, f"{wipe.tool} · {wipe.by}") if wipe else Cell("")

    def where(row: MediumRow) -> Cell:
        exhibit = row.medium.exhibit
        return Cell(state_words(exhibit.state), Kind.TWO, f"{exhibit.holder} · {exhibit.place}")

    def serial(row: MediumRow) -> Cell:
        return Cell(row.medium.exhibit.serial, Kind.TWO, text.size_text(row.medium.size_bytes))

    return (
        Column(key="medium", title=_tr("Medium"), cell=what, width_px=200, stretch=True),
        Column(key="state", title=_tr("State"), cell=state, width_px=156),
        Column(key="custody", title=_tr("Custody, holder, place"), cell=where, width_px=168, wide_px=260),
        Column(key="serial", title=_tr("Serial, size"), cell=serial, width_px=120),
        Column(key="wiped", title=_tr("Wiped how, by"), cell=wiped, width_px=140, wide_px=220),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("Media", words)
