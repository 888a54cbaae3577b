"""Where a folder is copied to before it is taken in: it has no bytes of its own that could be digested and compared."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from ui.exhibits.memory import Memory
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.layout import vbox
from ui.widgets.notes import note

_LAST_FOLDER = "containerFolder"


class FolderCopy(QWidget):
    """Asks for the name of the container; ``changed`` follows every change of it."""

    changed = Signal()

    def __init__(self, memory: Memory) -> None:
        """Start without a folder; the place of the last container is offered again."""
        super().__init__()
        self.setObjectName("folderCopy")
        self._memory = memory
        self._folder: Path | None = None
        self._said = note(Tone.INFO, "", name="folderSaid")
        choose = Button(self.tr("Choose…"), name="chooseContainer", icon="folder")
        choose.clicked.connect(self._choose)
        self._target = forms.Field(
            self.tr("Container to be made"),
            forms.line_edit(placeholder=self.tr("A new file on a disk of the laboratory, such as …/documents.zip")),
            name="containerPath",
            beside=choose,
            hint=self.tr("A ZIP with a manifest: each file with its digests, its times to the nanosecond and its path"),
        )
        self._target.changed.connect(self.changed)
        self.setLayout(vbox(self._said, self._target, gap=Space.M))
        self.hide()

    @property
    def folder(self) -> Path | None:
        """The folder that is to be copied; None where there is none."""
        return self._folder

    @property
    def target(self) -> Path:
        """The container."""
        name = self._target.text()
        return Path(name if name.lower().endswith(".zip") else f"{name}.zip")

    def ask(self, folder: Path | None) -> None:
        """Ask for the container of a folder; None when there is nothing to copy."""
        self._folder = folder
        self.setVisible(folder is not None)
        if folder is None:
            return
        words = self.tr(
            "{name} is a folder. It has no bytes of its own that could be read again and compared, so it is not taken "
            "in as it is: first it is copied, read-only, into a container, which is read back, and then taken in."
        )
        self._said.say(Tone.INFO, words.format(name=folder.name or str(folder)))
        known = self._memory.known(_LAST_FOLDER)
        if not self._target.text() and known:
            self._target.set_text(str(Path(known[0]) / f"{folder.name}.zip"))

    def remember(self) -> None:
        """Offer the place of this container again."""
        if self._folder is not None:
            self._memory.remember(_LAST_FOLDER, str(self.target.parent))

    def problem(self) -> str:
        """What is still missing or wrong; it is also said under the field where something was typed."""
        folder, typed = self._folder, self._target.text()
        if folder is None:
            return ""
        wrong = self._wrong(folder) if typed else ""
        self._target.set_error(wrong)
        return wrong or ("" if typed else self.tr("Say where the container is to be written."))

    def _wrong(self, folder: Path) -> str:
        target = self.target
        if not target.is_absolute() or not target.parent.is_dir():
            return self.tr("There is no folder {folder}.").format(folder=target.parent)
        if target.exists():
            return self.tr("{name} already exists; nothing is ever overwritten.").format(name=target.name)
        if target.parent.resolve().is_relative_to(folder.resolve()):
            return self.tr("The container must not lie in the folder that is copied.")
        return ""

    def _choose(self) -> None:
        known = self._memory.known(_LAST_FOLDER)
        name = f"{self._folder.name}.zip" if self._folder else ""
        suggested = self._target.text() or str(Path(known[0] if known else Path.home()) / name)
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Container to be made"), suggested, "ZIP (*.zip)")
        if chosen:
            self._target.set_text(chosen)
