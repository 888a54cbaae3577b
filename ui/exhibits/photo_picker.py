"""Photographs to be added: chosen or dropped files, each with what it shows. None of them is decoded here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from forensics_app.model.exhibit import NewPhoto, PhotoView
from ui.exhibits.words import view_words
from ui.text import size_text
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import frame, hbox, vbox

_VIEWS = tuple(PhotoView)
_FIRST_VIEWS = (PhotoView.WHOLE, PhotoView.CONTEXT, PhotoView.LABEL, PhotoView.SEAL)
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class PhotoPicker(QWidget):
    """A list of photographs to add; ``changed`` whenever it differs."""

    changed = Signal()

    def __init__(self, *, first: tuple[PhotoView, ...] = _FIRST_VIEWS) -> None:
        """Start empty; ``first`` is what the first ones show until somebody says otherwise, the last of it the rest."""
        super().__init__()
        self.setObjectName("photoPicker")
        self._first = first
        self._rows: list[_PhotoRow] = []
        add = Button(self.tr("Choose photographs…"), name="choosePhotos", icon="photo")
        add.clicked.connect(self._choose)
        self._refused = label(role="small", tone="bad", wrap=True, name="photoRefused")
        self._refused.hide()
        self._column = vbox(gap=Space.XS)
        hint = label(self.tr("JPEG or PNG; copied into the lab and hashed."), "caption")
        self.setLayout(vbox(self._column, hbox(add, hint, None), self._refused, gap=Space.S))

    def photos(self) -> tuple[NewPhoto, ...]:
        """What was chosen."""
        return tuple(row.photo() for row in self._rows)

    def add(self, paths: Sequence[Path]) -> None:
        """Put files on the list; what is no picture by its first bytes is refused in words."""
        refused = []
        for path in paths:
            if not _is_picture(path):
                refused.append(path.name)
            elif path not in [row.path for row in self._rows]:
                self._append(path, self._first[min(len(self._rows), len(self._first) - 1)])
        self._refused.setVisible(bool(refused))
        if refused:
            sentence = self.tr("Neither JPEG nor PNG, or not readable: {names}. Choose other files.")
            self._refused.setText(sentence.format(names=", ".join(refused)))
        self.changed.emit()

    def restore(self, photos: Sequence[NewPhoto]) -> None:
        """Show what was chosen before."""
        for photo in photos:
            if _is_picture(photo.path):
                self._append(photo.path, photo.view)
        self.changed.emit()

    def _append(self, path: Path, view: PhotoView) -> None:
        row = _PhotoRow(path, view, number=len(self._rows))
        row.dropped.connect(self._drop)
        self._rows.append(row)
        self._column.addWidget(row)

    def _drop(self, row: object) -> None:
        if isinstance(row, _PhotoRow):
            self._rows.remove(row)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
            self.changed.emit()

    def _choose(self) -> None:
        kinds = self.tr("Photographs (*.jpg *.jpeg *.png)")
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("Photographs of the exhibit"), "", kinds)
        if chosen:
            self.add([Path(name) for name in chosen])


class _PhotoRow(QWidget):
    """One chosen photograph; ``dropped`` asks to take it off the list."""

    dropped = Signal(object)

    def __init__(self, path: Path, view: PhotoView, *, number: int) -> None:
        super().__init__()
        self.path = path
        stat = path.stat()
        self._view = forms.choice([view_words(one) for one in _VIEWS])
        self._view.setObjectName(f"photoView{number}")
        self._view.setAccessibleName(self.tr("What {name} shows").format(name=path.name))
        self._view.setCurrentText(view_words(view))
        take_off = IconButton("cancel", self.tr("Leave out {name}").format(name=path.name), name=f"photoOff{number}")
        take_off.clicked.connect(lambda: self.dropped.emit(self))
        name = CutLabel(path.name)
        row = hbox(
            IconLabel("photo"), (name, 3), label(size_text(stat.st_size), "small"), (self._view, 2), take_off,
            margins=(Space.S, Space.XXS, Space.XXS, Space.XXS),
        )  # fmt: skip
        self.setLayout(vbox(frame(row, sunken=True), gap=0))

    def photo(self) -> NewPhoto:
        """The photograph with what it shows; when it was taken is not guessed from the file."""
        return NewPhoto(path=self.path, view=_VIEWS[self._view.currentIndex()])


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(_SIGNATURES)
    except OSError:
        return False
