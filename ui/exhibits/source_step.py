"""The step of an intake that names the source and how it was protected from writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from forensics_app.errors import FolderRefusedError, is_archive
from forensics_app.model.image import ImageDescription, WriteBlocker
from ui.exhibits.blocker_fields import BlockerFields
from ui.exhibits.folder_copy import FolderCopy
from ui.exhibits.intake_run import IntakeOrder
from ui.exhibits.memory import Memory
from ui.exhibits.source_card import refusal_words, source_card
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import note
from ui.widgets.refill import refill
from ui.widgets.wizard import WizardStep

_SETTLE_MS = 350
Describe = Callable[[tuple[Path, ...], bool, Callable[[ImageDescription], None], Callable[[Exception], None]], None]


class SourceStep(WizardStep):
    """Asks for the image's first file and the write blocker; ``described`` tells that the source answered.

    An archive is taken in as logical evidence when that is pressed; a folder is copied into a container first.
    """

    described = Signal()

    def __init__(self, describe: Describe, memory: Memory) -> None:
        """``describe`` asks off the UI thread what a source says of itself, as an image or as logical evidence."""
        super().__init__()
        self.title = self.tr("Source and write block")
        self._describe = describe
        self._paths: tuple[Path, ...] = ()
        self.source: ImageDescription | None = None
        self.logical = self.settled = self._is_archive = False
        self._refusal = ""
        self._asked = 0
        self._form = forms.Form(columns=2)
        choose = Button(self.tr("Choose…"), name="chooseSource", icon="folder")
        choose.clicked.connect(self._choose)
        folder = Button(self.tr("Folder…"), name="chooseSourceFolder")
        folder.clicked.connect(self._choose_folder)
        self._path = self._form.add(
            forms.Field(
                self.tr("First file of the image"),
                forms.line_edit(placeholder=self.tr("Or drop the file here")),
                name="sourcePath",
                beside=plain(hbox(choose, folder)),
                hint=self.tr("Opened read-only. The other files are found beside it."),
            ),
            span=2,
        )
        self._blocker = BlockerFields(self._form, memory, device_name="writeBlocker", none_name="noBlockerReason")
        self._said = note(Tone.RUN, "", name="sourceSaid")
        self._said.hide()
        self._found = vbox(gap=0)
        self._as_files = Button(self.tr("Take its files in as logical evidence"), name="takeLogical", icon="folder")
        self._as_files.clicked.connect(self._ask_logical)
        self._archive = note(Tone.INFO, "", name="archiveSaid")
        self._offer = plain(vbox(self._archive, hbox(self._as_files, None), gap=Space.M))
        self._offer.hide()
        self._scene = forms.check(
            self.tr("The image was made where the exhibit was found, and the exhibit stayed there"), name="madeOnScene"
        )
        self._scene.hide()
        self._made = forms.Field(
            self.tr("Where and by whom the image was made"), forms.line_edit(), name="imageMade", optional=True,
            hint=self.tr("Where nobody of the laboratory has it checked out. The record says so if nobody tells it."),
        )  # fmt: skip
        self._copy = FolderCopy(memory)
        self._copy.changed.connect(self.changed)
        head = label(self.tr("Where is the image, and how was the source protected?"), "section")
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        self.setLayout(
            vbox(
                head,
                self._form,
                self._scene,
                self._made,
                self._said,
                self._offer,
                self._copy,
                self._found,
                None,
                gap=Space.M,
                margins=margins,
            )
        )
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(lambda: self._ask())
        self._path.changed.connect(self._on_path)
        for field in (self._blocker.device, self._blocker.none):
            field.changed.connect(self.changed)

    @property
    def named(self) -> tuple[Path, ...]:
        """The files, or the folder, that were named."""
        return self._paths

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that are taken in: those that were named, or the container that a folder is copied to."""
        return self._paths if self._copy.folder is None else (self._copy.target,)

    @property
    def folder(self) -> Path | None:
        """The folder that is copied first; None where there is none."""
        return self._copy.folder

    @property
    def on_scene(self) -> bool:
        """Whether the image was made on scene, of something that was only identified there."""
        return self._scene.isChecked() and self.folder is None

    @property
    def made(self) -> str:
        """Where and by whom the image was made, of what is not in the laboratory's hands."""
        return self._made.text() if self.folder is None and not self._made.isHidden() else ""

    def ask_made(self, *, is_elsewhere: bool) -> None:
        """Ask who made it, where nobody of the laboratory has the exhibit checked out."""
        self._made.setVisible(is_elsewhere)

    def offer_scene(self, *, is_identified: bool) -> None:
        """Ask whether it was made on scene, where the exhibit is not seized."""
        self._scene.setVisible(is_identified)
        if not is_identified:
            self._scene.setChecked(False)

    def remember(self) -> None:
        """Offer the same write blocker and place again at the next intake."""
        self._blocker.remember()
        self._copy.remember()

    @property
    def write_blocker(self) -> WriteBlocker:
        """How the source was protected."""
        return self._blocker.blocker

    def take(self, paths: Sequence[Path]) -> None:
        """Name the source, such as by dropping a file."""
        if paths:
            self._path.set_text(str(paths[0]))
            self._paths = tuple(paths)
            self._settle.stop()
            self._ask()

    def take_logical(self, order: IntakeOrder) -> None:
        """Show what ``order`` takes in as logical evidence as such, or the folder that it copies."""
        if order.folder:
            self.take([order.folder])
        elif order.logical:
            self._ask_logical()

    def take_blocker(self, blocker: WriteBlocker) -> None:
        """Fill in how the source was protected."""
        self._blocker.fill(blocker)

    def summary(self) -> str:
        """The file and the blocker."""
        name = self._paths[0].name if self._paths else ""
        blocker = self.write_blocker
        return ", ".join(part for part in (name, blocker.device or blocker.reason_for_none) if part)

    def tone(self) -> Tone:
        """Wrong where the source was refused."""
        return Tone.BAD if self._refusal and not self.settled else Tone.NONE

    def problem(self) -> str:
        """What is still missing; nothing once the image is being read, whatever becomes of the source later."""
        if self.settled:
            return ""
        if not self._paths:
            return self.tr("Choose the first file of the image.")
        if self._refusal:
            return self.tr("This source cannot be taken in; choose another file.")
        if self._is_archive:
            return self.tr("Say that the files in the archive are the evidence, or choose another file.")
        if self._copy.folder is None and self.source is None:
            return self.tr("The source is being opened.")
        if self._copy.folder is not None and (missing := self._copy.problem()):
            return missing
        return self._blocker.problem()

    def _on_path(self) -> None:
        typed = self._path.text()
        self._paths = (Path(typed),) if typed else ()
        self._forget()
        if typed:
            self._settle.start()
        self.changed.emit()

    def _choose(self) -> None:
        kinds = self.tr(
            "Images (*.E01 *.e01 *.Ex01 *.L01 *.s01 *.dd *.raw *.img *.001 *.bin);;"
            "Archives (*.zip *.tar *.tgz *.tar.gz *.tar.bz2 *.tar.xz *.tar.zst);;All files (*)"
        )
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("First file of the image"), "", kinds)
        self.take([Path(name) for name in chosen])

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder to copy into a container"))
        self.take([Path(chosen)] if chosen else [])

    def _forget(self) -> None:
        self._asked += 1
        self.source, self._refusal, self.logical = None, "", False
        self._copy.ask(None)
        self._is_archive = False
        self._offer.hide()
        self._said.hide()
        self._path.set_error("")
        refill(self._found, [])

    def _ask_logical(self) -> None:
        self._ask(logical=True)

    def _ask(self, *, logical: bool = False) -> None:
        self._forget()
        self.logical = logical
        asked = self._asked
        self._said.say(Tone.RUN, self.tr("Opening {name} read-only …").format(name=self._paths[0].name))
        self._said.show()

        def done(source: ImageDescription) -> None:
            if asked == self._asked:
                self._show(source)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self._fail(error)

        self._describe(self._paths, logical, done, failed)
        self.changed.emit()

    def _show(self, source: ImageDescription) -> None:
        self.source = source
        self._said.hide()
        self._found.addWidget(source_card(source))
        self.changed.emit()
        self.described.emit()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, FolderRefusedError):
            self._said.hide()
            self._copy.ask(error.path)
            self.changed.emit()
        elif is_archive(error) and not self.logical:
            words = self.tr(
                "{name} is no image of a medium but an archive. If the files in it are the evidence, they can be taken "
                "in as logical evidence: the digests are those of the archive, and each file has its own."
            )
            self._is_archive = True
            self._said.hide()
            self._archive.say(Tone.INFO, words.format(name=self._paths[0].name))
            self._offer.show()
            self.changed.emit()
        else:
            self._refuse(refusal_words(error))

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self._said.hide()
        self._path.set_error(sentence)
        self.changed.emit()
