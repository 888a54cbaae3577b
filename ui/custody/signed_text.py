"""The very text of an entry that was signed, to be read and copied."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyEvent
from ui import text
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import facts, mono
from ui.widgets.sheet import Sheet
from ui.widgets.text_view import TextView


class SignedTextSheet(Sheet):
    """Shows the body of an entry byte for byte, with its digest and the keys that signed it."""

    def __init__(self, parent: QWidget, event: CustodyEvent) -> None:
        """Show ``event``."""
        title = self.tr("Signed text of entry {number}").format(number=event.sequence)
        size = text.bytes_text(len(event.body.encode()))
        super().__init__(
            parent, title=title, subtitle=self.tr("{object}, {size}").format(object=event.object_label, size=size),
            name="signedTextSheet", width_px=760, height_px=560,
        )  # fmt: skip
        view = TextView(title=self.tr("Signed text"), name="signedText")
        view.show_text(event.body)
        view.setMinimumHeight(120)
        keys: list[tuple[str, str | QWidget]] = [
            (one.name, mono(text.digest_text(one.key_id, groups_a_line=8))) for one in event.signatures
        ]
        keys.append((self.tr("This entry"), mono(text.digest_text(event.digest, groups_a_line=8))))
        why = self.tr(
            "Each signature is made over the words “forensics-ledger/1”, a line feed, and this text in UTF-8; "
            "the digest of the entry is the SHA-256 of this text followed by the signatures."
        )
        margins = (Space.XL - 4, Space.M, Space.XL - 4, Space.M)
        body = vbox((view, 1), label(why, "caption", wrap=True), plain(facts(keys, label_px=96)), margins=margins)
        self.set_body(plain(body), scroll=False)
        copy = Button(self.tr("Copy the text"), name="copySignedText", kind="primary", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(event.body))
        close = Button(self.tr("Close"), name="closeSignedText")
        close.clicked.connect(self.reject)
        self.set_buttons(None, close, copy)
        close.setFocus()
