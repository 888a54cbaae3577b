"""When the head of each case chain was last written into the lab chain, and writing it there now (REQ-16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.custody_log import LogQuery
from ui import text
from ui.announce import announce
from ui.lab.register_tab import RegisterTab
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.sheet import ConfirmSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from ui.page import PageContext

_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A case chain of ``entries``; the newest anchor covers ``anchored`` of them, and None tells that there is none."""

    case: Case
    entries: int
    anchored: int
    at: datetime | None
    by: str

    @property
    def behind(self) -> int:
        """How many entries no anchor covers."""
        return self.entries - self.anchored


class AnchorsTab(RegisterTab[AnchorRow]):
    """Every case with its newest anchor."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        now = Button(_tr("Anchor now…"), name="anchorNow", icon="link")
        self._all = Button(_tr("Anchor all that moved on…"), name="anchorAll")
        super().__init__(
            context, name="anchors", title=_tr("Anchors"), columns=_columns(ZoneInfo(context.session.lab.info.zone)),
            key=lambda row: row.case.id, read=read_anchors, hint=_tr("Type to filter: case, state, person"),
            acts=(now, self._all),
            empty=_tr("No cases yet. The head of each case chain can be anchored in the lab chain here."),
        )  # fmt: skip
        now.clicked.connect(lambda: self.act_upon_chosen(lambda row: self._ask((row,))))
        self._all.clicked.connect(lambda: self.reading.afterwards(lambda: self._ask(self._moved_on())))

    def show_acts(self) -> None:
        """Everybody of the lab may anchor; there is nothing to do where the head is anchored already."""
        row = self.chosen()
        allow(self.add_button, "" if row and row.behind else self.tr("The head of this case is anchored already."))
        allow(self._all, "" if self._moved_on() else self.tr("The head of every case is anchored already."))

    def _moved_on(self) -> tuple[AnchorRow, ...]:
        return tuple(row for row in self.records if row.behind)

    def _ask(self, rows: Sequence[AnchorRow]) -> None:
        numbers = ", ".join(row.case.number for row in rows)
        words = self.tr("The head of {cases} is written into the lab chain, signed by you.")
        sheet = ConfirmSheet(
            self,
            title=self.tr("Anchor {cases}").format(cases=numbers),
            sentences=(
                words.format(cases=numbers),
                self.tr("Whoever cuts entries off below it is found out. This adds an entry that cannot be removed."),
            ),
            act=self.tr("Sign and anchor"),
            keep=self.tr("Cancel"),
            name="anchorSheet",
            kind="primary",
        )
        sheet.accepted.connect(lambda: self._anchor(rows))
        sheet.open()

    def _anchor(self, rows: Sequence[AnchorRow]) -> None:
        session = self.context.session
        lab, actor, cases = session.lab, session.actor, [row.case.id for row in rows]

        def done(anchored: Sequence[object]) -> None:
            one, many = self.tr("1 case was anchored"), self.tr("{n} cases were anchored")
            announce(self, text.plural(len(anchored), one, many))
            session.tell_record_changed()

        self.context.jobs.start(
            self,
            lambda _: [lab.custody.anchor(actor, case_id) for case_id in cases],
            done=done,
            failed=lambda error: self.context.show_error(self.tr("Anchor the cases"), error),
        )


def read_anchors(lab: Lab) -> tuple[AnchorRow, ...]:
    """Every case with its newest anchor, those with most entries behind first."""
    newest: dict[str, tuple[int, datetime, str]] = {}
    for event in lab.custody_log.list(LogQuery(kind="case.anchor", limit=_ALL)):
        covered = event.facts.get("sequence")
        if isinstance(covered, int) and covered >= newest.get(event.fact("chain"), (0,))[0]:
            newest[event.fact("chain")] = (covered, event.recorded_at, event.actor)
    rows = []
    for case in lab.cases.list():
        entries, _ = lab.custody.case_head(case.id)
        covered, at, by = newest.get(str(case.id), (0, None, ""))
        rows.append(AnchorRow(case=case, entries=entries, anchored=covered, at=at, by=by))
    return tuple(sorted(rows, key=lambda row: (-row.behind, row.case.number)))


def _columns(zone: ZoneInfo) -> tuple[Column[AnchorRow], ...]:
    def state(row: AnchorRow) -> Cell:
        if not row.behind:
            return Cell(_tr("Head is anchored"), Kind.BADGE, tone=Tone.OK)
        words = text.plural(row.behind, _tr("1 entry since"), _tr("{n} entries since"))
        return Cell(words, Kind.BADGE, tone=Tone.LATE)

    def at(row: AnchorRow) -> Cell:
        return Cell(text.time_text(row.at, zone) if row.at else _tr("never"), Kind.TIME if row.at else Kind.MUTED)

    return (
        Column(
            key="case", title=_tr("Case"), width_px=170, stretch=True,
            cell=lambda row: Cell(row.case.number, Kind.TWO, row.case.title, "case"),
        ),
        Column(
            key="covers", title=_tr("Covers"), width_px=130, sort_key=lambda row: row.anchored,
            cell=lambda row: Cell(_tr("{n} of {all} entries").format(
                n=text.count_text(row.anchored), all=text.count_text(row.entries))),
        ),
        Column(key="state", title=_tr("State"), cell=state, width_px=156, sort_key=lambda row: row.behind),
        Column(
            key="at", title=_tr("Anchored ({zone})").format(zone=zone.key), cell=at, width_px=200, narrow_px=136,
            sort_key=lambda row: row.at.timestamp() if row.at else 0.0,
        ),
        Column(key="by", title=_tr("By"), cell=lambda row: Cell(row.by), width_px=120),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Anchors", words)
