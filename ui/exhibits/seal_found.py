"""Asks how the seal of an exhibit is found by who opens it: a closed choice, the number that is read, remarks."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import Exhibit, SealSeen
from forensics_app.model.incident import WITHOUT_NUMBER, SealCondition, opens_seal
from ui.custody.step_form import seal_checks, seal_chosen
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.notes import note


class SealFound(QWidget):
    """Asks before an exhibit is imaged or a part taken out of it; hidden where no seal is opened by that."""

    changed = Signal()

    def __init__(self) -> None:
        """Ask of nothing yet."""
        super().__init__()
        self.setObjectName("sealFound")
        self._recorded = ""
        self._form = form = forms.Form(columns=3)
        condition = forms.choice([_tr("Choose …"), *seal_checks()])
        self._check = form.add(
            forms.Field(_tr("Seal as found"), condition, name="sealFoundCheck"), rule=lambda _: self._check_problem()
        )
        self._number = form.add(
            forms.Field(_tr("Number read on it"), forms.line_edit(), name="sealFoundNumber"),
            rule=lambda _: self._number_problem(),
        )
        self._remarks = form.add(
            forms.Field(_tr("Remarks on it"), forms.line_edit(), name="sealFoundRemarks", optional=True),
            rule=lambda _: self._remarks_problem(),
        )
        self._raises = note(Tone.WARN, "", name="sealFoundRaises")
        head = label(_tr("The seal that is opened now"), "section")
        self.setLayout(vbox(head, form, self._raises, gap=Space.S))
        self._form.changed.connect(self._follow)
        self.ask_of(None)

    def ask_of(self, exhibit: Exhibit | None) -> None:
        """Ask how the seal of ``exhibit`` is found, where its seal is opened by what is done now; else of nothing."""
        recorded = exhibit.seal_number if exhibit and opens_seal(exhibit) else ""
        if recorded != self._recorded:
            self._number.set_text("")
        self._recorded = recorded
        self.setVisible(bool(recorded))
        self._number.set_hint(_tr("Recorded: {number}").format(number=recorded) if recorded else "")
        self._follow()

    @property
    def forms(self) -> tuple[forms.Form, ...]:
        """What is asked; nothing where no seal is opened."""
        return (self._form,) if self._recorded else ()

    @property
    def seen(self) -> SealSeen | None:
        """What was found; None where nothing is asked, or nothing chosen."""
        condition = self._condition
        if not self._recorded or condition is None:
            return None
        number = "" if condition in WITHOUT_NUMBER else self._number.text()
        return SealSeen(condition=condition.value, number=number, remarks=self._remarks.text())

    def problem(self) -> str:
        """What is missing."""
        return self._form.first_problem() if self._recorded else ""

    def show_problems(self) -> bool:
        """Write under each field what is missing; tell whether nothing is."""
        return not self._recorded or self._form.show_problems()

    @property
    def _condition(self) -> SealCondition | None:
        return seal_chosen(self._check)

    def _follow(self) -> None:
        condition = self._condition
        self._number.setEnabled(condition is None or condition not in WITHOUT_NUMBER)
        unchecked = condition is SealCondition.NOT_CHECKED
        self._remarks.set_title(_tr("Why not") if unchecked else _tr("Remarks on it"), optional=not unchecked)
        words = ""
        if unchecked:
            words = _tr("That nobody looked at the seal is recorded as a deviation, which a supervisor decides about.")
        elif condition is not None and not self._agrees(condition):
            words = _tr(
                "This raises an incident with the act, which another decides about: the seal is not as recorded. "
                "None is raised where one tells the same of it already."
            )
        self._raises.say(Tone.WARN, words)
        self._raises.setVisible(bool(words))
        self.changed.emit()

    def _agrees(self, condition: SealCondition) -> bool:
        return condition is SealCondition.INTACT and self._number.text() in ("", self._recorded)

    def _check_problem(self) -> str:
        words = _tr("Look at the seal {number}, and choose how it is.")
        return words.format(number=self._recorded) if self._condition is None else ""

    def _number_problem(self) -> str:
        condition, number = self._condition, self._number.text()
        if condition in WITHOUT_NUMBER:
            return ""
        if not number:
            return _tr("Write the number that stands on the seal.")
        if condition is SealCondition.DIFFERS and number == self._recorded:
            return _tr("This is the number that is recorded.")
        return ""

    def _remarks_problem(self) -> str:
        unchecked = self._condition is SealCondition.NOT_CHECKED
        return _tr("Say why the seal was not checked.") if unchecked and not self._remarks.text() else ""


def _tr(words: str) -> str:
    return QCoreApplication.translate("SealFound", words)
