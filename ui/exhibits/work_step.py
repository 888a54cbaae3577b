"""The step of an intake in which the image is read: how far, how fast, how long still."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import text
from ui.exhibits.intake_run import IntakeRun, Phase
from ui.exhibits.parts import section
from ui.exhibits.source_card import refusal_words
from ui.theme import Space
from ui.tones import Tone, icon_of
from ui.widgets.charts import ProgressBar, RateChart
from ui.widgets.labels import CutLabel, IconLabel, label, set_tone
from ui.widgets.layout import card, hbox, plain, vbox
from ui.widgets.notes import Fact, note
from ui.widgets.wizard import WizardStep
from ui.widgets.wrap_layout import WrapLayout

_MEGA = 1_000_000
_ORDER = (Phase.REGISTERING, Phase.READING, Phase.DONE)


class WorkStep(WizardStep):
    """Follows an :class:`IntakeRun`."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Wait for a run."""
        super().__init__()
        self.title = self.tr("Acquire and hash")
        self._zone = zone
        self._run: IntakeRun | None = None
        self._from = vbox(gap=0)
        self._said = note(Tone.RUN, "", name="workSaid")
        self._said.hide()
        self._marks = [IconLabel("pending", "text3") for _ in _ORDER]
        self._phases = [label(words, "small") for words in self._phase_words()]
        self._percent = label(role="figure", name="workPercent")
        self._amount = label(role="muted", wrap=True, name="workAmount")
        self._bar = ProgressBar(name="workBar")
        self._stats = {name: _Stat(title) for name, title in self._stat_titles().items()}
        self._chart_words = label(role="label")
        self._chart = RateChart(unit="MB/s", name="workRates")
        self._lay_out()

    def follow(self, run: IntakeRun) -> None:
        """Show a run and whatever becomes of it."""
        self._run = run
        while (item := self._from.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        source, blocker = run.order.source, run.order.write_blocker
        size = f"{text.bytes_text(source.media_bytes)}, " if source else ""
        protected = blocker.device or self.tr("no write blocker: {reason}").format(reason=blocker.reason_for_none)
        path = CutLabel(str(run.order.paths[0]), mode=Qt.TextElideMode.ElideMiddle, name="workSource")
        rows: list[tuple[str, Fact]] = [
            (self.tr("From"), path),
            (self.tr("Media"), f"{size}{self.tr('opened read-only')}"),
            (self.tr("For"), run.order.number),
            (self.tr("Write block"), protected),
        ]
        self._from.addWidget(section(self.title, rows))
        run.changed.connect(self._show)
        self._show()

    def summary(self) -> str:
        """How far it is."""
        run = self._run
        if run is None:
            return self.tr("Starts with the next step")
        share = run.pace.share
        match run.phase:
            case Phase.REGISTERING:
                return self.tr("Registering the exhibit")
            case Phase.WAITING:
                return self.tr("Waiting")
            case Phase.READING:
                return self.tr("Reading, {n} %").format(n=f"{(share or 0) * 100:.0f}")
            case Phase.STOPPING:
                return self.tr("Stopping")
            case Phase.DONE:
                return self.tr("Read to the end")
            case Phase.FAILED:
                return self.tr("Not taken in")
        return self.tr("Stopped")

    def tone(self) -> Tone:
        """Done, wrong, or at work."""
        match self._run.phase if self._run else None:
            case Phase.DONE:
                return Tone.OK
            case Phase.FAILED:
                return Tone.BAD
            case Phase.STOPPED:
                return Tone.WARN
        return Tone.NONE

    def problem(self) -> str:
        """Why the result cannot be shown yet."""
        run = self._run
        if run is None or run.active:
            return self.tr("Next opens when the image is read to its end.")
        if run.phase is not Phase.DONE:
            return self.tr("Nothing was taken in. Go back, mend what is said, and take it in again.")
        return ""

    def _show(self) -> None:
        run = self._run
        if run is None:
            return
        self._show_phases(run)
        self._show_numbers(run)
        self._say(run)
        self.changed.emit()

    def _say(self, run: IntakeRun) -> None:
        match run.phase:
            case Phase.WAITING:
                self._said.say(Tone.NONE, self.tr("Waiting for a free place; other jobs run before it."))
            case Phase.FAILED if run.error:
                self._said.say(Tone.BAD, refusal_words(run.error))
            case Phase.STOPPED:
                self._said.say(
                    Tone.WARN, self.tr("Stopped. No image is recorded; the record says that the intake was stopped.")
                )
            case _ if run.left_out:
                sentence = self.tr("Photographs that could not be added: {names}")
                self._said.say(Tone.WARN, sentence.format(names="; ".join(run.left_out)))
            case _:
                self._said.hide()
                return
        self._said.show()

    def _show_phases(self, run: IntakeRun) -> None:
        reached = {Phase.REGISTERING: 0, Phase.DONE: len(_ORDER)}.get(run.phase, 1)
        if run.phase is Phase.READING and run.pace.share == 1.0:
            reached = 2
        for at, (mark, words) in enumerate(zip(self._marks, self._phases, strict=True)):
            tone = Tone.OK if at < reached else Tone.RUN if at == reached and run.active else Tone.NONE
            colour = {Tone.OK: "ok", Tone.RUN: "accent"}.get(tone, "text3")
            mark.set_icon(icon_of(tone), colour)
            set_tone(words, "accent" if tone is Tone.RUN else "")

    def _show_numbers(self, run: IntakeRun) -> None:
        pace = run.pace
        share = pace.share or 0.0
        self._percent.setText(f"{share * 100:.1f} %")
        total = run.order.source.media_bytes if run.order.source else pace.total_units
        self._amount.setText(
            self.tr("{done} of {total} of the media read").format(
                done=text.size_text(pace.done_units), total=text.size_text(total)
            )
        )
        self._bar.set_share(share, self.tr("of the media read"))
        rate, mean, left = pace.rate, pace.mean_rate, pace.left_s
        dash = self.tr("not known yet")
        mean_words = self.tr("mean {rate}").format(rate=text.rate_text(mean, "bytes")) if mean else ""
        self._stats["rate"].say(text.rate_text(rate, "bytes") if rate is not None else dash, mean_words)
        if not run.active:
            self._stats["left"].say(self.tr("none"), "")
        elif left is None:
            self._stats["left"].say(dash, self.tr("after 10 s of data"))
        else:
            ends = text.time_text(datetime.now(self._zone) + timedelta(seconds=left), to_minute=True)
            clock, offset = ends.split(" ")[1:]
            self._stats["left"].say(text.duration_text(left), self.tr("ends about {at}").format(at=f"{clock} {offset}"))
        began = text.time_text(run.began_at, self._zone)
        self._stats["elapsed"].say(text.duration_text(pace.elapsed_s), self.tr("began {time}").format(time=began))
        rates = [value / _MEGA for value in pace.rates()]
        self._chart.set_values(rates)
        self._chart_part.setVisible(len(rates) > 1)
        now = self.tr("now {rate}").format(rate=text.rate_text(rate, "bytes")) if rate is not None else dash
        self._chart_words.setText(self.tr("Rate over the last 8 minutes, MB/s: {now}").format(now=now))

    def _phase_words(self) -> tuple[str, ...]:
        return self.tr("Exhibit registered"), self.tr("Read and hash"), self.tr("Compare, write the entry")

    def _stat_titles(self) -> dict[str, str]:
        return {"rate": self.tr("Rate"), "left": self.tr("Time left"), "elapsed": self.tr("Time taken")}

    def _lay_out(self) -> None:
        phases = WrapLayout(gap=Space.M)
        for mark, words in zip(self._marks, self._phases, strict=True):
            phases.addWidget(plain(hbox(mark, words, gap=Space.XS)))
        self._amount.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        figures = hbox(self._percent, (self._amount, 1))
        stats = hbox(gap=Space.L)
        for stat in self._stats.values():
            stats.addWidget(stat, 1)
        inner = vbox(phases, figures, self._bar, stats, gap=Space.S + 2, margins=(Space.L, Space.M, Space.L, Space.M))
        self._chart_part = plain(vbox(self._chart_words, self._chart, gap=Space.XS))
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        self.setLayout(vbox(self._from, self._said, card(inner), self._chart_part, None, gap=Space.M, margins=margins))


class _Stat(QWidget):
    """A name, a value and a line under it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._value, self._below = label(role="section", wrap=True), label(role="caption", wrap=True)
        self.setLayout(vbox(label(title, "label"), self._value, self._below, None, gap=1))

    def say(self, value: str, below: str) -> None:
        self._value.setText(value)
        self._below.setText(below)
        self.setAccessibleName(f"{self._title}: {value}, {below}")
