"""How somebody without a key says that they gave or took something: signed on the screen, or on paper, scanned."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from forensics_app.model.custody import PaperKind
from forensics_app.services.folder import write_whole
from ui.custody.signature_sheet import SignatureSheet
from ui.custody.words import field_words
from ui.widgets import forms
from ui.widgets.buttons import Button


class SignatureField(forms.Field):
    """Asks for a signature on the screen, and keeps it until the step is recorded."""

    def __init__(self, *, signer: Callable[[], str], what: str, optional: bool, scratch: Path) -> None:
        """Let the person whom ``signer`` names then sign for ``what``, which names the exhibit and its description.

        The picture is kept in ``scratch``, encrypted where the lab folder is, until this field is gone.
        """
        self.sign = Button(_tr("Sign…"), name="signOnScreen", kind="quiet", icon="sign")
        self.sign.setAccessibleName(_tr("Let the person sign on this screen"))
        super().__init__(
            field_words(PaperKind.SIGNATURE), forms.line_edit(read_only=True), name=PaperKind.SIGNATURE.value,
            optional=optional, beside=self.sign,
            hint=_tr("Of somebody who has no key. Instead of it the form can be signed on paper."),
        )  # fmt: skip
        self._signer, self._what = signer, what
        self._drawn: Path | None = None
        self._scratch = scratch
        self.sign.clicked.connect(self._ask_to_sign)

    @property
    def drawn(self) -> Path | None:
        """The picture of it; None where nobody signed."""
        return self._drawn

    def forget(self) -> None:
        """Take the signature back: it was given under another name."""
        if self._drawn is not None:
            self._drawn = None
            self.set_text("")

    def _ask_to_sign(self) -> None:
        who = self._signer()
        if not who:
            self.set_error(_tr("Write first who signs."))
            return
        sheet = SignatureSheet(self, who=who, what=self._what)
        sheet.submitted.connect(lambda png: self._keep(who, png))
        sheet.open()

    def _keep(self, who: str, png: bytes) -> None:
        drawn = self._scratch / f"signature-{uuid4()}.png"
        write_whole(drawn, [png])
        weakref.finalize(self, drawn.unlink, missing_ok=True)
        self._drawn = drawn
        self.set_text(_tr("Signed here by {name}").format(name=who))


class PaperField(forms.Field):
    """Asks for the file of a signed paper."""

    def __init__(self, kind: PaperKind, *, optional: bool) -> None:
        """Ask for a paper of this kind."""
        self._chosen_as = field_words(kind)
        self.choose = Button(_tr("Choose…"), name=f"choose{kind.capitalize()}", kind="quiet")
        self.choose.setAccessibleName(_tr("Choose a file: {field}").format(field=self._chosen_as))
        super().__init__(
            self._chosen_as, forms.line_edit(), name=kind.value, optional=optional, beside=self.choose,
            hint=_tr("PDF, JPEG or PNG. It is kept in the lab folder, and the entry states its SHA-256."),
        )  # fmt: skip
        self.choose.clicked.connect(self._choose)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self._chosen_as, "", _tr("Papers (*.pdf *.jpg *.jpeg *.png)"))
        if path:
            self.set_text(path)


def _tr(words: str) -> str:
    return QCoreApplication.translate("ReceiptFields", words)
