"""How the source is protected from writing: a device by its label, or the reason why there was none."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from forensics_app.model.image import WriteBlocker
from ui.acquire.words import tr
from ui.exhibits.memory import Memory
from ui.widgets import forms

_KIND = "writeBlocker"


class BlockerForm(forms.Form):
    """Two fields, of which one is needed."""

    def __init__(self, memory: Memory) -> None:
        """Offer what was typed last."""
        super().__init__(columns=2)
        self._memory = memory
        known = memory.known(_KIND)
        entry = forms.choice(known, editable=True)
        entry.setCurrentText(known[0] if known else "")
        self._device = self.add(forms.Field(tr("Write blocker"), entry, name="acquireBlocker"))
        self._device.set_hint(tr("Model and number of the device, as on its label"))
        self._none = self.add(forms.Field(tr("Or why there was none"), forms.line_edit(), name="acquireNoBlocker"))
        self._device.changed.connect(self._on_device)
        self._on_device()

    @property
    def blocker(self) -> WriteBlocker:
        """What was typed."""
        device = self._device.text()
        return WriteBlocker(device=device, reason_for_none="" if device else self._none.text())

    def fill(self, blocker: WriteBlocker) -> None:
        """Show what was typed before."""
        if isinstance(self._device.entry, QComboBox):
            self._device.entry.setCurrentText(blocker.device)
        self._none.set_text(blocker.reason_for_none)

    def remember(self) -> None:
        """Offer the device the next time, too."""
        self._memory.remember(_KIND, self.blocker.device)

    def problem(self) -> str:
        """What is missing."""
        blocker = self.blocker
        if blocker.device or blocker.reason_for_none:
            return ""
        return tr("Name the write blocker, or write why there was none.")

    def _on_device(self) -> None:
        self._none.setEnabled(not self._device.text())


def blocker_words(blocker: WriteBlocker) -> str:
    """How the source is protected, in words."""
    return blocker.device or tr("none: {reason}").format(reason=blocker.reason_for_none)
