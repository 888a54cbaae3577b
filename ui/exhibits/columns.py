"""The columns of the list of exhibits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.exhibit import ExhibitType
from ui import text
from ui.exhibits.reading import ExhibitLine
from ui.exhibits.words import (
    GONE,
    NEVER_IMAGED,
    icon_of_type,
    integrity_mark,
    serial_words,
    state_and_delay,
    type_words,
    where_words,
)
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

_WORST_FIRST = (Tone.BAD, Tone.LOCK, Tone.WARN, Tone.DONE, Tone.OK)


def exhibit_columns(
    zone: Callable[[], tzinfo], share_taken_in: Callable[[ExhibitLine], float | None]
) -> tuple[Column[ExhibitLine], ...]:
    """The list; ``share_taken_in`` tells how far the running intake of an exhibit is (0 to 1), None without one."""
    return (
        Column(key="number", title=_tr("No."), cell=_number, width_px=104, sort_key=_order),
        Column(key="exhibit", title=_tr("Exhibit"), cell=_what, width_px=196, stretch=True),
        Column(key="state", title=_tr("State"), cell=_state, width_px=150),
        Column(
            key="holder",
            title=_tr("Held by, place"),
            cell=lambda line: Cell(_holder(line), Kind.TWO, where_words(line.exhibit)),
            width_px=124,
        ),
        Column(
            key="since",
            title=_tr("Since"),
            cell=lambda line: Cell(text.time_text(line.exhibit.state_since, zone(), to_minute=True), Kind.TIME),
            width_px=172,
            narrow_px=104,
            sort_key=lambda line: line.exhibit.state_since,
        ),
        Column(key="image", title=_tr("Image"), cell=lambda line: image_cell(line, share_taken_in(line)), width_px=116),
        Column(key="type", title=_tr("Type"), cell=lambda line: Cell(type_words(line.exhibit.type)), hidden=True),
        Column(key="seal", title=_tr("Seal"), cell=lambda line: Cell(line.exhibit.seal_number), hidden=True),
    )


def image_cell(line: ExhibitLine, share: float | None) -> Cell:
    """What is known of the images of an exhibit; the worst one speaks."""
    if share is not None:
        return Cell(_tr("Taking in {n} %").format(n=f"{share * 100:.0f}"), Kind.MARK, tone=Tone.RUN)
    marks = [integrity_mark(read.image, read_back=read.read_back) for read in line.images]
    if marks:
        tone, words = min(marks, key=lambda mark: _WORST_FIRST.index(mark[0]))
        return Cell(words, Kind.MARK, tone=tone)
    exhibit = line.exhibit
    done_with = exhibit.type in NEVER_IMAGED or exhibit.state in GONE
    return Cell(_tr("Not imaged") if done_with else _tr("No image yet"), Kind.MARK, tone=Tone.NONE)


def _order(line: ExhibitLine) -> tuple[tuple[int, str], ...]:
    number, parts, digits = line.exhibit.number, [], ""
    for sign in [*number, ""]:
        if sign.isdecimal():
            digits += sign
            continue
        if digits:
            parts.append((int(digits), ""))
        digits = ""
        parts.append((-1, sign))
    return tuple(parts)


def _number(line: ExhibitLine) -> Cell:
    return Cell(line.exhibit.number, Kind.STRONG)


def _what(line: ExhibitLine) -> Cell:
    exhibit = line.exhibit
    second = serial_words(exhibit)
    if exhibit.type is ExhibitType.IMAGE and line.images:
        second = text.bytes_text(line.images[0].image.source.media_bytes)
    return Cell(exhibit.description, Kind.TWO, second, icon_of_type(exhibit.type))


def _state(line: ExhibitLine) -> Cell:
    tone, words, late = state_and_delay(line.exhibit, datetime.now(UTC))
    return Cell(words, Kind.BADGE, second=late, tone=tone)


def _holder(line: ExhibitLine) -> str:
    return line.exhibit.holder or _tr("Nobody recorded")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Exhibits", words)
