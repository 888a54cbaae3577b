"""Backups of the lab: which were made, whether one is due, and making one (REQ-70)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import AppError
from forensics_app.model.backup import BackupAct, BackupLine, BackupStanding, NewBackup
from forensics_app.model.person import Role
from forensics_app.services.at_rest import at_rest_words
from forensics_app.services.store import is_encrypted
from ui import text
from ui.announce import announce
from ui.examine.words import visible
from ui.jobs import JobCard
from ui.lab.backup_sheets import BackupSheet
from ui.lab.interval_sheet import IntervalSheet
from ui.lab.register_tab import RegisterTab
from ui.lab.rekey_sheet import RekeyAsked, RekeySheet
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.recording import record
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.notes import Note

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import OnProgress
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext

_MAY = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class _Read:
    standing: BackupStanding
    is_due: bool
    at_rest: str
    is_encrypted: bool
    is_on_a_server: bool


class BackupsTab(RegisterTab[BackupLine]):
    """Every backup that was made or restored from, the newest first."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        self._zone = ZoneInfo(context.session.lab.info.zone)
        now = Button(_tr("Back up now…"), name="backUpNow", icon="backup")
        self._interval = Button(_tr("Set the interval…"), name="backupInterval")
        self._rekey = Button(_tr("Encrypt the laboratory…"), name="rekey")
        self._said = Note(Tone.NONE, "", name="backupNote")
        super().__init__(
            context, name="backups", title=_tr("Backups"), columns=_columns(self._zone),
            key=lambda line: (line.at, line.sha256), read=lambda lab: tuple(reversed(lab.backups.standing().lines)),
            hint=_tr("Type to filter: place, person, SHA-256"), acts=(now, self._interval, self._rekey),
            empty=_tr("No backup yet. Make one on another disk: without it, what this folder holds can be lost."),
            note=self._said,
        )  # fmt: skip
        self._found: _Read | None = None
        self._running = False
        self._standing = Latest(self, context.jobs)
        self.note_row.hide()
        now.clicked.connect(lambda: self.reading.afterwards(self._ask))
        self._rekey.clicked.connect(lambda: self._standing.afterwards(self._ask_rekey))
        self._interval.clicked.connect(lambda: self._standing.afterwards(self._ask_interval))

    def refresh(self) -> None:
        """Read the backups, and whether one is due."""
        super().refresh()
        lab = self.context.session.lab
        self._standing.ask(
            lambda _: read_standing(lab),
            self._take_standing,
            lambda error: self.context.show_error(self.accessibleName(), error),
        )

    def show_acts(self) -> None:
        """Administrators and supervisors back up, and set the interval."""
        why_not = self.tr("Administrators and supervisors back the laboratory up.")
        may = bool(self.context.session.actor.person.roles & _MAY)
        running = self.tr("It runs already; see the jobs.") if self._running else ""
        allow(self.add_button, running or ("" if may else why_not))
        allow(self._interval, "" if may else why_not)
        days = self._found.standing.interval_days if self._found else None
        every = text.plural(days, self.tr("Every day…"), self.tr("Every {n} days…")) if days else ""
        self._interval.set_text(every or self.tr("Set the interval…"))
        self._rekey.set_text(self.tr("Renew the key…") if self._is_encrypted else self.tr("Encrypt the laboratory…"))
        allow(self._rekey, running or self._why_no_rekey())

    @property
    def _is_encrypted(self) -> bool:
        return self._found is not None and self._found.is_encrypted

    def _why_no_rekey(self) -> str:
        if Role.ADMINISTRATOR not in self.context.session.actor.person.roles:
            return self.tr("Administrators encrypt the laboratory, and renew its key.")
        if self._found is not None and self._found.is_on_a_server:
            return self.tr("The record lies on a server: let the disks of the server and of the folder be encrypted.")
        return ""

    def _take_standing(self, found: _Read) -> None:
        if not self.context.session.is_open:
            return
        self._found = found
        self.note_row.show()
        self._said.say(Tone.LATE if found.is_due else Tone.NONE, f"{due_words(found, self._zone)}\n{found.at_rest}")
        self.show_acts()

    def _ask_interval(self) -> None:
        def work(lab: Lab, actor: SignedIn, days: int) -> None:
            lab.backups.set_interval(actor, days)

        days = self._found.standing.interval_days if self._found else None
        sheet = IntervalSheet(
            self, days, title=self.tr("How often the laboratory is backed up"),
            subtitle=self.tr("The page says when the next backup is due"),
            counted=self.tr("From 1 to 3650, counted from the newest backup."), example=7, name="backupInterval",
            actor=self.context.session.actor.person,
        )  # fmt: skip
        record(self.context, sheet, work, lambda _: None)

    def _ask(self) -> None:
        sheet = BackupSheet(self, actor=self.context.session.actor.person)

        def asked(new: NewBackup) -> None:
            sheet.finish()
            self._make(new)

        sheet.submitted.connect(asked)
        sheet.open()

    def _ask_rekey(self) -> None:
        session, renew = self.context.session, self._is_encrypted
        lab, person = session.lab, session.actor.person
        sheet = RekeySheet(self, actor=person, folder=lab.folder.root, renew=renew)

        def asked(told: RekeyAsked) -> None:
            self._running = True
            self.show_acts()

            def work(on_progress: OnProgress) -> Path:
                from forensics_app.bootstrap import rekey_lab

                rekeyed = rekey_lab(
                    lab.folder.root, told.target, person.name, told.passphrase, renew=renew, on_progress=on_progress
                )
                return rekeyed.folder

            def done(folder: Path) -> None:
                sheet.finish()
                self._end()
                session.lab_moved.emit(folder)

            def failed(error: Exception) -> None:
                self._end()
                if isinstance(error, AppError):
                    sheet.refuse(str(error), error.then)
                else:
                    sheet.refuse(self.tr("The laboratory was not encrypted."))
                    self.context.show_error(sheet.windowTitle(), error)

            def stopped() -> None:
                self._end()
                sheet.refuse(self.tr("It was stopped."), self.tr("Nothing of the new folder is left; begin again."))

            card = JobCard(
                title=sheet.windowTitle(), icon="lock", unit="bytes",
                if_stopped=self.tr("The laboratory was not changed, and nothing of the new folder is left."),
            )  # fmt: skip
            self.context.jobs.start(sheet, work, done=done, failed=failed, cancelled=stopped, card=card)

        sheet.submitted.connect(asked)
        sheet.open()

    def _make(self, new: NewBackup) -> None:
        session = self.context.session
        lab, actor = session.lab, session.actor
        self._running = True
        self.show_acts()
        title = self.tr("Back the laboratory up")

        def work(on_progress: OnProgress) -> BackupLine:
            return lab.backups.make(actor, new, on_progress)

        def failed(error: Exception) -> None:
            self._end()
            self.context.show_error(title, error)

        card = JobCard(
            title=title, icon="backup", unit="bytes", needs_key=True,
            if_stopped=self.tr("No part of the file is left, and nothing was recorded."),
        )  # fmt: skip
        self.context.jobs.start(
            self, work, done=self._done, failed=failed, cancelled=self._end, card=card, warning=_warning
        )

    def _done(self, made: BackupLine) -> None:
        self._end()
        announce(self, self.tr("Backed up to {place}").format(place=made.place))

    def _end(self) -> None:
        self._running = False
        self.context.session.tell_record_changed()


