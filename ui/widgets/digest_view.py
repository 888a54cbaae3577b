"""A digest, whole, in groups of eight, with its algorithm and a copy button."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.text import digest_text, hex_text
from ui.theme import Size, Space
from ui.widgets.badges import Badge
from ui.widgets.buttons import IconButton
from ui.widgets.labels import label
from ui.widgets.layout import frame, hbox, vbox


class DigestView(QWidget):
    """Shows one digest; ``copied`` carries the text that went to the clipboard."""

    copied = Signal(str)

    def __init__(
        self, algorithm: str, digest: bytes | str, verdict: Badge | None = None, *, groups_a_line: int = 4
    ) -> None:
        """Show ``digest`` under its algorithm, with ``verdict`` beside the name."""
        super().__init__()
        self.setObjectName(f"digest-{algorithm.lower()}")
        self._hex = hex_text(digest)
        self.setAccessibleName(f"{algorithm}: {self._hex}")
        value = label(digest_text(digest, groups_a_line=groups_a_line), "mono", select=True)
        value.setAccessibleName(self.accessibleName())
        copy = IconButton(
            "copy", self.tr("Copy {name}").format(name=algorithm), name="copyDigest", size_px=Size.ICON_SMALL
        )
        copy.clicked.connect(self.copy)
        box = frame(hbox((value, 1), copy, gap=Space.XS, margins=(Space.S, Space.XS, Space.XS, Space.XS)), sunken=True)
        head = hbox(label(algorithm, "label"), None)
        if verdict:
            head.addWidget(verdict)
        self.setLayout(vbox(head, box, gap=Space.XS))

    def copy(self) -> None:
        """Put the digest on the clipboard, lower case and without spaces."""
        QGuiApplication.clipboard().setText(self._hex)
        self.copied.emit(self._hex)
