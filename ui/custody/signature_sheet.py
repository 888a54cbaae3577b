"""Asks somebody who has no key in the lab to sign on the screen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.sheet import Sheet, sheet_body
from ui.widgets.signature_pad import SignaturePad


class SignatureSheet(Sheet):
    """``submitted`` carries the signature as PNG, in which its strokes, who signed and what for are kept too."""

    def __init__(self, parent: QWidget, *, who: str, what: str) -> None:
        """Let ``who`` sign for ``what``, a sentence."""
        super().__init__(
            parent, title=self.tr("Signature of {name}").format(name=who), subtitle=what, name="signatureSheet",
            width_px=602,
        )  # fmt: skip
        self._said = {"signer": who, "signed": what}
        words = self.tr(
            "Sign with a finger, a pen or the mouse. The picture and its strokes are kept in the lab folder; the entry"
            " states its SHA-256. It is no signature by a key."
        )
        self.pad = SignaturePad(title=self.tr("Field to sign in"))
        self._again = Button(self.tr("Clear"), name="clearSignature", kind="quiet")
        self._again.clicked.connect(self.pad.clear)
        self.pad.changed.connect(lambda: self.say(""))
        self.set_body(sheet_body(label(words, "small", wrap=True), self.pad), scroll=False)
        keep = Button(self.tr("Keep the signature"), name="keepSignature", kind="primary", icon="sign")
        self.set_buttons(keep, self._again, self.cancel_button())
        self.pad.setFocus()

    def problem(self) -> str:
        """Nothing that could be a signature was drawn."""
        return "" if self.pad.is_signed else self.tr("Nothing is signed yet.")

    def request(self) -> bytes:
        """The signature as PNG."""
        return self.pad.png(self._said)
