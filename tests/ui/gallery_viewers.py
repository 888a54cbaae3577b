"""Pictures of the viewers: bytes, text, custody events, paper; with invented data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QTabWidget, QWidget

from tests.ui.gallery_parts import NOW, SHA256
from ui import text
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.hex_blocks import Deliver, Refuse
from ui.widgets.hex_view import HexView, Mark
from ui.widgets.layout import splitter
from ui.widgets.notes import EmptyState
from ui.widgets.paper import Paper
from ui.widgets.text_view import TextView
from ui.widgets.timeline import Event, Gap, Timeline, TimelineModel


def read(offset: int, size: int, deliver: Deliver, refuse: Refuse) -> None:
    if offset >= 4 * 65536:
        refuse("checksum")
    head = b"# Halmer GmbH - new accounts, do not mail\r\nDE44 5001 0517 5407 3249 31;Halmer GmbH;0417;48 200,00\r\n"
    deliver((head + bytes(range(256)) * 300)[offset : offset + size])


def viewers_page() -> QWidget:
    hex_view = HexView(title="Bytes of iban_list.txt")
    hex_view.show_bytes(
        3_000_000_000_000, read, base_bytes=0x1A4F3C000, marks=(Mark(offset_bytes=43, length_bytes=28),)
    )
    hex_view.go_to(80, 5)
    text_view = TextView(title="Text")
    text_view.show_text("# Halmer GmbH - new accounts, do not mail\nDE44 5001 0517 5407 3249 31\n")
    model = TimelineModel()
    timeline = Timeline(model, title="Custody events, newest first")
    model.setParent(timeline)
    model.set_rows(events())
    timeline.select_key(40)
    tabs = QTabWidget()
    tabs.addTab(text_view, "Text")
    tabs.addTab(EmptyState("image", "No preview for this type of file. Its bytes are at the left."), "Preview")
    bottom = splitter(Qt.Orientation.Horizontal, hex_view, tabs, sizes=(700, 400), name="bottom")
    return splitter(Qt.Orientation.Vertical, timeline, bottom, sizes=(480, 320), name="all")


def events() -> list[Event | Gap]:
    digest = text.short_digest_text(SHA256, groups=4)
    signed = ((Tone.OK, "Giver signed"), (Tone.OK, "Receiver signed"))
    return [
        Event(
            key=47,
            sequence=47,
            icon="hash",
            title="Image read back",
            occurred_at=NOW,
            people="by Ana Kovač",
            particulars="SHA-256 equal to acquisition; 512,110,190,592 bytes; 0 unreadable sectors",
            state="UNDER EXAMINATION",
            signatures=((Tone.OK, "Signed"), (Tone.OK, "Time-stamped")),
            digest=digest,
            tone=Tone.OK,
        ),
        Event(
            key=40,
            sequence=40,
            icon="transfer",
            title="Checked out for examination",
            occurred_at=NOW - timedelta(hours=5),
            people="Tomasz Lis → Ana Kovač",
            particulars="Purpose: logical examination, task T-31; expected back 2026-11-24 17:00 +01:00",
            state="STORED → CHECKED OUT",
            signatures=signed,
            seal="0048812 intact",
            digest=digest,
        ),
        Gap(length_s=9000),
        Event(
            key=31,
            sequence=31,
            icon="verify-warning",
            title="Correction of entry 29",
            occurred_at=NOW - timedelta(days=1),
            people="by Tomasz Lis",
            particulars="Serial number was PF-3X7K2N, is PF-3X7K2M; reason: misread, photo 2 shows it",
            state="RECEIVED",
            signatures=((Tone.OK, "Signed"),),
            tone=Tone.WARN,
        ),
        Event(
            key=18,
            sequence=18,
            icon="case",
            title="Seized",
            occurred_at=NOW - timedelta(days=2),
            people="by Sgt. M. Duarte, witness Insp. R. Haas",
            particulars="Lindenhofstr. 12, office 2nd floor, desk by window; authority 4 Gs 812/26",
            state="IDENTIFIED → SEIZED",
            signatures=((Tone.NONE, "On paper, filed"),),
            seal="0048812 applied",
        ),
    ]


def paper_page() -> QWidget:
    def render(page: int, scale: float, deliver: Callable[[QImage], None]) -> None:
        image = QImage(int(595 * scale), int(842 * scale), QImage.Format.Format_RGB32)
        image.fill(QColor("#FFFFFF"))
        painter = QPainter(image)
        painter.scale(scale, scale)
        painter.setPen(QColor("#191E24"))
        painter.drawText(60, 80, f"4.{page + 1}  List of accounts, deleted")
        painter.end()
        deliver(image)

    paper = Paper(title="Preview of the printed pages")
    paper.show_pages([QSizeF(595, 842)] * 3, render)
    return splitter(
        Qt.Orientation.Horizontal,
        EmptyState(
            "report",
            "No finding yet. Cite the first file from Examine.",
            Button("Go to Examine", name="go", kind="primary"),
        ),
        paper,
        sizes=(600, 600),
        name="p",
    )


PICTURES: dict[str, Callable[[], QWidget]] = {"viewers": viewers_page, "paper": paper_page}