def read_standing(lab: Lab) -> _Read:
    """How the lab stands to its backups, and what the system says of its disk."""
    standing = lab.backups.standing()
    return _Read(
        standing, standing.is_due(lab.backups.now()), at_rest_words(lab.folder.root),
        is_encrypted=is_encrypted(lab.folder), is_on_a_server=not lab.database.is_sqlite,
    )  # fmt: skip


def due_words(found: _Read, zone: ZoneInfo) -> str:
    """Whether a backup is due."""
    due = found.standing.due_at
    if due is None:
        return _tr("Nobody has said yet how often the laboratory is backed up.")
    words = _tr("A backup is due since {day}.") if found.is_due else _tr("The next backup is due on {day}.")
    return words.format(day=due.astimezone(zone).date())


def _warning(made: BackupLine) -> str:
    one, many = _tr("1 finding of verification is in it."), _tr("{n} findings of verification are in it.")
    found = text.plural(made.finding_count, one, many) if made.finding_count else ""
    return " ".join(filter(None, (found, *map(visible, (made.left_out, *made.locked_out)))))


def _columns(zone: ZoneInfo) -> tuple[Column[BackupLine], ...]:
    def what(line: BackupLine) -> Cell:
        words = _tr("Backup made") if line.act is BackupAct.MADE else _tr("Lab restored from it")
        return Cell(words, Kind.TWO, line.place, "backup")

    def held(line: BackupLine) -> Cell:
        entries = _tr("{n} entries").format(n=text.count_text(line.entries))
        catalogues = _tr(" and catalogues") if line.with_catalogues else ""
        return Cell(text.size_text(line.size_bytes), Kind.TWO, f"{entries}{catalogues}")

    def locked(line: BackupLine) -> Cell:
        words = _tr("Encrypted") if line.is_encrypted else _tr("Readable")
        return Cell(words, Kind.BADGE, tone=Tone.LOCK if line.is_encrypted else Tone.WARN)

    def sound(line: BackupLine) -> Cell:
        left_out = visible(line.left_out)
        if line.finding_count:
            one, many = _tr("1 finding"), _tr("{n} findings")
            return Cell(text.plural(line.finding_count, one, many), Kind.BADGE, left_out, tone=Tone.BAD)
        if left_out:
            return Cell(_tr("Not whole"), Kind.BADGE, left_out, tone=Tone.WARN)
        return Cell(_tr("Verified"), Kind.BADGE, tone=Tone.OK)

    return (
        Column(key="what", title=_tr("What"), cell=what, width_px=180, stretch=True),
        Column(
            key="at", title=_tr("Recorded ({zone})").format(zone=zone.key), width_px=196,
            sort_key=lambda line: line.at.timestamp(),
            cell=lambda line: Cell(text.time_text(line.at, zone, to_minute=True), Kind.TWO, line.by),
        ),
        Column(key="held", title=_tr("Holds"), cell=held, width_px=128, sort_key=lambda line: line.size_bytes),
        Column(key="locked", title=_tr("File"), cell=locked, width_px=106),
        Column(key="sound", title=_tr("Then"), cell=sound, width_px=124),
        Column(
            key="sha256", title=_tr("SHA-256 of the file"), width_px=150,
            cell=lambda line: Cell(text.short_digest_text(line.sha256, groups=2), Kind.MONO),
        ),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("Backups", words)
