"""The devices of the computer, with what tells them apart and whether they can be written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.acquisition import Device
from ui import text
from ui.acquire.words import device_words, tr, use_words, writes_to
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Row
from ui.tones import Tone
from ui.widgets.layout import card, vbox
from ui.widgets.table import Table

_ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device or a partition of one."""

    device: Device
    bus: str

    @property
    def path(self) -> str:
        """By which it is opened."""
        return str(self.device.identity.path)


class DeviceList(QWidget):
    """Lists devices, each followed by its partitions; ``chosen`` carries the :class:`Device` or None."""

    chosen = Signal(object)

    def __init__(self) -> None:
        """Start without a device."""
        super().__init__()
        self._model: RecordTableModel[DeviceRow] = RecordTableModel(_columns(), self, key=lambda row: row.path)
        self.table = Table(self._model, name="deviceTable", title=tr("Devices of this computer"), row_px=Row.TWO_LINE)
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.setSortingEnabled(False)
        self.table.setMinimumHeight(Row.HEAD + _ROWS_SHOWN * Row.TWO_LINE)
        self.table.chosen.connect(lambda row: self.chosen.emit(row.device if row else None))
        self.setLayout(vbox(card(vbox(self.table, gap=0, margins=(1, 1, 1, 1))), gap=0))

    @property
    def device(self) -> Device | None:
        """The chosen one."""
        row = self.table.current_record()
        return row.device if isinstance(row, DeviceRow) else None

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Show other devices; the chosen one stays chosen if it is still there."""
        rows = []
        for device in sorted(devices, key=lambda one: not one.bus):  # volumes and files in use stand behind
            rows.append(DeviceRow(device=device, bus=device.bus))
            rows += [DeviceRow(device=part, bus="") for part in device.partitions]
        self._model.set_records(rows)
        self.chosen.emit(self.device)

    def choose(self, path: str) -> bool:
        """Choose the device with a path; tell whether it is there."""
        return self.table.select_key(path)


def _columns() -> tuple[Column[DeviceRow], ...]:
    return (
        Column(key="device", title=tr("Device"), cell=_what, width_px=210, stretch=True, sortable=False),
        Column(key="serial", title=tr("Serial number"), cell=_serial, width_px=150, sortable=False),
        Column(key="size", title=tr("Size"), cell=_size, width_px=112, right=True, sortable=False),
        Column(key="bus", title=tr("Attached by"), cell=_bus, width_px=92, sortable=False),
        Column(key="state", title=tr("The system"), cell=_state, width_px=134, sortable=False),
    )


def _what(row: DeviceRow) -> Cell:
    said = row.device.identity
    icon = "volume" if said.partition else "usb" if row.bus == "USB" else "disk"
    used = use_words(said)
    second = tr("mounted at {place}").format(place=used) if used else device_words(row.device)
    if used and not said.partition:
        second = f"{device_words(row.device)}; {second}"
    return Cell(row.path, Kind.TWO, second, icon, faded=said.partition)


def _serial(row: DeviceRow) -> Cell:
    said = row.device.identity
    if said.partition:
        return Cell("")
    return Cell(said.serial, Kind.MONO) if said.serial else Cell(tr("none told"), Kind.MUTED)


def _size(row: DeviceRow) -> Cell:
    return Cell(text.size_text(row.device.identity.size_bytes), Kind.NUMBER)


def _bus(row: DeviceRow) -> Cell:
    loop = bool(row.device.backing)
    return Cell(row.bus or (tr("a file") if loop else ""), Kind.MUTED)


def _state(row: DeviceRow) -> Cell:
    """What the system allows itself: the least that keeps it from writing is that it calls the device read-only."""
    said = row.device.identity
    if not row.device.readable:
        return Cell(tr("May not be read"), Kind.MARK, tone=Tone.BAD)
    if writes_to(said):
        return Cell(tr("Writes to it"), Kind.MARK, tone=Tone.WARN)
    if said.read_only:
        return Cell(tr("Reads only"), Kind.MARK, tone=Tone.DONE)
    return Cell(tr("Can write to it"), Kind.MARK, tone=Tone.NONE)
