"""The files chosen for the report: where they lie, whether they still have the recorded digest, and taking one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QWidget

from ui import text
from ui.examine.words import visible
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.notes import EmptyState, note
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.finding import ChosenFile


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """A chosen file with the number of its image; ``equal`` is None while it was not compared."""

    file: ChosenFile
    image: str
    equal: bool | None


class FilesPart(QFrame):
    """``compare_asked`` wants every file read again; ``withdraw_asked`` carries a file; ``open_asked`` its bytes."""

    compare_asked = Signal()
    withdraw_asked = Signal(object)
    open_asked = Signal(object)

    def __init__(self, go: Button) -> None:
        """Start without files; ``go`` leads to where files are chosen."""
        super().__init__()
        self.setProperty("card", True)
        self._model: RecordTableModel[FileShown] = RecordTableModel(_columns(), self, key=lambda one: one.file.id)
        self.table = Table(self._model, name="chosenFiles", title=self.tr("Chosen files"), row_px=Row.TWO_LINE)
        self.table.setMinimumHeight(Row.HEAD + 4 * Row.TWO_LINE)
        self.table.opened.connect(self.open_asked)
        self._compare = Button(
            self.tr("Compare again"), name="compareFiles", icon="hash",
            tip=self.tr("Read every chosen file from its image and compare its SHA-256 with the recorded one"),
        )  # fmt: skip
        self._compare.clicked.connect(self.compare_asked)
        self._bytes = Button(self.tr("Go to the bytes"), name="goToBytes", kind="quiet", icon="examine")
        self._bytes.clicked.connect(lambda: self.open_asked.emit(self.table.current_record()))
        self._withdraw = Button(self.tr("Take back…"), name="withdrawFile", icon="return")
        self._withdraw.clicked.connect(lambda: self.withdraw_asked.emit(self.table.current_record()))
        self.table.chosen.connect(lambda one: self._enable(one is not None))
        sentence = self.tr("No files chosen yet. Choose them where they were found.")
        self._empty = EmptyState("tag", sentence, go, name="noChosenFiles")
        acts = hbox(self._compare, self._bytes, None, self._withdraw)
        margins = (Space.L, Space.M, Space.L, Space.M)
        self._title = label(self.tr("Chosen files"), "section")
        self.setLayout(vbox(self._title, (self.table, 1), acts, self._empty, margins=margins))
        self._enable(False)

    def show_files(self, files: Sequence[ChosenFile], images: Mapping[UUID, str], equal: Mapping[UUID, bool]) -> None:
        """Show the files of a case; ``equal`` says of each whether it still has the recorded digest."""
        shown = [FileShown(file=one, image=images.get(one.image_id, ""), equal=equal.get(one.id)) for one in files]
        self._model.set_records(shown)
        for part in (self.table, self._compare, self._bytes, self._withdraw):
            part.setVisible(bool(files))
        self._empty.setVisible(not files)
        self._enable(self.table.current_record() is not None)

    def show_busy(self, words: str) -> None:
        """Say how far the comparison is; an empty text says that none runs."""
        self._compare.setEnabled(not words)
        self._compare.set_text(words or self.tr("Compare again"))

    def _enable(self, one: bool) -> None:
        self._bytes.setEnabled(one)
        self._withdraw.setEnabled(one)


class WithdrawSheet(Sheet):
    """Asks why a file is taken back; its request is the reason."""

    def __init__(self, parent: QWidget, shown: FileShown) -> None:
        """Take back ``shown``."""
        title = self.tr("Take back {name}").format(name=_name(shown.file))
        where = f"{shown.image} {visible(shown.file.path)}"
        super().__init__(parent, title=title, subtitle=where, name="withdrawSheet")
        self.reason = forms.Field(self.tr("Reason"), forms.text_edit(lines=3), name="withdrawReason")
        stays = note(
            Tone.WARN,
            self.tr("The file is not printed any more. That it was chosen, and why it was taken back, stays recorded."),
        )
        self.set_body(sheet_body(self.reason, stays))
        sign = Button(self.tr("Sign and take back"), name="withdrawConfirm", kind="primary", icon="sign")
        self.set_buttons(sign, self.cancel_button())

    def problem(self) -> str:
        """A reason is required."""
        sentence = "" if self.reason.text() else self.tr("State why it is taken back.")
        self.reason.set_error(sentence)
        return sentence

    def request(self) -> str:
        """The reason."""
        return self.reason.text()


def _columns() -> tuple[Column[FileShown], ...]:
    def check(one: FileShown) -> Cell:
        if one.file.sha256 is None:
            return Cell(_tr("No digest"), Kind.MARK, tone=Tone.NONE)
        if one.equal is None:
            return Cell(_tr("Not compared"), Kind.MARK, tone=Tone.NONE)
        return Cell(_tr("Equal") if one.equal else _tr("Differs"), Kind.MARK, tone=Tone.OK if one.equal else Tone.BAD)

    def name(one: FileShown) -> Cell:
        file = one.file
        icon = "file-deleted" if file.state != "allocated" else "file"
        where = f"{file.state.capitalize()} · {one.image} {file.volume_id} {file.address}"
        return Cell(_name(file), Kind.TWO, where, icon)

    return (
        Column(key="name", title=_tr("File"), cell=name, width_px=260, stretch=True),
        Column(
            key="size", title=_tr("Bytes"), right=True, width_px=80,
            cell=lambda one: Cell(text.count_text(one.file.size_bytes), Kind.NUMBER),
            sort_key=lambda one: one.file.size_bytes,
        ),
        Column(key="check", title=_tr("Digest"), cell=check, width_px=110),
    )  # fmt: skip


def _name(file: ChosenFile) -> str:
    return visible(file.path.rsplit("/", 1)[-1])


def _tr(words: str) -> str:
    return QCoreApplication.translate("FilesPart", words)
