"""The bytes at the place of the keyboard in the hex view, read as numbers and as times."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QStackedWidget

from ui.examine.interpreting import MOST_BYTES, Meaning, meanings
from ui.examine.sources import ByteSource, refusal
from ui.jobs import JobRunner
from ui.latest import Latest
from ui.models.cells import Cell, Column
from ui.models.record_table import RecordTableModel
from ui.theme import Row, Space
from ui.widgets.labels import CutLabel
from ui.widgets.layout import line, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.table import Table

_NAME_PX, _VALUE_PX, _BASIS_PX = 160, 230, 330


class ValuesPane(QFrame):
    """A table of every way to read the bytes from the selection on, in both orders."""

    def __init__(self, jobs: JobRunner) -> None:
        """Start without bytes."""
        super().__init__()
        self.setObjectName("valuesPane")
        self.setProperty("pane", True)
        self._question = Latest(self, jobs)
        self._asked: tuple[ByteSource, int] | None = None
        self._stale = False
        self.model: RecordTableModel[Meaning] = RecordTableModel(
            [
                Column(key="name", title=self.tr("Read as"), cell=lambda one: Cell(one.name), width_px=_NAME_PX),
                Column(key="little", title=self.tr("Lowest byte first"), cell=lambda one: Cell(one.little),
                       width_px=_VALUE_PX),
                Column(key="big", title=self.tr("Highest byte first"), cell=lambda one: Cell(one.big),
                       width_px=_VALUE_PX),
                Column(key="basis", title=self.tr("Zone and basis"), cell=lambda one: Cell(one.basis),
                       width_px=_BASIS_PX),
            ],
            self,
            key=lambda one: one.name,
        )  # fmt: skip
        self.table = Table(
            self.model, name="valuesTable", title=self.tr("The bytes as numbers and times"), row_px=Row.DENSE
        )
        self.where = CutLabel("", "caption", name="valuesWhere")
        self.where.setContentsMargins(Space.M, Space.XXS, Space.M, Space.XXS)
        self._empty = EmptyState("hash", "", name="noValues")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        self.setLayout(vbox((self._stack, 1), line(), self.where, gap=0))
        self.show_place(None, 0)

    def show_place(self, source: ByteSource | None, offset_bytes: int) -> None:
        """Read the bytes at another place, once the pane is in sight."""
        self._question.drop()
        before = self._asked[0] if self._asked else None
        self._asked = (source, offset_bytes) if source is not None and source.length_bytes else None
        self._stale = self._asked is not None
        if self._asked is None:
            self._say(self.tr("Choose a file or a volume, then a byte in the hex view."))
        elif source is not before:
            self._say(self.tr("Reading …"))  # nothing of what was looked at before
        self._read_if_seen()

    def showEvent(self, event: object) -> None:
        """Read what was not read while nobody looked."""
        self._read_if_seen()

    def _read_if_seen(self) -> None:
        if not self._stale or self._asked is None or not self.isVisible():
            return
        self._stale = False
        source, at = self._asked
        size = min(MOST_BYTES, source.length_bytes - at)

        def take(found: tuple[Meaning, ...]) -> None:
            self.model.set_records(found)
            self.where.setText(self.tr("From 0x{at:X} of {name}").format(at=at, name=source.name))
            self._stack.setCurrentWidget(self.table)

        self._question.ask(
            lambda _: meanings(source.read(at, size)), take, lambda error: self._say(*refusal(error, "hash"))
        )

    def _say(self, sentence: str, icon: str = "hash") -> None:
        self.where.setText("")
        self._empty.set_sentence(sentence, icon)
        self._stack.setCurrentWidget(self._empty)
