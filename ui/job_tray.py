"""The job tray: one line at the foot of the window, and the whole list above it with F8."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui import text
from ui.announce import announce
from ui.jobs import Act, Job, JobRunner, State
from ui.theme import Row, Size, Space
from ui.tones import Tone, icon_of
from ui.widgets.buttons import Button, IconButton
from ui.widgets.charts import ProgressBar
from ui.widgets.labels import CutLabel, IconLabel, label, set_tone
from ui.widgets.layout import hbox, line, plain, scrolled, vbox
from ui.widgets.sheet import ConfirmSheet

_TWO_LINES_PX, _BAR_PX, _PANEL_ROWS, _PANEL_HEAD_PX = 1000, 110, 6, 42
_SHORT_TITLE_PX = 144
_SEPARATOR = "  ·  "
_TONES = {
    State.WAITING: Tone.NONE,
    State.RUNNING: Tone.RUN,
    State.STOPPING: Tone.RUN,
    State.DONE: Tone.DONE,
    State.WARNED: Tone.WARN,
    State.FAILED: Tone.BAD,
    State.CANCELLED: Tone.DONE,
    State.INTERRUPTED: Tone.WARN,
}
_COLOURS = {Tone.RUN: "accent", Tone.WARN: "warn", Tone.BAD: "bad"}


def progress_text(job: Job) -> str:
    """``61 %  ·  412 MB/s  ·  31 min left``; no time left before ten seconds of data, no rate of what has no unit."""
    pace = job.pace
    parts = [f"{pace.share * 100:.0f} %"] if pace.share is not None else []
    if pace.share is None and pace.done_units:
        amount = text.size_text(pace.done_units) if job.card.unit == "bytes" else text.count_text(pace.done_units)
        parts.append(amount if job.card.unit == "bytes" else f"{amount} {job.card.unit}")
    if pace.rate is not None and job.card.unit:
        parts.append(text.rate_text(pace.rate, job.card.unit))
    if pace.left_s is not None:
        parts.append(f"{text.rough_duration_text(pace.left_s)} left")
    if remark := job.card.remark():
        parts.append(remark)
    return _SEPARATOR.join(parts)


class JobLine(QWidget):
    """One job on one line: icon, title, bar, how far, and the button that stops it."""

    stop_asked = Signal(object)

    def __init__(self, job: Job, *, wide: bool) -> None:
        """Show ``job``; a ``wide`` line also tells how it ended and offers its acts."""
        super().__init__()
        self.job = job
        self._wide = wide
        self._acts_shown: tuple[Act, ...] = ()
        self._icon = IconLabel(job.card.icon, "accent")
        self._title = CutLabel(job.card.title, "small-text")
        self._bar = ProgressBar(name=f"job{job.number}Bar")
        self._bar.setFixedWidth(2 * _BAR_PX if wide else _BAR_PX)
        self._tail = CutLabel("", "small")
        self._stop = IconButton(
            "cancel",
            self.tr("Stop {title}: asks first").format(title=job.card.title),
            name=f"stopJob{job.number}",
            size_px=Size.ICON_SMALL,
        )
        self._stop.clicked.connect(lambda: self.stop_asked.emit(self.job))
        self._acts = hbox(gap=Space.XS)
        self.setLayout(hbox(self._icon, self._title, self._bar, (self._tail, int(wide)), self._acts, self._stop))
        if not wide:  # so that a long title does not take the room of the other job
            self._title.setMaximumWidth(_SHORT_TITLE_PX)
        if wide:
            policy = self._bar.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            self._bar.setSizePolicy(policy)
            self.setMinimumHeight(Row.NORMAL + Space.S)
            self._tail.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_job()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In the list, every title has the same share of the line, so that bars and words stand under each other."""
        super().resizeEvent(event)
        if self._wide:
            self._title.setFixedWidth(self.width() * 3 // 10)

    def show_job(self) -> None:
        """Take over the job's state."""
        job = self.job
        tone = _TONES[job.state]
        self._icon.set_icon(job.card.icon if job.active else icon_of(tone), _COLOURS.get(tone, "text2"))
        self._bar.setVisible(job.state in (State.RUNNING, State.STOPPING))
        self._bar.set_share(job.pace.share or 0.0, self.tr("of {title}").format(title=job.card.title))
        self._tail.setText(self._words())
        self._tail.setVisible(bool(self._tail.text()))
        set_tone(self._tail, _COLOURS.get(tone, "") if not job.active else "")
        self._stop.setVisible(job.active)
        self._stop.setEnabled(job.state is not State.STOPPING)
        self.setAccessibleName(f"{job.card.title}: {self._words()}")
        acts = tuple(act for act in job.acts if act.always or not job.active)
        if self._wide and acts != self._acts_shown:
            self._show_acts(acts)

    def _words(self) -> str:
        match self.job.state:
            case State.WAITING:
                return self.tr("Waiting")
            case State.RUNNING:
                return progress_text(self.job)
            case State.STOPPING:
                return self.tr("Stopping at the next step")
            case State.DONE:
                return self.job.message or self.tr("Finished")
            case State.CANCELLED:
                return self.tr("Stopped")
        words = {
            State.WARNED: self.tr("Warning"),
            State.FAILED: self.tr("Failed"),
            State.INTERRUPTED: self.tr("Interrupted"),
        }[self.job.state]
        return f"{words}: {self.job.message}" if self.job.message else words

    def _show_acts(self, acts: tuple[Act, ...]) -> None:
        self._acts_shown = acts
        while item := self._acts.takeAt(0):
            if old := item.widget():
                old.setParent(None)
                old.deleteLater()
        for number, act in enumerate(acts):
            button = Button(act.text, name=f"job{self.job.number}Act{number}", kind="quiet")
            button.clicked.connect(act.call)
            self._acts.addWidget(button)


class JobPanel(QFrame):
    """Every job, newest first; opens upward over the tray."""

    stop_asked = Signal(object)

    def __init__(self, runner: JobRunner) -> None:
        """Start closed."""
        super().__init__()
        self.setObjectName("JobPanel")
        self.setAccessibleName(self.tr("Jobs"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._runner = runner
        self._lines: dict[int, JobLine] = {}
        self._rows = vbox(gap=0, margins=(Space.L, 0, Space.S, Space.S))
        self._empty = label(self.tr("Nothing runs, and nothing ran since the program was started."), "muted")
        clear = Button(self.tr("Clear what has ended"), name="clearJobs", kind="quiet")
        clear.clicked.connect(runner.forget_ended)
        head = hbox(label(self.tr("Jobs"), "section"), None, clear, margins=(Space.L, Space.S, Space.S, Space.XS))
        content = plain(vbox(self._rows, self._empty, None, gap=0))
        self._empty.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        self.setLayout(vbox(head, line(), (scrolled(content, name="jobScroll"), 1), gap=0))
        runner.listed.connect(self._list)
        runner.changed.connect(self.show_job)
        runner.ended.connect(self.show_job)
        self._list()
        self.hide()

    def sizeHint(self) -> QSize:
        """As high as its rows, up to six of them."""
        rows = max(1, min(len(self._lines), _PANEL_ROWS))
        return QSize(super().sizeHint().width(), (Row.NORMAL + Space.S) * rows + Space.S + _PANEL_HEAD_PX)

    def show_job(self, job: Job) -> None:
        """Follow one job."""
        if job.number in self._lines:
            self._lines[job.number].show_job()

    def _list(self) -> None:
        jobs = self._runner.jobs
        for number in set(self._lines) - {job.number for job in jobs}:
            gone = self._lines.pop(number)
            self._rows.removeWidget(gone)
            gone.deleteLater()
        for job in reversed(jobs):
            if job.number not in self._lines:
                made = JobLine(job, wide=True)
                made.stop_asked.connect(self.stop_asked)
                self._lines[job.number] = made
                self._rows.insertWidget(0, made)
            else:
                self._lines[job.number].show_job()
        self._empty.setVisible(not jobs)
        self.updateGeometry()


class JobTray(QFrame):
    """The line at the foot: at most two running jobs, then how many wait and how many ended how."""

    def __init__(self, runner: JobRunner, panel: JobPanel) -> None:
        """Follow ``runner``; the button and F8 open ``panel``."""
        super().__init__()
        self.setObjectName("JobTray")
        self.setAccessibleName(self.tr("Jobs"))
        self.setMinimumHeight(Size.JOB_TRAY)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._runner, self._panel = runner, panel
        self._lines: dict[int, JobLine] = {}
        self._said: dict[int, int] = {}
        self._running = hbox(gap=Space.S)
        self._waiting_mark = IconLabel("pending", "text2")
        self._waiting = label(role="small", name="waitingJobs")
        self._ended_mark = IconLabel("check", "text2")
        self._ended = label(role="small", name="endedJobs")
        self.toggle = IconButton("chevron-up", self.tr("Open the job tray"), name="openTray", shortcut="F8")
        self.toggle.clicked.connect(self.toggle_panel)
        self.setLayout(
            hbox(
                label(self.tr("Jobs"), "overline"), Space.XS, self._running, self._waiting_mark, self._waiting, None,
                self._ended_mark, self._ended, self.toggle, margins=(Space.L, 1, Space.S, 0),
            )
        )  # fmt: skip
        panel.stop_asked.connect(self.ask_to_stop)
        runner.listed.connect(self._list)
        runner.changed.connect(self._on_changed)
        runner.ended.connect(self._on_ended)
        self._list()

    def toggle_panel(self) -> None:
        """Open or close the list."""
        shown = self._panel.isHidden()
        self._panel.setVisible(shown)
        self.toggle.set_icon("chevron-down" if shown else "chevron-up")
        self.toggle.set_tip(self.tr("Close the job tray") if shown else self.tr("Open the job tray"))
        if shown:
            self._panel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def ask_to_stop(self, job: Job) -> None:
        """Ask before a job is stopped: says what is kept."""
        sentences = tuple(part for part in (progress_text(job), job.card.if_stopped) if part)
        sheet = ConfirmSheet(
            self,
            title=self.tr("Stop “{title}”?").format(title=job.card.title),
            sentences=sentences or (self.tr("What was done so far is not kept."),),
            act=self.tr("Stop it"),
            keep=self.tr("Let it run"),
            name="stopJob",
        )
        sheet.accepted.connect(job.cancel)
        sheet.open()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show one line only where two have no room."""
        super().resizeEvent(event)
        self._list()

    def _list(self) -> None:
        jobs = self._runner.active
        running = [job for job in jobs if job.state is not State.WAITING]
        shown = running[: 2 if self.width() >= _TWO_LINES_PX else 1]
        for number in set(self._lines) - {job.number for job in shown}:
            gone = self._lines.pop(number)
            self._running.removeWidget(gone)
            gone.deleteLater()
        for job in shown:
            if job.number not in self._lines:
                made = JobLine(job, wide=False)
                made.stop_asked.connect(self.ask_to_stop)
                self._lines[job.number] = made
                self._running.addWidget(made)
        self._count(len(jobs) - len(shown))

    def _count(self, waiting: int) -> None:
        more = [job for job in self._runner.active if job.number not in self._lines]
        only_waiting = all(job.state is State.WAITING for job in more)
        words = self.tr("{n} waiting") if only_waiting else self.tr("{n} more")
        self._waiting.setText(text.plural(waiting, words, words))
        self._waiting.setVisible(waiting > 0)
        self._waiting_mark.setVisible(waiting > 0)
        by_state = [job.state for job in self._runner.jobs if not job.active]
        bad = by_state.count(State.FAILED)
        open_ = by_state.count(State.INTERRUPTED)
        warned = by_state.count(State.WARNED)
        tone, sentence = Tone.DONE, text.plural(len(by_state), self.tr("1 finished"), self.tr("{n} finished"))
        if bad:
            tone, sentence = Tone.BAD, text.plural(bad, self.tr("1 failed"), self.tr("{n} failed"))
        elif open_:
            tone, sentence = Tone.WARN, text.plural(open_, self.tr("1 interrupted"), self.tr("{n} interrupted"))
        elif warned:
            one, many = self.tr("1 finished with a warning"), self.tr("{n} finished with a warning")
            tone, sentence = Tone.WARN, text.plural(warned, one, many)
        elif not by_state:
            sentence = "" if self._runner.active else self.tr("Nothing runs")
        self._ended.setText(sentence)
        set_tone(self._ended, _COLOURS.get(tone, ""))
        self._ended_mark.set_icon(icon_of(tone), _COLOURS.get(tone, "text2"))
        self._ended_mark.setVisible(bool(by_state))

    def _on_changed(self, job: Job) -> None:
        if job.number in self._lines:
            self._lines[job.number].show_job()
        tenth = int((job.pace.share or 0) * 10)
        if tenth > self._said.get(job.number, 0):
            self._said[job.number] = tenth
            announce(self, f"{job.card.title}: {tenth * 10} %")

    def _on_ended(self, job: Job) -> None:
        self._said.pop(job.number, None)
        sentence = f"{job.card.title}: {job.state.value}. {job.message}"
        announce(self, sentence.strip(), urgent=job.state in (State.FAILED, State.WARNED))
