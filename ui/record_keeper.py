"""Keeps the frame true to the record: cases in the selector, the integrity badge, the key, what was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog

from ui import text
from ui.frame.top_bar import CaseShown
from ui.frame.verdict_sheet import VerdictSheet
from ui.integrity import Checked, shown_integrity, unchecked
from ui.jobs import Act, Job, JobCard, OnProgress
from ui.latest import Latest
from ui.main_window import MainWindow
from ui.page import utc_now
from ui.preferences import Preferences
from ui.scanning import Scanning

if TYPE_CHECKING:
    from pathlib import Path

    from forensics_app.model.case import Case
    from forensics_app.model.custody import LabReport
    from forensics_app.model.lab import Job as LabJob
    from forensics_app.model.person import PersonId
    from forensics_app.services.verification import LastCheck

T = TypeVar("T")
_BADGE_REFRESH_MS = 60_000
_FILES_NAMED = 3
_PAGE_OF = {
    "acquisition": "exhibits",
    "intake": "exhibits",
    "recheck": "exhibits",
    "catalogue": "examine",
    "export": "examine",
    "report": "reports",
}


_PAINTED_MS = 300
"""By then the first page is read and painted, and nothing computes beside it."""


class RecordKeeper(QObject):
    """Joins session, window and services; ``sign_in_asked`` carries why the person has to sign in again."""

    sign_in_asked = Signal(str)

    def __init__(self, window: MainWindow, preferences: Preferences, *, now: Callable[[], datetime] = utc_now) -> None:
        """Follow the session of ``window``."""
        super().__init__(window)
        self._window, self._preferences, self._now = window, preferences, now
        self._session, self._jobs, self._bar = window.session, window.jobs, window.top_bar
        self._cases: tuple[Case, ...] = ()
        self._checked: Checked | None = None
        self._last: LastCheck | None = None
        self._verifying = False
        self._waiting = Latest(self, window.jobs)
        self._dialogs: list[QDialog] = []
        self._person_id: PersonId | None = None
        self._scanning = Scanning(window)
        self._session.person_changed.connect(self._on_person)
        self._session.minutes_left_changed.connect(lambda _: self._show_person())
        self._session.case_changed.connect(self._on_case)
        self._session.record_changed.connect(self._on_record)
        self._session.record_verified.connect(self._on_verified)
        self._bar.case_chosen.connect(self._choose)
        self._bar.new_case_asked.connect(lambda: window.go_to("cases", "new"))
        self._bar.integrity_asked.connect(self.open_verdict)
        self._bar.lock_asked.connect(self._session.lock)
        self._bar.person.passphrase_asked.connect(lambda: window.go_to("lab", "passphrase"))
        self._bar.person.look_asked.connect(lambda: window.go_to("lab", "computer"))
        self._timer = QTimer(self)
        self._timer.setInterval(_BADGE_REFRESH_MS)
        self._timer.timeout.connect(self._show_integrity)
        self._timer.timeout.connect(self._count_waiting)
        self._timer.start()

    def enter(self) -> None:
        """Somebody signed in: read the cases, look for what was interrupted, verify the record."""
        self._read_cases()
        self._read_interrupted()
        self._read_last_check()
        self._count_waiting()
        QTimer.singleShot(_PAINTED_MS, self, self._verify_what_came)

    def _verify_what_came(self) -> None:
        if self._session.is_open and (self._checked is None or self._checked.entries_since):
            self.verify()

    def verify(self) -> None:
        """Verify the whole record as a job, and show the answer in the badge."""
        if self._verifying:
            return
        self._verifying = True
        lab, by = self._session.lab, self._session.actor.person.name

        def done(report: LabReport) -> None:
            self._verifying = False
            self._session.tell_verified(report, by)
            if not report.ok:
                self.open_verdict()

        def failed(error: Exception) -> None:
            self._verifying = False
            self._window.show_error(self.tr("Verify the record"), error)

        def cancelled() -> None:
            self._verifying = False

        def warning(report: LabReport) -> str:
            return "" if report.ok else self.tr("The record is not what was signed")

        card = JobCard(
            title=self.tr("Verify the record"),
            icon="shield",
            unit=self.tr("entries"),
            may_be_dropped=True,
            if_stopped=self.tr("The badge then still shows the check before. Nothing is lost."),
            acts=(Act(text=self.tr("Show the answer"), call=self.open_verdict),),
        )
        self._jobs.start(
            self, lambda on_progress: lab.verification.verify(on_progress=on_progress),
            done=done, failed=failed, cancelled=cancelled, card=card, warning=warning,
        )  # fmt: skip

    def open_verdict(self) -> None:
        """Show the last answer in full; verify first when there is none."""
        if self._checked is None:
            self.verify()
            return
        sheet = VerdictSheet(self._window, self._checked.report, self._zone())
        sheet.verify_asked.connect(self.verify)
        sheet.sign_asked.connect(self._record_check)
        sheet.open()

    def _record_check(self) -> None:
        checked = self._checked
        if checked is None:
            return
        lab, actor = self._session.lab, self._session.actor
        self._run(
            self.tr("Record the check"),
            lambda _: lab.verification.sign_off(actor, checked.report),
            lambda _: self._session.tell_record_changed(),
        )

    def _on_person(self) -> None:
        if self._session.is_open:
            self._welcome(self._session.actor.person.id)
            self._show_person()
            return
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.reject()
            if dialog.isVisible():
                self._put_by(dialog)
        if self._session.has_lab and self._window.at_work:
            kept = self.tr("Your key is locked. A job that still has to sign keeps it until it has ended.")
            locked = self.tr("Your key is locked. Jobs go on.")
            self._window.cover()
            self.sign_in_asked.emit(kept if self._session.key_waits_for_jobs else locked)

    def _put_by(self, dialog: QDialog) -> None:
        """Hide a dialog in which something is being recorded, until who opened it is there again."""
        dialog.hide()
        if dialog not in self._dialogs:
            self._dialogs.append(dialog)

    def _welcome(self, person_id: PersonId) -> None:
        """Show a person again what they left; what another one left is not theirs to go on with."""
        is_same, self._person_id = person_id == self._person_id, person_id
        dialogs, self._dialogs = [one for one in self._dialogs if shiboken6.isValid(one)], []
        if not is_same:
            self._window.forget_pages(stay=True)
        for dialog in dialogs:
            if not is_same:
                dialog.deleteLater()
            elif not dialog.result():
                dialog.open()

    def _show_person(self) -> None:
        if self._session.is_open:
            person = self._session.actor.person
            self._bar.show_person(person.name, person.function, self._session.minutes_left)

    def _on_case(self) -> None:
        case = self._session.case
        self._bar.show_case(self._shown(case) if case else None)
        self._show_integrity()
        for page in self._window.made_pages():
            page.show_case(case.id if case else None)
        if self._window.page:
            self._window.page.refresh()
        if case:
            self._preferences.store.setValue(f"labs/case-{self._session.lab.info.id}", str(case.id))

    def _on_record(self) -> None:
        if self._checked:
            self._checked = replace(self._checked, entries_since=True)
        self._read_cases()
        self._count_waiting()
        self._show_integrity()
        if self._window.page:
            self._window.page.refresh()

    def _on_verified(self) -> None:
        report = self._session.verified
        if report:
            self._checked = Checked(report=report, by=self._session.verified_by)
            self._show_integrity()

    def _choose(self, key: object) -> None:
        case = next((case for case in self._cases if case.id == key), None)
        if case:
            self._session.show_case(case)

    def _read_cases(self) -> None:
        lab = self._session.lab
        self._run(self.tr("Read the cases"), lambda _: lab.cases.list(), self._take_cases)

    def _take_cases(self, cases: tuple[Case, ...]) -> None:
        self._cases = cases
        self._bar.set_cases([self._shown(case) for case in cases])
        remembered = str(self._preferences.store.value(f"labs/case-{self._session.lab.info.id}", ""))
        shown = self._session.case
        wanted = str(shown.id) if shown else remembered
        current = next((case for case in cases if str(case.id) == wanted), cases[0] if cases else None)
        if current != shown:
            self._session.show_case(current)

    def _read_interrupted(self) -> None:
        lab = self._session.lab
        known = {job.card.title for job in self._jobs.jobs}

        def take(found: tuple[LabJob, ...]) -> None:
            for job in found:
                title = self.tr("{kind} of {subject}").format(kind=job.kind.capitalize(), subject=job.subject)
                if title not in known:
                    self._list_interrupted(title, job)

        self._run(self.tr("Look for interrupted work"), lambda _: lab.journal.interrupted(), take)
        self._run(
            self.tr("Look for files that are not of the record"),
            lambda _: lab.journal.unrecorded_files(),
            self._tell_unrecorded,
        )

    def _tell_unrecorded(self, found: tuple[Path, ...]) -> None:
        """Say which files of the lab folder no entry names: what an act left whose end nobody heard of."""
        if not found:
            return
        title = text.plural(
            len(found),
            self.tr("1 file in the lab folder is not of the record"),
            self.tr("{n} files in the lab folder are not of the record"),
        )
        if title in {job.card.title for job in self._jobs.jobs}:
            return
        named = ", ".join(str(path) for path in found[:_FILES_NAMED])
        more = len(found) - _FILES_NAMED
        message = self.tr(
            "{files}. They stay there. Look in the history whether the act stands there, and repeat it if not."
        )
        rest = self.tr(" and {n} more").format(n=text.count_text(more)) if more > 0 else ""
        row: list[Job] = []
        seen = Act(text=self.tr("Leave them there"), call=lambda: self._jobs.forget(row[0]))
        row.append(self._jobs.note_interrupted(title, message.format(files=named + rest), (seen,)))

    def _list_interrupted(self, title: str, job: LabJob) -> None:
        began = text.time_text(job.started_at, self._zone(), to_minute=True)
        message = self.tr("began {time}. {message}").format(time=began, message=job.message)
        row: list[Job] = []

        def settle(again: bool) -> None:
            lab, actor = self._session.lab, self._session.actor

            def settled(_: LabJob) -> None:
                self._jobs.forget(row[0])
                self._session.tell_record_changed()
                if again:
                    self._window.go_to(_PAGE_OF.get(job.kind, "exhibits"), job)

            self._run(title, lambda _: lab.journal.settle(actor, job.id, again=again), settled)

        acts = (
            Act(text=self.tr("Start again…"), call=lambda: settle(True)),
            Act(text=self.tr("Give up"), call=lambda: settle(False)),
        )
        row.append(self._jobs.note_interrupted(title, message, acts))

    def _read_last_check(self) -> None:
        lab = self._session.lab

        def take(last: LastCheck | None) -> None:
            self._last = last
            self._show_integrity()

        self._run(self.tr("Read the last check"), lambda _: lab.verification.last(), take)

    def _count_waiting(self) -> None:
        """Count what waits for a decision; what is overdue changes by itself as time goes on."""
        if not self._session.is_open:
            return
        lab, now = self._session.lab, self._now()
        me = self._session.actor.person.id

        def work(_: OnProgress) -> tuple[int, int]:
            from ui.review.queue import read_review  # in this thread: the window would wait

            offered = sum(one.receiver_id == me for one in lab.offers.open())
            return len(read_review(lab, now, gaps=False).items), offered

        def show(counts: tuple[int, int]) -> None:
            self._window.show_count("review", counts[0])
            self._window.show_count("custody", counts[1])

        self._waiting.ask(
            work,
            show,
            lambda _: None,  # the page tells what cannot be read; a number in the rail opens no dialog
        )

    def _show_integrity(self) -> None:
        if not self._session.has_lab:
            return
        if self._checked is None:
            last = self._last
            self._bar.show_integrity(unchecked(last.at if last else None, last.by if last else "", self._now()))
            return
        case = self._session.case
        case_id = case.id if case else None
        self._bar.show_integrity(shown_integrity(self._checked, case_id, self._now(), self._zone()))

    def _shown(self, case: Case) -> CaseShown:
        basis = case.legal_basis
        if basis is None:
            authority = self.tr("Draft: no authority recorded yet")
        elif basis.expires_on is None:
            authority = self.tr("Authority: {instrument} {number}").format(
                instrument=basis.instrument, number=basis.number
            )
        else:
            sentence = self.tr("Authority valid until {day}: {instrument} {number}")
            authority = sentence.format(instrument=basis.instrument, number=basis.number, day=basis.expires_on)
        return CaseShown(key=case.id, number=case.number, title=case.title, authority=authority)

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._session.lab.info.zone)

    def _run(self, title: str, work: Callable[[OnProgress], T], done: Callable[[T], None]) -> None:
        lab = self._session.lab

        def take(answer: T) -> None:
            if self._session.still_has(lab):
                done(answer)

        self._jobs.start(self, work, done=take, failed=lambda error: self._window.show_error(title, error))
