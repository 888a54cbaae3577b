"""What is told of the seal of each thing that is scanned: one of the closed conditions, the number read, remarks."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import OPENED, WITHOUT_NUMBER, SealCondition, SealSeen, seal_condition
from ui.custody.step_form import seal_checks
from ui.widgets import forms
from ui.widgets.layout import vbox

_READ_NEWLY = frozenset((SealCondition.DIFFERS, SealCondition.NEW))


class SealTold(QWidget):
    """Asks for the seal of the chosen line; ``told`` carries a :class:`SealSeen` or None, ``settled`` that it is whole.

    ``told`` comes with each key, so that nothing typed is lost; ``settled`` when a field is left or a choice is made.
    """

    told = Signal(object)
    settled = Signal()

    def __init__(self) -> None:
        """Ask of nothing yet."""
        super().__init__()
        self.setObjectName("sealTold")
        self._check_box: QComboBox = forms.choice([_tr("Choose …"), *seal_checks()])
        self._number_edit: QLineEdit = forms.line_edit()
        self._remarks_edit: QLineEdit = forms.line_edit()
        self._check = forms.Field(_tr("Its seal"), self._check_box, name="sealOfLine")
        self._number = forms.Field(_tr("Number read on it"), self._number_edit, name="sealNumberOfLine", optional=True)
        self._remarks = forms.Field(_tr("Remarks on it"), self._remarks_edit, name="sealRemarksOfLine", optional=True)
        form = forms.Form(columns=3)
        for field in (self._check, self._number, self._remarks):
            form.add(field)
        self.setLayout(vbox(form, gap=0))
        self._check_box.activated.connect(lambda _: self._on_check())
        for edit in (self._number_edit, self._remarks_edit):
            edit.textEdited.connect(lambda _: self._tell())
            edit.editingFinished.connect(self.settled)
        self.ask("", "", None)

    def ask(self, number: str, recorded: str, seen: SealSeen | None) -> None:
        """Ask for the seal of the exhibit ``number``, on which ``recorded`` should stand; of nothing where it is empty.

        What is typed right now is left alone.
        """
        self.setEnabled(bool(number))
        self._check.set_title(_tr("Seal of {number}").format(number=number) if number else _tr("Its seal"))
        self._number.set_hint(_tr("Recorded: {number}").format(number=recorded) if recorded else "")
        condition = seal_condition(seen.condition) if seen else None
        self._check_box.setCurrentIndex(tuple(SealCondition).index(condition) + 1 if condition else 0)
        for edit, words in ((self._number_edit, seen.number if seen else ""), (self._remarks_edit, _more(seen))):
            if not edit.hasFocus() or edit.text().strip() != words:
                edit.setText(words)
        self._show_fields()

    def _on_check(self) -> None:
        self._show_fields()
        self._tell()
        self.settled.emit()

    def _show_fields(self) -> None:
        condition = self._condition
        self._number_edit.setEnabled(condition is not None and condition not in WITHOUT_NUMBER)
        self._number.set_title(_tr("Number read on it"), optional=condition not in _READ_NEWLY)
        self._remarks_edit.setEnabled(condition is not None)
        why = condition is SealCondition.NOT_CHECKED
        self._remarks.set_title(_tr("Why not") if why else _tr("Remarks on it"), optional=not why)

    @property
    def _condition(self) -> SealCondition | None:
        at = self._check_box.currentIndex()
        return tuple(SealCondition)[at - 1] if at > 0 else None

    def _tell(self) -> None:
        condition = self._condition
        if condition is None:
            self.told.emit(None)
            return
        number = "" if condition in WITHOUT_NUMBER else self._number.text()
        self.told.emit(SealSeen(condition=condition.value, number=number, remarks=self._remarks.text()))


def seen_by_scanning(exhibit: Exhibit) -> SealSeen:
    """What a scan alone tells of the seal: it is as the record says, for whoever holds the scanner has it in hand."""
    sealed = bool(exhibit.seal_number) and exhibit.state not in OPENED
    return SealSeen(condition=(SealCondition.INTACT if sealed else SealCondition.UNSEALED).value)


def seal_words(seen: SealSeen) -> str:
    """What was told of a seal, in one line."""
    condition = seal_condition(seen.condition)
    words = seal_checks()[tuple(SealCondition).index(condition)] if condition else seen.condition
    return ", ".join(part for part in (words, seen.number, seen.remarks) if part)


def lacking(number: str, seen: SealSeen | None) -> str:
    """What still has to be told of the seal of the exhibit ``number``; empty where nothing is missing."""
    condition = seal_condition(seen.condition) if seen else None
    if seen is None or condition is None:
        return _tr("Say what the seal of {number} is like.").format(number=number)
    if condition is SealCondition.NOT_CHECKED and not seen.remarks:
        return _tr("Say why the seal of {number} was not checked.").format(number=number)
    if condition in _READ_NEWLY and not seen.number:
        return _tr("Write the number that stands on the seal of {number}.").format(number=number)
    return ""


def _more(seen: SealSeen | None) -> str:
    return seen.remarks if seen else ""


def _tr(words: str) -> str:
    return QCoreApplication.translate("SealTold", words)
