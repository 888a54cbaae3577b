"""How the source is protected from writing: a device by its label, or the reason why there was none."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox

from forensics_app.model.image import WriteBlocker
from ui.exhibits.memory import Memory
from ui.widgets import forms

_KIND = "writeBlocker"


class BlockerFields:
    """Two fields of a form, of which one is needed; ``device`` and ``none`` tell when they change."""

    def __init__(self, form: forms.Form, memory: Memory, *, device_name: str, none_name: str) -> None:
        """Add them to ``form`` under these names, and offer what was typed last."""
        self._memory = memory
        known = memory.known(_KIND)
        entry = forms.choice(known, editable=True)
        entry.setCurrentText(known[0] if known else "")
        self.device = form.add(forms.Field(_tr("Write blocker"), entry, name=device_name))
        self.device.set_hint(_tr("Model and number of the device, as on its label"))
        self.none = form.add(forms.Field(_tr("Or why there was none"), forms.line_edit(), name=none_name))
        self.device.changed.connect(self._on_device)
        self._on_device()

    @property
    def blocker(self) -> WriteBlocker:
        """What was typed."""
        device = self.device.text()
        return WriteBlocker(device=device, reason_for_none="" if device else self.none.text())

    def fill(self, blocker: WriteBlocker) -> None:
        """Show what was typed before."""
        if isinstance(self.device.entry, QComboBox):
            self.device.entry.setCurrentText(blocker.device)
        self.none.set_text(blocker.reason_for_none)

    def remember(self) -> None:
        """Offer the device the next time, too."""
        self._memory.remember(_KIND, self.blocker.device)

    def problem(self) -> str:
        """What is missing."""
        blocker = self.blocker
        if blocker.device or blocker.reason_for_none:
            return ""
        return _tr("Name the write blocker, or write why there was none.")

    def _on_device(self) -> None:
        self.none.setEnabled(not self.device.text())


def _tr(words: str) -> str:
    return QCoreApplication.translate("BlockerFields", words)
