"""A digest in a narrow column: groups of eight, and a button that copies it whole."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui import text
from ui.theme import Size, Space
from ui.widgets.buttons import IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain

_GROUPS_A_LINE = 3


def digest_line(name: str, digest: bytes | str, *, short: bool = False) -> QWidget:
    """SHA-256 ``digest`` called ``name``; a ``short`` one shows its first groups and is whole in the tooltip."""
    whole = text.digest_text(digest)
    shown = text.short_digest_text(digest, groups=2)
    value = label(shown if short else text.digest_text(digest, groups_a_line=_GROUPS_A_LINE), "mono", select=True)
    value.setAccessibleName(f"{name}: {whole}")
    value.setToolTip(whole)
    words = QCoreApplication.translate("DigestLine", "Copy {name}").format(name=name)
    copy = IconButton("copy", words, name="copyDigest", size_px=Size.ICON_SMALL - 2)
    copy.setFixedSize(Size.CONTROL_SMALL, Size.CONTROL_SMALL if not short else Size.BADGE)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text.hex_text(digest)))
    row = hbox((value, 1), copy, gap=Space.XS)
    row.setAlignment(copy, Qt.AlignmentFlag.AlignTop)
    return plain(row)
