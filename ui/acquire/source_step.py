"""The step that names what is imaged: a device, a file, or folders; and how it is protected from writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from forensics_app.model.acquisition import Device
from forensics_app.model.image import WriteBlocker
from ui import text
from ui.acquire.device_list import DeviceList
from ui.acquire.words import device_words, tr, use_words, writes_to
from ui.exhibits.blocker_fields import BlockerFields
from ui.exhibits.memory import Memory
from ui.exhibits.seal_found import SealFound
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button, Chip
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import note
from ui.widgets.wizard import WizardStep

DEVICE, FILE, FOLDERS = "device", "file", "folders"
LookForDevices = Callable[[Callable[[Sequence[Device]], None], Callable[[Exception], None]], None]


class SourceStep(WizardStep):
    """Asks what is imaged. ``look`` reads the list of devices off the UI thread."""

    def __init__(self, look: LookForDevices, memory: Memory, *, can_list: bool) -> None:
        """Look at the devices at once; where the system lists none, ask for a file."""
        super().__init__()
        self.title = tr("Source and write block")
        self.settled = False
        self._look, self._asked = look, False
        self._chips = {
            DEVICE: Chip(tr("A device"), name="sourceDevice", icon="disk", exclusive=True, on=can_list),
            FILE: Chip(tr("A file"), name="sourceFile", icon="file", exclusive=True, on=not can_list),
            FOLDERS: Chip(tr("Folders"), name="sourceFolders", icon="folder", exclusive=True),
        }
        self.devices, self._protection = DeviceList(), forms.Form(columns=2)
        self.seal = SealFound()
        self.blocker = BlockerFields(
            self._protection, memory, device_name="acquireBlocker", none_name="acquireNoBlocker"
        )
        self._file, self._folders = self._file_field(), self._folders_field()
        self._parts = (self._device_part(can_list=can_list), self._file, self._folders)
        self._said = note(Tone.WARN, "", name="acquireSourceSaid")
        self._said.hide()
        self._lay_out()
        for at, (kind, chip) in enumerate(self._chips.items()):
            chip.toggled.connect(lambda on, at=at: self._show(at) if on else None)
            if chip.isChecked():
                self._show(list(self._chips).index(kind))
        self.devices.chosen.connect(lambda _: self._on_change())
        for part in (self._file, self._folders, self._protection, self.seal):
            part.changed.connect(self._on_change)

    @property
    def kind(self) -> str:
        """Device, file or folders."""
        return next(kind for kind, chip in self._chips.items() if chip.isChecked())

    @property
    def sources(self) -> tuple[Path, ...]:
        """What is imaged; several only of folders."""
        match self.kind:
            case "device":
                device = self.devices.device
                return (device.identity.path,) if device else ()
            case "file":
                return (Path(self._file.text()),) if self._file.text() else ()
        return tuple(Path(row.strip()) for row in self._folders.text().splitlines() if row.strip())

    @property
    def write_blocker(self) -> WriteBlocker:
        """How it is protected."""
        return self.blocker.blocker

    def take(self, kind: str, sources: Sequence[Path]) -> None:
        """Name the source, such as one that was named before."""
        self._chips[kind].setChecked(True)
        if kind == FILE and sources:
            self._file.set_text(str(sources[0]))
        elif kind == FOLDERS:
            self._folders.set_text("\n".join(map(str, sources)))
        elif sources:
            self.devices.choose(str(sources[0]))

    def entered(self) -> None:
        """Look at the devices when the step comes into sight for the first time."""
        if not self._asked:
            self.look_again()

    def look_again(self) -> None:
        """Read the list of devices anew."""
        self._asked = True
        self._again.setEnabled(False)
        self._look(self._show_devices, self._refuse)

    def summary(self) -> str:
        """The source and the blocker."""
        names = ", ".join(path.name or str(path) for path in self.sources)
        blocker = self.write_blocker
        return ", ".join(part for part in (names, blocker.device or blocker.reason_for_none) if part)

    def problem(self) -> str:
        """What is missing."""
        if self.settled:
            return ""
        if not self.sources:
            return {
                DEVICE: tr("Choose the device that is imaged."),
                FILE: tr("Choose the file that is imaged."),
                FOLDERS: tr("Name the folders that are copied."),
            }[self.kind]
        device = self.devices.device
        if self.kind == DEVICE and device and not device.readable:
            return tr("This device may not be read; choose another one.")
        return self.blocker.problem() or self.seal.problem()

    def _show_devices(self, devices: Sequence[Device]) -> None:
        self.devices.show_devices(devices)
        count = len(devices)
        self._count.setText(
            text.plural(
                count,
                tr("1 device; it was not opened. The list is what the system says."),
                tr("{n} devices; none of them was opened. The list is what the system says."),
            )
            if count
            else tr("The system tells of no device.")
        )
        self._again.setEnabled(True)
        self._on_change()

    def _refuse(self, error: Exception) -> None:
        self._again.setEnabled(True)
        self._count.setText(str(error))

    def _show(self, at: int) -> None:
        for index, part in enumerate(self._parts):
            part.setVisible(index == at)
        self._on_change()

    def _on_change(self) -> None:
        self._warn()
        self.changed.emit()

    def _warn(self) -> None:
        device = self.devices.device if self.kind == DEVICE else None
        words = _warning(device) if device else ""
        self._said.say(Tone.WARN, words)
        self._said.setVisible(bool(words))

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, tr("File to be imaged"))
        if chosen:
            self._file.set_text(chosen)

    def _add_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to be copied"))
        if chosen:
            self._folders.set_text("\n".join([*filter(None, self._folders.text().splitlines()), chosen]))

    def _file_field(self) -> forms.Field:
        choose = Button(tr("Choose…"), name="chooseAcquireFile", icon="folder")
        choose.clicked.connect(self._choose_file)
        hint = tr(
            "Copied as it is, byte for byte, and opened read-only. For a device that is not listed, type its path."
        )
        return forms.Field(tr("File"), forms.line_edit(), name="acquireFile", beside=choose, hint=hint)

    def _folders_field(self) -> forms.Field:
        add = Button(tr("Add…"), name="addAcquireFolder", icon="plus")
        add.clicked.connect(self._add_folder)
        hint = tr(
            "One folder a line. Files and folders are copied with their names and times into one container with a "
            "manifest; deleted files and free space are not."
        )
        return forms.Field(tr("Folders"), forms.text_edit(lines=4), name="acquireFolders", beside=add, hint=hint)

    def _device_part(self, *, can_list: bool) -> QWidget:
        self._again = Button(tr("Look again"), name="lookAgain", icon="return")
        self._again.clicked.connect(self.look_again)
        words = "" if can_list else tr("This system does not list its devices. Type the path of one under “A file”.")
        self._count = label(words, "caption", wrap=True, name="deviceCount")
        return plain(vbox(self.devices, hbox((self._count, 1), self._again), gap=Space.XS + 2))

    def _lay_out(self) -> None:
        head = label(tr("What is imaged, and how is it protected?"), "section")
        chips = hbox(*self._chips.values(), None, gap=Space.XS + 2)
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        column = vbox(
            head,
            chips,
            *self._parts,
            self._said,
            line(),
            self._protection,
            self.seal,
            None,
            gap=Space.M,
            margins=margins,
        )
        self.setLayout(column)


def _warning(device: Device) -> str:
    said = device.identity
    words = ""
    if not device.readable:
        words = tr("{name} may not be read by this program. Start it with the right to read the device.")
    elif writes_to(said):
        words = tr("{name} is mounted at {place}: the system writes to it, and what is imaged may not fit together.")
    elif said.mounted_at:
        words = tr("{name} is mounted at {place}.")
    return words.format(name=f"{said.path} ({device_words(device)})", place=use_words(said))
