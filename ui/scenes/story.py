"""What was said to a question: the answer that stands, and the earlier ones struck through, each with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QWidget

from forensics_app.model.person import PersonId
from forensics_app.model.scene import Answer, SceneAnswer, doubt
from ui import text
from ui.scenes.reading import Question
from ui.scenes.words import answer_words
from ui.theme import Space
from ui.widgets.labels import label
from ui.widgets.layout import card, plain, vbox


def story(question: Question, names: Mapping[PersonId, str], zone: tzinfo) -> QWidget | None:
    """A card with every answer, the newest first; None where nobody answered in words."""
    if not question.given:
        return None
    recorded = bool(question.photos or question.captures)
    parts = [
        _told(question, one, names, zone, struck=recorded or bool(at)) for at, one in enumerate(question.given[::-1])
    ]
    made = card(vbox(*parts, gap=Space.S, margins=(Space.M, Space.S, Space.M, Space.S)))
    made.setObjectName("answerStory")
    return made


def _told(
    question: Question, given: SceneAnswer, names: Mapping[PersonId, str], zone: tzinfo, *, struck: bool
) -> QWidget:
    said = label(answer_words(question.step, given.value), "muted" if struck else "strong", wrap=True, select=True)
    who, when = names.get(given.person_id, _tr("somebody of another lab")), _when(given, zone)
    under = label(_tr("by {name}, {when}").format(name=who, when=when), "caption", wrap=True)
    reasons = [label(given.reason, "small", wrap=True, select=True)] if given.reason else []
    lines: list[QWidget] = [*reasons, under]
    if doubtful := doubt(question.step, Answer(value=given.value)):
        words = _tr("Doubtful, recorded as it reads: {doubt}").format(doubt=doubtful)
        lines.append(label(words, "small", wrap=True, tone="warn"))
    state = _tr("Answered before, no longer stands") if struck else ""
    if struck:
        for part in (said, *reasons):
            _strike(part)
        lines.append(label(state, "caption", wrap=True))
    row = plain(vbox(said, *lines, gap=Space.XXS))
    row.setObjectName("earlierAnswer" if struck else "standingAnswer")
    row.setAccessibleName(", ".join(part for part in (state, said.text(), given.reason, who, when) if part))
    return row


def _when(given: SceneAnswer, zone: tzinfo) -> str:
    told = text.time_text(given.given_at)
    recorded = given.recorded_at.astimezone(given.given_at.tzinfo)
    if _minute(recorded) == _minute(given.given_at):
        return told
    return _tr("{told}, recorded {recorded}").format(told=told, recorded=text.time_text(given.recorded_at, zone))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _strike(part: QLabel) -> None:
    font = part.font()
    font.setStrikeOut(True)
    part.setFont(font)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Scenes", words)
