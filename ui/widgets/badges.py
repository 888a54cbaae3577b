"""Badges: an outline and a word, never colour alone; and the integrity badge with its three answers."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import icons, theme
from ui.theme import MEDIUM, Size, Space, Type, ui_font
from ui.tones import Tone, colours_of, icon_of, worst
from ui.widgets.buttons import RowButton
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, vbox

_PAD, _GAP = 6, 4


def badge_width(text: str, *, bare: bool = False) -> int:
    """How wide a badge with ``text`` is drawn, in device-independent pixels."""
    words = QFontMetrics(ui_font(Type.SMALL, MEDIUM)).horizontalAdvance(text)
    return words + Size.ICON_SMALL + _GAP + (2 if bare else 2 * _PAD + 2)


def paint_badge(
    painter: QPainter, left: float, middle: float, tone: Tone, text: str, *, room: int = 9999, bare: bool = False
) -> int:
    """Draw a badge 20 px high around ``middle``; a ``bare`` one has no ground. Returns its width."""
    word, soft = colours_of(tone, theme.current())
    font = ui_font(Type.SMALL, MEDIUM)
    width = min(badge_width(text, bare=bare), room)
    box = QRectF(left, middle - Size.BADGE / 2, width, Size.BADGE)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pad = 0 if bare else _PAD
    if not bare:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(soft))
        painter.drawRoundedRect(box, Size.RADIUS, Size.RADIUS)
    at = QPointF(left + pad, middle - Size.ICON_SMALL / 2)
    painter.drawPixmap(at, icons.pixmap(icon_of(tone), word, Size.ICON_SMALL, painter.device().devicePixelRatioF()))
    painter.setFont(font)
    painter.setPen(QColor(word))
    words = box.adjusted(pad + Size.ICON_SMALL + _GAP, 0, 0 if bare else 2 - _PAD, 0)
    fitting = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(words.width()) + 1)
    painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), fitting)
    painter.restore()
    return width


class Badge(QWidget):
    """A state in a head or a form. Its accessible name is its word."""

    def __init__(self, tone: Tone, text: str, *, bare: bool = False, name: str = "") -> None:
        """Show ``text`` with the outline of ``tone``; a ``bare`` badge has no ground."""
        super().__init__()
        self.setObjectName(name)
        self._bare, self._short = bare, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_state(tone, text)

    @property
    def tone(self) -> Tone:
        """What the badge says by its outline."""
        return self._tone

    @property
    def text(self) -> str:
        """The word on it."""
        return self._text

    def show_state(self, tone: Tone, text: str) -> None:
        """Say something else."""
        self._tone, self._text = tone, text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Draw the outline alone; the word stays the accessible name."""
        self._short = short
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for the word, 20 px high."""
        if self._short:
            return QSize(Size.ICON_SMALL + (0 if self._bare else 2 * _PAD), Size.BADGE)
        return QSize(badge_width(self._text, bare=self._bare) + 1, Size.BADGE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the badge."""
        words = "" if self._short else self._text
        paint_badge(QPainter(self), 0, self.height() / 2, self._tone, words, bare=self._bare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """The three answers about a chain, and the sentence under them: when, and by whom."""

    intact: tuple[Tone, str]
    signed: tuple[Tone, str]
    trusted: tuple[Tone, str]
    caption: str

    @property
    def answers(self) -> tuple[tuple[Tone, str], ...]:
        """The answers in the order they are read."""
        return self.intact, self.signed, self.trusted


class IntegrityBadge(RowButton):
    """Intact, signed, trusted: each with its own mark. A press asks for the first failing entry or the check."""

    def __init__(self, shown: Integrity) -> None:
        """Show a first verdict."""
        super().__init__(name="integrityBadge", ground="sunken", edge="border")
        self._shield = IconLabel("shield", "text2", Size.ICON_TWO_LINE)
        self._marks = [Badge(tone, word, bare=True) for tone, word in shown.answers]
        self._caption = label(role="caption")
        marks = hbox(*self._marks, None, gap=Space.M)
        self._marks_row = marks
        words = vbox(None, marks, self._caption, None, gap=0)
        self.setLayout(hbox(self._shield, words, gap=Space.S + 2, margins=(10, 2, 12, 3)))
        self.adopt()
        self.show_integrity(shown)

    def show_integrity(self, shown: Integrity) -> None:
        """Take over a new verdict; the shield takes the worst of the three."""
        for mark, (tone, word) in zip(self._marks, shown.answers, strict=True):
            mark.show_state(tone, word)
        self._caption.setText(shown.caption)
        tone = worst(tuple(tone for tone, _ in shown.answers))
        self._shield.set_icon("shield", {Tone.OK: "ok", Tone.BAD: "bad", Tone.NONE: "text2"}.get(tone, "warn"))
        words = ", ".join(word for _, word in shown.answers)
        self.setAccessibleName(self.tr("Integrity: {answers}. {caption}").format(answers=words, caption=shown.caption))
        act = self.tr("Open the first failing entry, or the last check")
        self.setToolTip(f"{words}\n{shown.caption}\n{act}")
        self.updateGeometry()

    def set_short(self, short: bool) -> None:
        """Show the three marks without their words and the sentence, which the tooltip then tells."""
        for mark in self._marks:
            mark.set_short(short)
        self._caption.setVisible(not short)
        self._marks_row.setSpacing(Space.S if short else Space.M)
        self.updateGeometry()
