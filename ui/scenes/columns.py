"""The columns of the scenes, of the questions of one, and of a live capture."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.scene import Capture
from ui import text
from ui.models.cells import Cell, Column, Kind
from ui.scenes.reading import Question, SceneLine
from ui.scenes.words import open_words, question_mark, scene_mark, standing_words
from ui.tones import Tone


def scene_columns(zone: tzinfo, zone_name: str) -> tuple[Column[SceneLine], ...]:
    """Scenes, with times in ``zone``."""
    return (
        Column(
            key="number", title=_tr("No."), cell=_number, width_px=56, right=True, sort_key=lambda line: line.number
        ),
        Column(
            key="subject",
            title=_tr("What it is about"),
            cell=lambda line: Cell(line.scene.subject, Kind.TWO, line.flow_title),
            width_px=160,
            stretch=True,
        ),
        Column(key="state", title=_tr("State"), cell=_state, width_px=150, narrow_px=132),
        Column(
            key="place",
            title=_tr("Place"),
            cell=lambda line: Cell(line.scene.place),
            width_px=176,
            narrow_px=120,
            wide_px=300,
        ),
        Column(
            key="led",
            title=_tr("Led by"),
            cell=lambda line: Cell(line.scene.led_by),
            width_px=120,
            narrow_px=92,
            wide_px=200,
        ),
        Column(
            key="began",
            title=_tr("Began ({zone})").format(zone=zone_name),
            cell=lambda line: Cell(text.time_text(line.scene.started_at, zone, to_minute=True), Kind.TIME),
            width_px=178,
            narrow_px=112,
            sort_key=lambda line: line.scene.started_at,
        ),
    )


def question_columns() -> tuple[Column[Question], ...]:
    """Questions in their order, with the answer that stands beside each."""
    return (
        Column(
            key="question",
            title=_tr("Question"),
            cell=lambda one: Cell(f"{one.number or '-'}  {one.step.text}"),
            width_px=180,
            stretch=True,
            sortable=False,
        ),
        Column(key="answer", title=_tr("Answer"), cell=_answer, width_px=124, sortable=False),
    )


def capture_columns(zone: tzinfo, zone_name: str) -> tuple[Column[Capture], ...]:
    """Steps of a live capture, with times in ``zone``; everything else stands under the table."""
    return (
        Column(
            key="number",
            title=_tr("Step"),
            cell=lambda one: Cell(str(one.number), Kind.NUMBER),
            width_px=56,
            right=True,
            sort_key=lambda one: one.number,
        ),
        Column(
            key="what",
            title=_tr("Captured"),
            cell=lambda one: Cell(one.told.what, Kind.TWO, f"{one.told.tool} {one.told.tool_version}"),
            width_px=120,
            stretch=True,
        ),
        Column(key="order", title=_tr("In its order"), cell=_order, width_px=128, sort_key=lambda one: one.tier),
        Column(
            key="began",
            title=_tr("Began ({zone})").format(zone=zone_name),
            cell=lambda one: Cell(text.time_text(one.told.started_at, zone), Kind.TIME),
            width_px=144,
            sort_key=lambda one: one.told.started_at,
        ),
    )


def _number(line: SceneLine) -> Cell:
    return Cell(str(line.number), Kind.NUMBER)


def _state(line: SceneLine) -> Cell:
    tone, word = scene_mark(line)
    return Cell(word, Kind.BADGE, tone=tone, second="" if line.scene.closed_at else open_words(line.open_count))


def _answer(question: Question) -> Cell:
    tone, _ = question_mark(question)
    return Cell(standing_words(question), Kind.MARK, tone=tone)


def _order(capture: Capture) -> Cell:
    if capture.out_of_order:
        return Cell(_tr("{tier}, out of order").format(tier=capture.tier), Kind.MARK, tone=Tone.WARN)
    return Cell(_tr("{tier}, in order").format(tier=capture.tier), Kind.MARK, tone=Tone.DONE)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Scenes", words)
