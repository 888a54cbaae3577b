"""Write one report with a long table in one process: ``report_once.py ours|peer files|custody|pictures ROWS``.

The peer is what one would write with reportlab: tables of 500 rows each with a repeated head, fixed widths, text that
needs no wrapping, the same strings in the same fonts. What only one of the two, or one kind, needs is
imported where it is needed, so that nobody else is timed for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import registerFont

from forensics_app.model.dossier import Citation, CustodyLog, FileList, Finding, FindingKind
from forensics_app.reports.fonts import font_file
from forensics_app.reports.pdf import render
from forensics_app.reports.values import Clock, grouped, number, short_digest, short_key
from tests.forensics_app.reports.sample import bare_dossier, head
from tests.forensics_app.reports.sample_custody import long_custody
from tests.forensics_app.reports.sample_evidence import file_list, rows

_TABLE_ROWS = 500
_WIDTHS = {"files": (38, 220, 76, 148), "custody": (34, 112, 162, 78, 96)}


def ours(kind: str, count: int) -> int:
    """Write with the program's own renderer; returns the size in bytes."""
    dossier = replace(bare_dossier(), head=head(issued=False))
    if kind == "files":
        dossier = replace(dossier, file_lists=(file_list(rows(count)),))
    elif kind == "custody":
        dossier = replace(dossier, custody=(long_custody(count),))
    else:
        dossier = replace(dossier, findings=tuple(map(_finding, range(count))))
    target = BytesIO()
    render(dossier, target)
    return target.tell()


def peer(kind: str, count: int) -> int:
    """Write with reportlab's tables; returns the size in bytes."""
    from reportlab.platypus import SimpleDocTemplate, Table, TableStyle

    for key in ("sans", "sans-bold"):
        registerFont(font_file(key))
    clock = Clock(head(issued=False))
    if kind == "pictures":
        return _peer_pictures(count)
    body = _file_rows(clock, file_list(rows(count))) if kind == "files" else _custody_rows(clock, long_custody(count))
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, 0), "report-sans-bold", 7, 9.5),
            ("FONT", (0, 1), (-1, -1), "report-sans", 7.4, 9.6),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#BFBFBF"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    titles = [f"Column {position}" for position in range(1, len(_WIDTHS[kind]) + 1)]
    flowables = []
    chunk: list[list[str]] = []
    for row in body:
        chunk.append(row)
        if len(chunk) == _TABLE_ROWS:
            flowables.append(Table([titles, *chunk], _WIDTHS[kind], repeatRows=1, style=style))
            chunk = []
    if chunk:
        flowables.append(Table([titles, *chunk], _WIDTHS[kind], repeatRows=1, style=style))
    target = BytesIO()
    SimpleDocTemplate(target, pagesize=A4).build(flowables)
    return target.tell()


def _finding(number: int) -> Finding:
    """A finding that cites a picture which no other one has."""
    return Finding(
        heading=f"Finding {number}",
        kind=FindingKind.FACT,
        text="It shows the entrance of the warehouse.",
        citations=(Citation(what=f"LH/01, image LH/01-I{number}", where="v0.p1/DCIM/IMG.jpg", digest=bytes(32)),),
        thumbnail=_jpeg(number),
    )


def _jpeg(number: int) -> bytes:
    from PIL import Image

    from forensics_app.services.report_pictures import BOX_PX

    out = BytesIO()
    noise = Random(number).randbytes(90 * 60 * 3)
    Image.frombytes("RGB", (90, 60), noise).resize((BOX_PX, BOX_PX * 2 // 3)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _peer_pictures(count: int) -> int:
    from reportlab.platypus import Image as Picture
    from reportlab.platypus import SimpleDocTemplate, Table

    words = "It shows the entrance of the warehouse.\nLH/01, image LH/01-I1\nv0.p1/DCIM/IMG.jpg"
    cells = (
        Table(
            [[f"Finding {number}\n{words}\n{grouped(bytes(32))}", Picture(BytesIO(_jpeg(number)), 92, 61)]], (380, 100)
        )
        for number in range(count)
    )
    target = BytesIO()
    SimpleDocTemplate(target, pagesize=A4).build(list(cells))
    return target.tell()


def _file_rows(clock: Clock, listed: FileList) -> Iterator[list[str]]:
    column = listed.time_columns[0]
    for position, row in enumerate(listed.rows, start=1):
        digest = grouped(row.sha256 or b"")
        where = f"{row.path}\n{row.state}, {row.address}, {row.mime}\nSHA-256 {digest}"
        time = clock.list_time(row.times_ns[0], column.basis, column.resolution_ns)
        yield [number(position), where, number(row.size_bytes or 0), time]


def _custody_rows(clock: Clock, log: CustodyLog) -> Iterator[list[str]]:
    for entry in log.entries:
        occurred = clock.moment(entry.occurred_at or entry.recorded_at, entry.occurred_zone)
        yield [
            number(entry.sequence),
            f"{occurred}\n({entry.occurred_zone})\nby {entry.clock}\nrecorded\n{clock.moment(entry.recorded_at)}",
            f"{entry.act}\nFrom: {entry.giver}\nTo: {entry.receiver}\nPurpose: {entry.purpose}\nPlace: {entry.place}\n"
            f"Authority: {entry.authority}\n" + "\n".join(entry.remarks),
            f"{entry.from_state} to\n{entry.to_state}\nSeal: {entry.seal}",
            "\n".join(
                f"{signer.name}, {signer.role}\n{short_key(signer.key_id) if signer.key_id else 'signed on paper'}"
                for signer in entry.signers
            )
            + f"\n{short_digest(entry.digest)}",
        ]


def main() -> int:
    """Write the report and print its size."""
    who, kind, count = sys.argv[1:]
    print((ours if who == "ours" else peer)(kind, int(count)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
