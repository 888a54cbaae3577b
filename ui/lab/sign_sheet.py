"""A dialog about an act that asks for nothing but the signature: it says what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.tones import Tone
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note


class SignSheet(FormSheet):
    """``submitted`` carries nothing."""

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str, sentences: Sequence[str], act: str, name: str,
        signed_as: str, kind: str = "primary", warning: str = "",
    ) -> None:  # fmt: skip
        """``sentences`` say what follows, ``warning`` what cannot be taken back."""
        super().__init__(parent, title=title, subtitle=subtitle, name=name, act=act, kind=kind, width_px=520)
        warned = [note(Tone.WARN, warning, name="warning")] if warning else []
        self.fill(*(label(sentence, wrap=True) for sentence in sentences), *warned, signed_as=signed_as)

    def request(self) -> None:
        """There is nothing to ask."""
