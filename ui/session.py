"""Who works in which lab and case, and how long their key stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from ui.jobs import Job, JobRunner

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from forensics_app.model.custody import LabReport
    from forensics_app.model.person import SignedIn

IDLE_LIMIT_S = 15 * 60
_TICK_MS = 5_000
_SIGNS_OF_LIFE = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class NobodySignedInError(RuntimeError):
    """A page asked for the acting person while nobody is signed in."""


class Session(QObject):
    """The state that all pages share. It changes on the UI thread only.

    A locked key is closed at once, unless a job that was started with it still has to sign: then when that job ends.
    """

    lab_changed = Signal()
    person_changed = Signal()
    case_changed = Signal()
    record_changed = Signal()
    record_verified = Signal()
    lab_moved = Signal(object)
    """Carries the folder that the open lab is in now; it is opened in the place of this one."""
    minutes_left_changed = Signal(int)

    def __init__(self, parent: QObject, jobs: JobRunner, *, idle_limit_s: int = IDLE_LIMIT_S) -> None:
        """Start without a lab; the key locks after ``idle_limit_s`` seconds without a key press or click."""
        super().__init__(parent)
        self._jobs = jobs
        self._lab: Lab | None = None
        self._signed_in: SignedIn | None = None
        self._case: Case | None = None
        self._verified: LabReport | None = None
        self._verified_by = ""
        self._still_needed: list[SignedIn] = []
        self._idle_limit_s, self._idle_s = idle_limit_s, 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        jobs.ended.connect(self._on_job_ended)

    @property
    def lab(self) -> Lab:
        """The open lab.

        Raises:
            NobodySignedInError: No lab is open.
        """
        if self._lab is None:
            raise NobodySignedInError("no lab is open")
        return self._lab

    @property
    def has_lab(self) -> bool:
        """Whether a lab is open."""
        return self._lab is not None

    def still_has(self, lab: Lab) -> bool:
        """Whether this lab is open: an answer that was asked of another one is of no use any more."""
        return self._lab is lab

    @property
    def actor(self) -> SignedIn:
        """The person whose key is open.

        Raises:
            NobodySignedInError: The key is locked.
        """
        if self._signed_in is None:
            raise NobodySignedInError("nobody is signed in")
        return self._signed_in

    @property
    def is_open(self) -> bool:
        """Whether somebody is signed in."""
        return self._signed_in is not None

    @property
    def case(self) -> Case | None:
        """The case that the pages show."""
        return self._case

    @property
    def verified(self) -> LabReport | None:
        """The newest verification of this run of the program; None before the first."""
        return self._verified

    @property
    def verified_by(self) -> str:
        """Who had the newest verification done; empty before the first."""
        return self._verified_by

    @property
    def minutes_left(self) -> int:
        """Minutes until the key locks by itself, at least 1 while it is open."""
        return max(1, round((self._idle_limit_s - self._idle_s) / 60))

    @property
    def key_waits_for_jobs(self) -> bool:
        """Whether a locked key is kept for jobs that still have to sign."""
        return bool(self._still_needed)

    def open_lab(self, lab: Lab) -> None:
        """Work in ``lab`` from now on."""
        self.lock()
        self._lab, self._case = lab, None
        self._verified, self._verified_by = None, ""
        self.lab_changed.emit()

    def sign_in(self, signed_in: SignedIn) -> None:
        """Let ``signed_in`` act; the key locks again after the idle time."""
        self.lock()
        self._signed_in, self._idle_s = signed_in, 0.0
        self._timer.start()
        self.person_changed.emit()

    def lock(self) -> None:
        """Close the key now; jobs that still have to sign keep it until they end."""
        signed_in, self._signed_in = self._signed_in, None
        self._timer.stop()
        if signed_in is None:
            return
        if self._lab is not None:
            self._lab.examine.forget_keys()
        if any(job.card.needs_key for job in self._jobs.active):
            self._still_needed.append(signed_in)
        else:
            signed_in.key.close()
        self.person_changed.emit()

    def show_case(self, case: Case | None) -> None:
        """Let the pages show another case."""
        self._case = case
        self.case_changed.emit()

    def tell_record_changed(self) -> None:
        """Say that an entry was written, so that pages in sight read again."""
        self.record_changed.emit()

    def tell_verified(self, report: LabReport, by: str) -> None:
        """Keep the answer of a verification that ``by`` had done, so that the badge and the pages say the same."""
        self._verified, self._verified_by = report, by
        self.record_verified.emit()

    def close(self) -> None:
        """Close every key and the lab; call after the jobs have ended."""
        self.lock()
        self._close_kept_keys()
        lab, self._lab = self._lab, None
        if lab is not None:
            lab.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key press, click or turn of the wheel anywhere in the program starts the idle time anew."""
        if event.type() in _SIGNS_OF_LIFE and self._idle_s:
            self._idle_s = 0.0
            self.minutes_left_changed.emit(self.minutes_left)
        return False

    def _tick(self) -> None:
        before = self.minutes_left
        self._idle_s += _TICK_MS / 1000
        if self._idle_s >= self._idle_limit_s:
            self.lock()
        elif self.minutes_left != before:
            self.minutes_left_changed.emit(self.minutes_left)

    def _on_job_ended(self, job: Job) -> None:
        if not any(other.card.needs_key for other in self._jobs.active):
            self._close_kept_keys()

    def _close_kept_keys(self) -> None:
        for signed_in in self._still_needed:
            signed_in.key.close()
        self._still_needed.clear()
