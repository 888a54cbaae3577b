"""Writes a report as one HTML file: no script, nothing from outside, a policy that would forbid both."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from typing import BinaryIO, TypeVar

from forensics_app.model.dossier import Dossier
from forensics_app.reports.fonts import Face
from forensics_app.reports.lines import Piece, Style
from forensics_app.reports.pdf import tell
from forensics_app.reports.telling import shown
from forensics_app.reports.unsigned import identity_words, unsigned_words
from forensics_app.reports.wording import words_of
from forensics_app.reports.words import as_told, speaking

Cell = TypeVar("Cell")

_STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 "Noto Sans","DejaVu Sans",Arial,sans-serif;color:#111;background:#fff;max-width:62rem;margin:0 auto;padding:4.5rem 1.5rem 3rem}
.unsigned{position:fixed;top:0;left:0;right:0;background:#111;color:#fff;padding:.45rem 1.5rem;font-weight:700;font-size:13px}
h1{font-size:1.45rem;margin:2.6rem 0 .6rem;border-top:1.5px solid #111;padding-top:.5rem}
h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
h1,h2,p,td,th,dd{overflow-wrap:anywhere}
p{margin:.35rem 0}
.t{font-size:1.7rem;font-weight:700;line-height:1.3}.b{font-weight:700}.i{font-style:italic}.q{color:#555}
.m{font-family:"Noto Sans Mono","DejaVu Sans Mono",monospace;font-size:.88em}.s{text-decoration:line-through}.k{white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:.7rem 0;font-size:.88em}
caption{text-align:left;font-weight:700;padding:.2rem 0}
th{text-align:left;background:#eee;border-top:1px solid #111;border-bottom:1px solid #888;padding:.2rem .5rem;vertical-align:top}
td{border-bottom:1px solid #ccc;padding:.2rem .5rem;vertical-align:top}
.n{text-align:right;white-space:nowrap}
.p th{width:13rem;background:none;border:0;border-bottom:1px solid #ccc;font-weight:400;color:#555}
img{max-width:100%;border:1px solid #999}
@media print{body{padding-top:3rem}}
"""  # noqa: E501
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def write_html(dossier: Dossier, target: BinaryIO) -> None:
    """Write the report as a file that any browser shows without a network.

    Args:
        dossier: What the report says; equal dossiers give equal bytes.
        target: An open binary file; rows of long lists are written as they come.

    Raises:
        OSError: It cannot be written.
    """
    style = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = _POLICY.format(style=style)
    head = dossier.head
    language = escape(dossier.stationery.language)
    with speaking(words_of(dossier.stationery)):
        title = _text(" ".join(f"{as_told(head.title)}, {as_told(head.number)}".split()))
        words = f"{unsigned_words()} {identity_words(dossier)}"
    _put(
        target,
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n'
        f'<body>\n<div class="unsigned">{_text(words)}</div>\n',
    )
    tell(dossier, _HtmlTeller(target))
    _put(target, "</body>\n</html>\n")


class _HtmlTeller:
    """Writes each thing as it is told."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._columns = 0
        self._figures: Sequence[bool] = ()

    def heading(self, number: str, title: str, level: int) -> None:
        self._put(f'<h{level} id="part-{escape(number)}">{escape(number)} {_text(title)}</h{level}>\n')

    def paragraph(self, lines: Sequence[Piece]) -> None:
        self._put(f"<p>{_pieces(lines)}</p>\n")

    def properties(self, rows: Sequence[tuple[Piece, Sequence[Piece]]]) -> None:
        self._put('<table class="p">\n')
        for label, values in rows:
            self._put(f'<tr><th scope="row">{_pieces((label,))}</th><td>{_pieces(values)}</td></tr>\n')
        self._put("</table>\n")

    def picture(self, jpeg: bytes, pixels: tuple[int, int], size_pt: tuple[float, ...], words: str) -> None:
        del size_pt
        source = b64encode(jpeg).decode()
        alt = escape(" ".join(shown(Piece(words, _PLAIN))))
        self._put(
            f'<p><img alt="{alt}" width="{min(pixels[0], 480)}" src="data:image/jpeg;base64,{source}"></p>\n',
        )

    def table(self, name: str, titles: Sequence[str], figures: Sequence[bool], widths_pt: Sequence[float]) -> None:
        del widths_pt
        self._columns, self._figures = len(titles), figures
        heads = "".join(f'<th scope="col"{_figure(one)}>{_text(title)}</th>' for title, one in self._with(titles))
        self._put(f"<table>\n<caption>{_text(name)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n")

    def row(self, cells: Sequence[Sequence[Piece]], above: Sequence[Piece], below: Sequence[Piece]) -> None:
        first, *others = [f"<td{_figure(one)}" + "{}>" + f"{_pieces(cell)}</td>" for cell, one in self._with(cells)]
        bands = ["".join(one.replace("{}", "", 1) for one in others)]
        if above:
            bands.insert(0, self._span(above))
        if below:
            bands.append(self._span(below))
        bands[0] = first.replace("{}", f' rowspan="{len(bands)}"' if len(bands) > 1 else "", 1) + bands[0]
        self._put("".join(f"<tr>{band}</tr>\n" for band in bands))

    def end_table(self, last: str | None) -> None:
        end = "" if last is None else f'<p class="i q">{_text(last)}</p>\n'
        self._put(f"</tbody>\n</table>\n{end}")

    def _with(self, cells: Sequence[Cell]) -> zip[tuple[Cell, bool]]:
        return zip(cells, self._figures, strict=True)

    def _span(self, some: Sequence[Piece]) -> str:
        return f'<td colspan="{self._columns - 1}">{_pieces(some)}</td>'

    def _put(self, text: str) -> None:
        _put(self._target, text)


def _put(target: BinaryIO, text: str) -> None:
    target.write(text.encode())


def _figure(is_figure: bool) -> str:
    return ' class="n"' if is_figure else ""


def _text(text: str) -> str:
    """Text for markup: nothing in it is markup, and what paper prints by its code point is so written."""
    return "<br>".join(escape(line) for line in shown(Piece(text, _PLAIN)))


def _pieces(some: Sequence[Piece]) -> str:
    return "<br>".join(_piece(one) for one in some)


def _piece(piece: Piece) -> str:
    words = "<br>".join(escape(line) for line in shown(piece))
    names = _classes(piece.style) + ("s" if piece.struck else "")
    return f'<span class="{" ".join(names)}">{words}</span>' if names else words


def _classes(style: Style) -> str:
    names = {Face.BOLD: "b", Face.ITALIC: "i", Face.MONO: "m"}.get(style.face, "")
    if style.size_pt >= _TITLE_PT:
        names = "t"
    return names + ("q" if style.grey else "") + ("k" if style.keeps_spaces else "")


_TITLE_PT = 17.0
_PLAIN = Style(Face.REGULAR, 9.0, 13.0)
