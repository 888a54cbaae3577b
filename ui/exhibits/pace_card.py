"""How far, how fast, how long still: the numbers of a job that is watched, with its steps and its rate over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import text
from ui.pace import Pace
from ui.theme import Space
from ui.tones import Tone, icon_of
from ui.widgets.charts import ProgressBar, RateChart
from ui.widgets.labels import IconLabel, label, set_tone
from ui.widgets.layout import card, hbox, plain, vbox
from ui.widgets.wrap_layout import WrapLayout

_MEGA = 1_000_000


class PaceCard(QWidget):
    """Shows a :class:`Pace` in bytes; ``steps`` are the words of what is done one after the other."""

    def __init__(self, steps: Sequence[str], zone: ZoneInfo, *, more: Sequence[str] = ()) -> None:
        """Start at nothing; ``more`` are titles of further numbers, to be told by :meth:`say_more`."""
        super().__init__()
        self._zone = zone
        self._marks = [IconLabel("pending", "text3") for _ in steps]
        self._steps = [label(words, "small") for words in steps]
        self._percent = label(role="figure", name="workPercent")
        self._amount = label(role="muted", wrap=True, name="workAmount")
        self._bar = ProgressBar(name="workBar")
        self._rate, self._left, self._taken = _Stat(_tr("Rate")), _Stat(_tr("Time left")), _Stat(_tr("Time taken"))
        self._more = {title: _Stat(title) for title in more}
        self._chart_words = label(role="label")
        self._chart = RateChart(unit="MB/s", name="workRates")
        self._lay_out()

    def show_steps(self, reached: int, *, active: bool) -> None:
        """Mark the steps before ``reached`` as done, and that one as in work while ``active``."""
        for at, (mark, words) in enumerate(zip(self._marks, self._steps, strict=True)):
            tone = Tone.OK if at < reached else Tone.RUN if at == reached and active else Tone.NONE
            colour = {Tone.OK: "ok", Tone.RUN: "accent"}.get(tone, "text3")
            mark.set_icon(icon_of(tone), colour)
            set_tone(words, "accent" if tone is Tone.RUN else "")

    def show_pace(self, pace: Pace, began_at: datetime, *, total_bytes: int, amount: str, active: bool) -> None:
        """Tell the numbers; ``amount`` says what of with ``{done}`` and ``{total}``."""
        share = pace.share or 0.0
        self._percent.setText(f"{share * 100:.1f} %")
        done = text.size_text(pace.done_units)
        self._amount.setText(amount.format(done=done, total=text.size_text(total_bytes)))
        self._bar.set_share(share, _tr("of the media read"))
        rate, mean, left = pace.rate, pace.mean_rate, pace.left_s
        dash = _tr("not known yet")
        mean_words = _tr("mean {rate}").format(rate=text.rate_text(mean, "bytes")) if mean else ""
        self._rate.say(text.rate_text(rate, "bytes") if rate is not None else dash, mean_words)
        if not active:
            self._left.say(_tr("none"), "")
        elif left is None:
            self._left.say(dash, _tr("after 10 s of data"))
        else:
            ends = text.time_text(datetime.now(self._zone) + timedelta(seconds=left), to_minute=True)
            clock, offset = ends.split(" ")[1:]
            self._left.say(text.duration_text(left), _tr("ends about {at}").format(at=f"{clock} {offset}"))
        began = text.time_text(began_at, self._zone)
        self._taken.say(text.duration_text(pace.elapsed_s), _tr("began {time}").format(time=began))
        rates = [value / _MEGA for value in pace.rates()]
        self._chart.set_values(rates)
        self._chart_part.setVisible(len(rates) > 1)
        now = _tr("now {rate}").format(rate=text.rate_text(rate, "bytes")) if rate is not None else dash
        self._chart_words.setText(_tr("Rate over the last 8 minutes, MB/s: {now}").format(now=now))

    def say_more(self, title: str, value: str, below: str = "") -> None:
        """Tell one of the further numbers."""
        self._more[title].say(value, below)

    def _lay_out(self) -> None:
        steps = WrapLayout(gap=Space.M)
        for mark, words in zip(self._marks, self._steps, strict=True):
            steps.addWidget(plain(hbox(mark, words, gap=Space.XS)))
        self._amount.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        figures = hbox(self._percent, (self._amount, 1))
        stats = hbox(gap=Space.L)
        for stat in (self._rate, self._left, self._taken, *self._more.values()):
            stats.addWidget(stat, 1)
        inner = vbox(steps, figures, self._bar, stats, gap=Space.S + 2, margins=(Space.L, Space.M, Space.L, Space.M))
        self._chart_part = plain(vbox(self._chart_words, self._chart, gap=Space.XS))
        self.setLayout(vbox(card(inner), self._chart_part, gap=Space.M))


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


def _tr(words: str) -> str:
    return QCoreApplication.translate("Pace", words)
