"""Stamps of the lab chain by an authority outside: which came, which wait, and asking for one now (REQ-16)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import RefusedError
from forensics_app.model.person import Role
from ui import text
from ui.announce import announce
from ui.lab.register_tab import RegisterTab
from ui.lab.stamp_sheets import AuthorityAsked, AuthoritySheet
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.recording import record
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from forensics_app.bootstrap import Lab
    from forensics_app.model.person import SignedIn
    from forensics_app.model.time_stamp import StampOutcome, TimeAuthority, TimeStamp
    from ui.page import PageContext


class StampsTab(RegisterTab["TimeStamp"]):
    """Every stamp that was asked for, the newest first."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        self._zone = ZoneInfo(context.session.lab.info.zone)
        now = Button(_tr("Stamp now"), name="stampNow", icon="clock")
        self._again = Button(_tr("Ask again for those that wait"), name="stampFetch")
        self._name_it = Button(_tr("Name the authority…"), name="nameAuthority")
        self._said = Note(Tone.NONE, "", name="stampNote")
        super().__init__(
            context, name="stamps", title=_tr("Time stamps"), columns=_columns(self._zone),
            key=lambda one: one.sequence, read=lambda lab: tuple(reversed(lab.time_stamps.list())),
            hint=_tr("Type to filter: entry, state, authority, person"), acts=(now, self._again, self._name_it),
            empty=_tr("No stamp yet. An administrator names an authority; then the lab chain can be stamped here."),
            note=self._said,
        )  # fmt: skip
        self._authority: TimeAuthority | None = None
        self._asking, self._why = False, ""
        self._naming = Latest(self, context.jobs)
        self.note_row.hide()
        now.clicked.connect(lambda: self._ask(lambda lab, actor: lab.time_stamps.request(actor)))
        self._again.clicked.connect(lambda: self._ask(lambda lab, actor: lab.time_stamps.fetch(actor)))
        self._name_it.clicked.connect(lambda: self._naming.afterwards(self._ask_authority))

    def refresh(self) -> None:
        """Read the stamps, and who gives them."""
        super().refresh()
        lab = self.context.session.lab
        self._naming.ask(
            lambda _: lab.time_stamps.authority(),
            self._take_authority,
            lambda error: self.context.show_error(self.accessibleName(), error),
        )

    def show_acts(self) -> None:
        """Everybody may ask for a stamp; administrators name the authority."""
        busy = self.tr("The authority is being asked.") if self._asking else ""
        nobody = "" if self._authority else self.tr("No time-stamp authority is named yet.")
        none_waits = "" if self._waiting() else self.tr("No stamp waits.")
        is_administrator = Role.ADMINISTRATOR in self.context.session.actor.person.roles
        allow(self.add_button, busy or nobody)
        allow(self._again, busy or nobody or none_waits)
        allow(self._name_it, "" if is_administrator else self.tr("Administrators name the authority."))
        self._say()

    def _waiting(self) -> int:
        return sum(one.is_waiting for one in self.records)

    def _take_authority(self, authority: TimeAuthority | None) -> None:
        self._authority = authority
        if self.context.session.is_open:
            self.show_acts()

    def _say(self) -> None:
        """Who stamps, and what waits for which reason."""
        self.note_row.setVisible(self._authority is not None)
        if self._authority is None:
            return
        until = self._authority.certificates_until.astimezone(self._zone).date()
        waiting = self._waiting()
        if self._asking:
            first = self.tr("The authority is being asked…")
        elif waiting:
            one, many = (
                self.tr("1 stamp waits for an answer of the authority."),
                self.tr("{n} stamps wait for an answer."),
            )
            first = " ".join(part for part in (text.plural(waiting, one, many), self._why) if part)
        else:
            first = self.tr("SHA-256 of its certificates, to be compared with what it publishes: {digests}").format(
                digests=", ".join(self._authority.fingerprints)
            )
        who = self.tr("{name} stamps, {url}. Its certificates end on {day}.").format(
            name=self._authority.name, url=self._authority.url, day=until
        )
        self._said.say(Tone.LATE if waiting else Tone.NONE, f"{first}\n{who}")

    def _ask(self, act: Callable[[Lab, SignedIn], StampOutcome]) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        self._asking = True
        self.show_acts()
        self.context.jobs.start(self, lambda _: act(lab, actor), done=self._done, failed=self._failed)

    def _done(self, outcome: StampOutcome) -> None:
        self._asking, self._why = False, outcome.why
        if outcome.waiting:
            announce(self, self.tr("The authority gave no answer. The request is kept, and waits."), urgent=True)
        else:
            one, many = self.tr("1 stamp came"), self.tr("{n} stamps came")
            announce(self, text.plural(len(outcome.attached), one, many))
        self.context.session.tell_record_changed()

    def _failed(self, error: Exception) -> None:
        self._asking = False
        self.context.session.tell_record_changed()
        self.context.show_error(self.tr("Stamp the lab chain"), error)

    def _ask_authority(self) -> None:
        sheet = AuthoritySheet(self, self._authority, actor=self.context.session.actor.person)
        record(self.context, sheet, name_authority, lambda _: None)


def name_authority(lab: Lab, actor: SignedIn, asked: AuthorityAsked) -> TimeAuthority:
    """Name the authority whose certificates are in a file.

    Raises:
        RefusedError: The file cannot be read, or see :meth:`TimeStamps.set_authority`.
    """
    try:
        certificates = asked.certificates.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{asked.certificates} cannot be read: {error}.", then="Choose a file in PEM.") from error
    return lab.time_stamps.set_authority(actor, asked.name, asked.url, certificates)


def _columns(zone: ZoneInfo) -> tuple[Column[TimeStamp], ...]:
    def what(one: TimeStamp) -> Cell:
        words = _tr("Entries 1 to {n}").format(n=text.count_text(one.sequence))
        return Cell(words, Kind.TWO, text.short_digest_text(one.head.hex(), groups=2), "link")

    def state(one: TimeStamp) -> Cell:
        waits = one.is_waiting
        return Cell(_tr("Waits") if waits else _tr("Stamped"), Kind.BADGE, tone=Tone.LATE if waits else Tone.OK)

    def stamped(one: TimeStamp) -> Cell:
        at = one.stamped_at
        return Cell(text.time_text(at, zone), Kind.TWO, one.authority) if at else Cell(_tr("not yet"), Kind.MUTED)

    return (
        Column(key="what", title=_tr("What"), cell=what, width_px=190, sort_key=lambda one: one.sequence),
        Column(key="state", title=_tr("State"), cell=state, width_px=100),
        Column(
            key="stamped", title=_tr("Stamped ({zone})").format(zone=zone.key), cell=stamped, width_px=220,
            stretch=True, sort_key=lambda one: one.stamped_at.timestamp() if one.stamped_at else 0.0,
        ),
        Column(
            key="asked", title=_tr("Asked for"), width_px=212, narrow_px=136,
            sort_key=lambda one: one.requested_at.timestamp(),
            cell=lambda one: Cell(text.time_text(one.requested_at, zone, to_minute=True), Kind.TWO, one.requested_by),
        ),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Stamps", words)
