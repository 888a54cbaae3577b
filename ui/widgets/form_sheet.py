"""Dialogs that stay open until what they ask for is done, so that a refusal costs nobody what they typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QScrollArea, QWidget

from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import line
from ui.widgets.notes import Note, note
from ui.widgets.sheet import Sheet, sheet_body


class FormSheet(Sheet):
    """A dialog with fields. ``submitted`` carries the request; whoever does it calls ``finish`` or ``refuse``."""

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str = "", name: str, act: str, kind: str = "primary",
        width_px: int = 640,
    ) -> None:  # fmt: skip
        """``act`` is the verb on the button that submits; a ``kind`` of danger outlines it."""
        super().__init__(parent, title=title, subtitle=subtitle, name=name, width_px=width_px)
        self._busy = False
        self._is_told_anew = False
        self._refusal = Note(Tone.BAD, "", name="refusal")
        self._refusal.hide()
        self.act_button = Button(act, name="submitButton", kind=kind)
        self._cancel = self.cancel_button()

    def fill(self, *parts: QWidget, signed_as: str) -> None:
        """Put the parts between head and foot; ``signed_as`` says with which key the act is signed."""
        key = label(signed_as, "small", wrap=True, name="signedAs")
        self.set_body(sheet_body(*parts, line(), key, self._refusal))
        self.set_buttons(self.act_button, self._cancel)

    def entry_forms(self) -> Sequence[forms.Form]:
        """The forms whose fields must be right before the request is handed over."""
        return ()

    def problem(self) -> str:
        """Write every error under its field and say beside the button that there are some."""
        right = [form.show_problems() for form in self.entry_forms()]
        if all(right):
            return ""
        self.entry_forms()[right.index(False)].show_problems()
        return self.tr("See the marked fields.")

    def submit(self) -> None:
        """Hand the request over and wait for what becomes of it."""
        if self._busy:
            return
        problem = self.problem()
        self.say(problem)
        if not problem:
            self._refusal.hide()
            self._set_busy(True)
            self.submitted.emit(self.request())

    def reject(self) -> None:
        """Close and change nothing; not while the act is being recorded."""
        if not self._busy:
            super().reject()

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say why it was refused and what can be done; what was typed stays."""
        self._set_busy(False)
        self._refusal.say(Tone.BAD, "\n".join(part for part in (sentence, then) if part))
        self._is_told_anew = True
        self._refusal.show()

    def finish(self) -> None:
        """Close: it was recorded."""
        self._set_busy(False)
        self.accept()

    def _grow(self) -> None:
        """Grow with the content, and bring a new refusal into sight where there is no room to grow."""
        super()._grow()
        area = self.findChild(QScrollArea, "sheetScroll")
        if self._is_told_anew and area is not None:
            self._is_told_anew = False
            area.ensureWidgetVisible(self._refusal)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.act_button.setEnabled(not busy)
        self._cancel.setEnabled(not busy)
        self.say(self.tr("Recording …") if busy else "")


class ReasonSheet(FormSheet):
    """Asks for the reason of an act, most often of one that ends something; ``submitted`` carries the reason."""

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str, sentences: Sequence[str], act: str, name: str,
        signed_as: str, kind: str = "danger", warning: str = "",
    ) -> None:  # fmt: skip
        """``sentences`` say what ends and what stays, ``warning`` what is better done before."""
        super().__init__(parent, title=title, subtitle=subtitle, name=name, act=act, kind=kind, width_px=520)
        self._form = forms.Form()
        hint = self.tr("It becomes part of the record.")
        field = forms.Field(self.tr("Reason"), forms.text_edit(lines=3), name="reason", hint=hint)
        self._reason = self._form.add(field, rule=forms.required(self.tr("Write the reason.")))
        warned = [note(Tone.WARN, warning, name="warning")] if warning else []
        self.fill(*(label(sentence, wrap=True) for sentence in sentences), *warned, self._form, signed_as=signed_as)

    def entry_forms(self) -> Sequence[forms.Form]:
        """The reason."""
        return (self._form,)

    def request(self) -> str:
        """The reason."""
        return self._reason.text()
