"""Labels with QR codes on sheets or on single labels, to be printed at their true size (REQ-10)."""

from __future__ import annotations

from typing import BinaryIO, Final, NamedTuple

from reportlab.graphics.barcode.qr import QrCodeWidget

from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.label import Label, LabelSheet
from forensics_app.reports.fonts import Face
from forensics_app.reports.lines import Style, clip, wrap
from forensics_app.reports.pen import Pen
from forensics_app.reports.values import described
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import say, speaking, spoken

_POINTS_PER_UNIT: Final = 72 / 254
"""Points in a tenth of a millimetre."""
_QUIET_MODULES: Final = 4
_PADDING_PT: Final = 5.0
_CODE_SHARE: Final = 0.42
_MOST_LEADING_PT: Final = 11.0
_LINES: Final = 9.5
"""Lines of the text, the head counted as one and a half."""
_LEGIBLE_PT: Final = 4.0


class _Box(NamedTuple):
    """Where a label lies: its left edge, its top, its size, in points."""

    left_pt: float
    top_pt: float
    width_pt: float
    height_pt: float


def render_labels(
    labels: tuple[Label, ...], sheet: LabelSheet, start: int, target: BinaryIO, stationery: Stationery
) -> None:
    """Write labels as a PDF; equal labels give equal bytes.

    Args:
        labels: In the order of printing.
        sheet: How they lie on the paper.
        start: Which label of the first sheet is the first, from 1.
        target: An open binary file.
        stationery: The language of their words, with the laboratory's own.
    """
    with speaking(words_of(stationery)):
        _render_spoken(labels, sheet, start, target)


def _render_spoken(labels: tuple[Label, ...], sheet: LabelSheet, start: int, target: BinaryIO) -> None:
    size = (sheet.page_width * _POINTS_PER_UNIT, sheet.page_height * _POINTS_PER_UNIT)
    pen = Pen(
        target,
        title=say("Exhibit labels, case {case}", case=labels[0].case),
        author=labels[0].laboratory,
        subject=", ".join(label.exhibit for label in labels),
        made_at=max(label.at for label in labels),
        size_pt=size,
        language=spoken().language,
    )
    for position, label in enumerate(labels, start - 1):
        if position % sheet.count == 0 and position >= start:
            pen.end_page()
        _draw(pen, label, _box(sheet, position % sheet.count))
    pen.end_page()
    pen.finish()


def _box(sheet: LabelSheet, place: int) -> _Box:
    row, column = divmod(place, sheet.columns)
    top = sheet.page_height - sheet.top - row * sheet.pitch_down
    left = sheet.left + column * sheet.pitch_right
    edges = (left, top, sheet.width, sheet.height)
    return _Box(*(edge * _POINTS_PER_UNIT for edge in edges))


def _draw(pen: Pen, label: Label, box: _Box) -> None:
    side = min(box.height_pt - 2 * _PADDING_PT - 8.0, box.width_pt * _CODE_SHARE)
    left = box.left_pt + _PADDING_PT
    _draw_code(pen, label.told.text, left, box.top_pt - _PADDING_PT, side)
    below = Style(Face.REGULAR, 5.0, 6.0)
    pen.text(left, box.top_pt - _PADDING_PT - side - 5.5, clip(label.laboratory, below, side), below)
    _draw_text(pen, label, left + side + 3.0, box)


def _draw_code(pen: Pen, text: str, left_pt: float, top_pt: float, side_pt: float) -> None:
    """The QR code with its quiet zone in a square; dark modules that touch in a row are one rectangle."""
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    modules: int = code.getModuleCount()
    step = side_pt / (modules + 2 * _QUIET_MODULES)
    for row in range(modules):
        bottom = top_pt - (row + _QUIET_MODULES + 1) * step
        column = 0
        while column < modules:
            end = column
            while end < modules and code.isDark(row, end):
                end += 1
            if end > column:
                left = left_pt + (column + _QUIET_MODULES) * step
                pen.ground(left, bottom, (end - column) * step, step, grey=0.0)
            column = end + 1


def _draw_text(pen: Pen, label: Label, left_pt: float, box: _Box) -> None:
    width = box.left_pt + box.width_pt - _PADDING_PT - left_pt
    leading = min((box.height_pt - 2 * _PADDING_PT) / _LINES, _MOST_LEADING_PT)
    size = max(leading * 0.82, _LEGIBLE_PT)
    head, plain = Style(Face.BOLD, size * 1.4, leading * 1.5), Style(Face.REGULAR, size, leading)
    strong, mono = Style(Face.BOLD, size, leading), Style(Face.MONO, size * 0.86, leading)
    whole = wrap(described(label.description), plain, width)
    what = [whole[0], clip(f"{whole[1]} …", plain, width)] if len(whole) > 2 else whole
    case = say("Case {number}", number=label.case)
    seal = say("Seal {number}", number=label.seal) if label.seal else say("No seal recorded")
    lines = [
        (label.exhibit, _whole(label.exhibit, head, width)),
        (case, _whole(case, strong, width)),
        *((line, plain) for line in what),
        (seal, _whole(seal, strong, width)),
        (label.place or say("Place not recorded"), plain),
        (_moment(label), plain),
        (label.officer, plain),
        (_digits(label.told.digest), mono),
    ]
    y = box.top_pt - _PADDING_PT
    for words, style in lines:
        pen.text(left_pt, y - style.size_pt, clip(words, style, width), style)
        y -= style.leading_pt


def _whole(words: str, style: Style, width_pt: float) -> Style:
    """A style in which a number is not cut off, smaller where it has to be, down to what can still be read."""
    size = max(_LEGIBLE_PT, style.size_pt * min(1.0, width_pt / style.width_pt(words)))
    return Style(style.face, min(size, style.size_pt), style.leading_pt)


def _moment(label: Label) -> str:
    told = label.at.isoformat(" ", "minutes")
    return f"{told[:16]} {told[16:]}"


def _digits(digest: bytes) -> str:
    digits = digest.hex()
    return f"{digits[:8]} {digits[8:]}"
