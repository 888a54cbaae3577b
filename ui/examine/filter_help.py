"""How a filter is written: every key with an example."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from forensics_app.model.filter_language.families import FAMILIES
from forensics_app.model.filter_language.keys import FLAGS, KEYS
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.sheet import Sheet

_EXAMPLE_PX = 220


class FilterHelp(Sheet):
    """The language on one page."""

    def __init__(self, parent: QWidget) -> None:
        """Show it."""
        title, second = self.tr("How to write a filter"), self.tr("Examine, the box above the list")
        super().__init__(parent, title=title, subtitle=second, name="filterHelpSheet", width_px=860)
        column = vbox(gap=Space.S, margins=(Space.XL - 4, Space.M, Space.XL - 4, Space.M))
        for head, rows in (
            (self.tr("Words and how they go together"), self._together()),
            (self.tr("Keys"), {key.example: key.says for key in KEYS.values()}),
            (self.tr("States"), FLAGS),
            (self.tr("Types"), {f"type:{name}": says for name, says in FAMILIES.items()}),
        ):
            column.addWidget(label(head, "section"))
            column.addWidget(_grid(rows))
        column.addStretch(1)
        self.set_body(plain(column))
        close = Button(self.tr("Close"), name="closeFilterHelp", kind="primary")
        self.set_buttons(close)
        close.setFocus()

    def _together(self) -> Mapping[str, str]:
        return {
            "invoice": self.tr("the name has this in it, in either case; with a / in it, the path"),
            '"my report (1)"': self.tr("exactly these characters, blanks and all"),
            "*.jp?g": self.tr("the whole name: * is any characters, ? is one"),
            "invoice type:document": self.tr("both"),
            "type:image or type:video": self.tr("one of them"),
            "-deleted": self.tr("not; the word not does the same"),
            "(a or b) size>1M": self.tr("brackets hold together"),
            "size:1K..2M": self.tr("from, to, both included; one of them may be left out"),
            "modified:2024-03-05": self.tr("the whole day, in the zone that is shown; a year, month, hour likewise"),
            "modified>=2024-03-05T14:30Z": self.tr("with an offset: a moment of UTC, whatever zone is shown"),
        }


def _grid(rows: Mapping[str, str]) -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, Space.S)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(Space.XS)
    grid.setColumnMinimumWidth(0, _EXAMPLE_PX)
    grid.setColumnStretch(1, 1)
    for at, (example, says) in enumerate(rows.items()):
        shown = label(example, "mono", select=True)
        shown.setAccessibleName(f"{example}: {says}")
        grid.addWidget(shown, at, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(label(says, wrap=True), at, 1, Qt.AlignmentFlag.AlignTop)
    return plain(grid)
