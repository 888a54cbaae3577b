"""The step before an acquisition begins: everything that will be done, to be read once more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from forensics_app.model.acquisition import AcquisitionRequest, Device, Format
from ui import text
from ui.acquire.orders import Order
from ui.acquire.words import (
    blocker_words,
    compression_words,
    device_words,
    format_words,
    make_words,
    segment_words,
    tr,
)
from ui.exhibits.parts import refill, section
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import card, vbox
from ui.widgets.notes import Fact, note
from ui.widgets.wizard import WizardStep


class CheckStep(WizardStep):
    """Shows an :class:`Order`."""

    def __init__(self) -> None:
        """Wait for one."""
        super().__init__()
        self.title = tr("Check")
        self.next_text = tr("Acquire")
        self._problem = ""
        self._column = vbox(gap=Space.M, margins=(Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M))
        self.setLayout(self._column)

    def summary(self) -> str:
        """Nothing is entered here."""
        return ""

    def problem(self) -> str:
        """What keeps it from beginning, found in an earlier step."""
        return self._problem

    def show_order(self, order: Order, device: Device | None, *, going_on: bool = False, problem: str = "") -> None:
        """Show what will be done; ``going_on`` once it has begun, ``problem`` is what keeps it from beginning."""
        self._problem = problem
        self.next_text = tr("Go on") if going_on else tr("Acquire")
        parts: list[QWidget] = [label(tr("What will be done"), "section")]
        inner = [section(tr("Source"), _source_rows(order, device)), section(tr("Image"), _image_rows(order))]
        parts.append(card(vbox(*inner, gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M))))
        parts.append(note(Tone.INFO, _sentence(order), name="acquirePromise"))
        refill(self._column, parts)
        self.changed.emit()


def _source_rows(order: Order, device: Device | None) -> list[tuple[str, Fact]]:
    rows: list[tuple[str, Fact]] = [(tr("From"), CutLabel(order.source_words, mode=Qt.TextElideMode.ElideMiddle))]
    if device:
        said = device.identity
        rows += [
            (tr("Is"), make_words(said) or device_words(device)),
            (tr("Serial number"), said.serial),
            (tr("Mounted"), ", ".join(said.mounted_at)),
        ]
    if order.plan:
        said = order.plan.source
        sectors = tr("sectors of {n}").format(n=text.bytes_text(said.logical_sector_bytes))
        rows.append((tr("Media"), f"{text.bytes_text(said.size_bytes)}, {sectors}"))
    rows += [
        (tr("For"), f"{order.exhibit.number}, {order.exhibit.description}"),
        (tr("Write block"), blocker_words(order.write_blocker)),
        (tr("Hidden areas"), tr("HPA and DCO are not looked for") if device else ""),
    ]
    return rows


def _image_rows(order: Order) -> list[tuple[str, Fact]]:
    request = order.request
    if not isinstance(request, AcquisitionRequest):
        return [(tr("Container"), _path(request.target)), (tr("Notes"), request.notes)]
    how = [format_words(request.format)]
    if request.format is Format.E01:
        how.append(tr("compression {how}").format(how=compression_words(request.compression).lower()))
    how.append(tr("largest file: {size}").format(size=segment_words(request.segment_bytes)))
    tries = tr("tried again {n} times, then filled with zeros and listed").format(n=request.retries)
    rows: list[tuple[str, Fact]] = [
        (tr("First file"), _path(order.plan.first_file if order.plan else request.target)),
        (tr("Written as"), ", ".join(how)),
        (tr("Bad sectors"), tries),
    ]
    if order.plan:
        room = tr("{needed} at most, {free} free").format(
            needed=text.size_text(order.plan.needed_bytes), free=text.size_text(order.plan.free_bytes)
        )
        rows.append((tr("Room"), room))
    return [*rows, (tr("Description"), request.description or ""), (tr("Notes"), request.notes)]


def _sentence(order: Order) -> str:
    if isinstance(order.request, AcquisitionRequest):
        return tr(
            "The source is opened read-only and read once, through MD5, SHA-1 and SHA-256. Then the image is read "
            "back, compared and recorded as an image of the exhibit. The work can be stopped and taken up again."
        )
    return tr(
        "The folders are opened read-only and copied into one container; links are told of and not followed. Then the "
        "container is read back, compared and recorded. Stopped work leaves nothing behind and begins anew."
    )


def _path(path: Path) -> QWidget:
    return CutLabel(str(path), mode=Qt.TextElideMode.ElideMiddle)
