"""The step that says where the image goes, in which format, and what it says of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog

from forensics_app.model.acquisition import (
    SEGMENT_DEFAULT_BYTES,
    AcquisitionRequest,
    Compression,
    FolderRequest,
    Format,
    Plan,
)
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit, SealSeen
from forensics_app.model.image import WriteBlocker
from ui import text
from ui.acquire.source_step import FOLDERS
from ui.acquire.words import RETRIES, SEGMENTS_BYTES, compression_words, format_words, segment_words, tr
from ui.exhibits.source_card import refusal_words
from ui.saving import file_name
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import line, vbox
from ui.widgets.notes import note
from ui.widgets.wizard import WizardStep

_SETTLE_MS = 350
_DEFAULT_RETRIES = 2
PlanFor = Callable[[AcquisitionRequest, Callable[[Plan], None], Callable[[Exception], None]], None]
_FORMATS, _COMPRESSIONS = tuple(Format), (Compression.FAST, Compression.BEST, Compression.NONE)


class ImageStep(WizardStep):
    """Asks for the target; ``plan_for`` finds out off the UI thread whether it can be, and what room it takes.

    ``planned`` tells that this was found out.
    """

    planned = Signal()

    def __init__(self, case: Case, exhibit: Exhibit, examiner: str, described: str, plan_for: PlanFor) -> None:
        """Fill in what the record knows of ``case`` and ``exhibit``."""
        super().__init__()
        self.title = tr("Image and settings")
        self.settled = False
        self.plan: Plan | None = None
        self._exhibit, self._plan_for = exhibit, plan_for
        self._kind, self._sources = "", tuple[Path, ...]()
        self._blocker = WriteBlocker()
        self._seal: SealSeen | None = None
        self._refusal, self._asked = "", 0
        self._target, self._how, self._labels = self._target_form(), self._how_form(), forms.Form(columns=3)
        self._add_labels(case, examiner, described)
        self._room = note(Tone.RUN, "", name="acquireRoom")
        self._room.hide()
        self._settings_head = label(tr("How it is read and written"), "section")
        self._labels_head = label(tr("What the image says of itself"), "section")
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        self.setLayout(
            vbox(
                label(tr("Where does the image go?"), "section"), self._target, self._room, line(), self._settings_head,
                self._how, self._labels_head, self._labels, None, gap=Space.M, margins=margins,
            )
        )  # fmt: skip
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        for form in (self._target, self._how):
            form.changed.connect(self._on_change)
        self._labels.changed.connect(self.changed)
        self._follow_format()

    def show_source(
        self, kind: str, sources: Sequence[Path], blocker: WriteBlocker, seal: SealSeen | None = None
    ) -> None:
        """Follow the first step."""
        self._blocker, self._seal = blocker, seal
        if (kind, tuple(sources)) == (self._kind, self._sources):
            return
        self._kind, self._sources = kind, tuple(sources)
        of_folders = kind == FOLDERS
        for part in (self._settings_head, self._how):
            part.setVisible(not of_folders)
        self._description.setVisible(not of_folders)
        self._name.set_hint(self._name_hint())
        self._on_change()

    def request(self) -> AcquisitionRequest | FolderRequest:
        """What is asked of the services."""
        if self._kind == FOLDERS:
            return FolderRequest(
                exhibit_id=self._exhibit.id, folders=self._sources, target=self.target, write_blocker=self._blocker,
                notes=self._notes.text(), seal=self._seal,
            )  # fmt: skip
        described = self._description.text()
        return AcquisitionRequest(
            exhibit_id=self._exhibit.id, source=self._sources[0], target=self.target, write_blocker=self._blocker,
            format=self.format, compression=_COMPRESSIONS[self._packings.currentIndex()],
            segment_bytes=self._segments()[self._sizes.currentIndex()], retries=RETRIES[self._tries.currentIndex()],
            notes=self._notes.text(), description=None if described == self._described else described,
            seal=self._seal,
        )  # fmt: skip

    @property
    def format(self) -> Format:
        """What is written."""
        return _FORMATS[self._formats.currentIndex()]

    @property
    def target(self) -> Path:
        """The image, without the ending of its files; of folders the container."""
        name = self._name.text()
        if self._kind == FOLDERS and not name.lower().endswith(".zip"):
            name = f"{name}.zip"
        return Path(self._folder.text()) / name

    def entered(self) -> None:
        """Find out anew: the room that there is changes."""
        self._on_change()

    def summary(self) -> str:
        """Name and format."""
        name = self._name.text()
        if not self._folder.text() or not name:
            return ""
        return name if self._kind == FOLDERS else f"{name}, {format_words(self.format)}"

    def tone(self) -> Tone:
        """Wrong where it is refused."""
        return Tone.BAD if self._refusal and not self.settled else Tone.NONE

    def problem(self) -> str:
        """What is missing."""
        if self.settled:
            return ""
        if not self._folder.text():
            return tr("Choose the folder for the image.")
        if not self._name.text() or "/" in self._name.text():
            return tr("Give the image a name.")
        if self._refusal:
            return tr("The image cannot be made like this.")
        if self._kind != FOLDERS and self.plan is None:
            return tr("The source and the folder are being looked at.")
        return ""

    def _on_change(self) -> None:
        self._asked += 1
        self.plan, self._refusal = None, ""
        self._folder.set_error("")
        self._follow_format()
        self._room.hide()
        if self._sources and self._folder.text() and self._name.text():
            self._settle.start()
        self.changed.emit()

    def _ask(self) -> None:
        request, asked = self.request(), self._asked
        if isinstance(request, FolderRequest):
            self._look_at_container(request.target)
            return

        def done(plan: Plan) -> None:
            if asked == self._asked:
                self._show(plan)

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self._refuse(refusal_words(error))

        self._plan_for(request, done, failed)

    def _look_at_container(self, target: Path) -> None:
        if not target.parent.is_dir():
            self._refuse(tr("There is no folder {folder}.").format(folder=target.parent))
        elif target.exists():
            self._refuse(tr("{path} already exists; nothing is ever overwritten.").format(path=target))
        else:
            self._room.say(Tone.INFO, tr("How much room it takes is known when the folders have been read."))
            self._room.show()
            self.changed.emit()
            self.planned.emit()

    def _show(self, plan: Plan) -> None:
        self.plan = plan
        sentence = tr(
            "The source has {media}. The image takes at most {needed} in {files}; {free} are free in {folder}."
        )
        if plan.is_tight:
            sentence += " " + tr(
                "It fits only if the media can be packed; otherwise the work stops and can go on later."
            )
        files = text.plural(plan.files_max, tr("1 file"), tr("up to {n} files"))
        words = sentence.format(
            media=text.bytes_text(plan.source.size_bytes), needed=text.size_text(plan.needed_bytes), files=files,
            free=text.size_text(plan.free_bytes), folder=plan.first_file.parent,
        )  # fmt: skip
        self._room.say(Tone.WARN if plan.is_tight else Tone.INFO, words)
        self._room.show()
        self.changed.emit()
        self.planned.emit()

    def _refuse(self, sentence: str) -> None:
        self._refusal = sentence
        self._folder.set_error(sentence)
        self.changed.emit()
        self.planned.emit()

    def _follow_format(self) -> None:
        packed = self.format is Format.E01
        self._compression.setEnabled(packed)
        words, kept = [segment_words(one) for one in self._segments()], self._segment.text()
        if [self._sizes.itemText(at) for at in range(self._sizes.count())] == words:
            return
        with QSignalBlocker(self._sizes):
            self._sizes.clear()
            self._sizes.addItems(words)
            usual = segment_words(SEGMENT_DEFAULT_BYTES if packed else None)
            self._sizes.setCurrentText(kept if packed and kept in words else usual)

    def _segments(self) -> tuple[int | None, ...]:
        return SEGMENTS_BYTES if self.format is Format.E01 else (None, *SEGMENTS_BYTES)

    def _name_hint(self) -> str:
        if self._kind == FOLDERS:
            return tr("The container is a ZIP file with a manifest.")
        return tr("Without the ending. A journal with the same name lies beside it.")

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for the image"), self._folder.text())
        if chosen:
            self._folder.set_text(chosen)

    def _target_form(self) -> forms.Form:
        form = forms.Form(columns=3)
        choose = Button(tr("Choose…"), name="chooseTarget", icon="folder")
        choose.clicked.connect(self._choose_folder)
        folder = forms.Field(tr("Folder"), forms.line_edit(), name="targetFolder", beside=choose)
        self._folder = form.add(folder, span=2)
        name = forms.line_edit(file_name(self._exhibit.number, suffix=""))
        self._name = form.add(forms.Field(tr("Name of the image"), name, name="targetName"))
        self._name.set_hint(self._name_hint())
        return form

    def _how_form(self) -> forms.Form:
        form = forms.Form(columns=3)
        self._formats: QComboBox = forms.choice([format_words(one) for one in _FORMATS])
        form.add(forms.Field(tr("Format"), self._formats, name="acquireFormat"))
        self._packings: QComboBox = forms.choice([compression_words(one) for one in _COMPRESSIONS])
        self._compression = form.add(forms.Field(tr("Compression"), self._packings, name="acquireCompression"))
        self._sizes: QComboBox = forms.choice([segment_words(one) for one in SEGMENTS_BYTES])
        self._sizes.setCurrentText(segment_words(SEGMENT_DEFAULT_BYTES))
        self._segment = form.add(forms.Field(tr("Largest file"), self._sizes, name="acquireSegment"))
        self._tries: QComboBox = forms.choice([text.count_text(one) for one in RETRIES])
        self._tries.setCurrentIndex(RETRIES.index(_DEFAULT_RETRIES))
        hint = tr("For each sector that cannot be read")
        form.add(forms.Field(tr("Tries again"), self._tries, name="acquireRetries", hint=hint))
        zeros = forms.line_edit(tr("Zeros; each region is listed"), read_only=True)
        form.add(forms.Field(tr("What cannot be read"), zeros, name="acquireFill"))
        verify = forms.line_edit(tr("Read back and compared"), read_only=True)
        form.add(forms.Field(tr("After writing"), verify, name="acquireVerify"))
        return form

    def _add_labels(self, case: Case, examiner: str, described: str) -> None:
        form, self._described = self._labels, described
        for title, value, name in (
            (tr("Case number"), case.number, "labelCase"),
            (tr("Exhibit number"), self._exhibit.number, "labelExhibit"),
            (tr("Examiner"), examiner, "labelExaminer"),
        ):
            form.add(forms.Field(title, forms.line_edit(value, read_only=True), name=name))
        self._description = form.add(
            forms.Field(tr("Description"), forms.line_edit(described), name="labelDescription"), span=2
        )
        self._notes = form.add(forms.Field(tr("Notes"), forms.line_edit(), name="labelNotes", optional=True))
