"""The dialog that enrols a person: who they are, what they may do, and the passphrase that seals their new key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import same_name
from forensics_app.model.meant import near_name
from forensics_app.model.person import NewPerson, Person, Role
from ui.lab.chosen_passphrase import ChosenPassphrase
from ui.lab.words import role_sentence, role_words
from ui.recording import signed_as
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import line, plain, vbox
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Who is enrolled, and the passphrase they typed."""

    new: NewPerson
    passphrase: str = field(repr=False)


class EnrolSheet(FormSheet):
    """``submitted`` carries an :class:`Enrolment`."""

    def __init__(self, parent: QWidget, *, actor: Person, taken: Sequence[str]) -> None:
        """The names ``taken`` are refused at the field."""
        super().__init__(
            parent,
            title=self.tr("Enrol a person"),
            subtitle=self.tr("A key is made for them; you sign its enrolment"),
            name="enrolPerson",
            act=self.tr("Enrol"),
            width_px=680,
        )
        self._taken = tuple(taken)
        self._fields: dict[str, forms.Field] = {}
        self._person, self._secret = self._person_form(), ChosenPassphrase()
        self._boxes = {
            role: forms.check(role_words(role), name=f"role-{role.value.replace(' ', '-')}") for role in Role
        }
        self._another = forms.check("", name="anotherPerson")
        self._another.hide()
        self._fields["personName"].changed.connect(self._follow_name)
        self._no_role = note(Tone.BAD, self.tr("Choose at least one role."), name="rolesError")
        self._no_role.hide()
        head = label(self.tr("Roles"), "section")
        key = label(self.tr("Passphrase of the new key"), "section")
        advice = label(
            self.tr("The person types it themselves. Only it opens the key; nobody can read or reset it."),
            "small",
            wrap=True,
        )
        self.fill(
            self._person, self._another, line(), head, self._roles(), self._no_role, line(), key, advice, self._secret,
            signed_as=signed_as(actor),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """Who they are, and the passphrase."""
        return self._person, self._secret

    def problem(self) -> str:
        """Wrong fields, or no role."""
        found = super().problem()
        none = not self._chosen()
        self._no_role.setVisible(none)
        return found or (self.tr("Choose at least one role.") if none else "")

    def request(self) -> Enrolment:
        """The person as filled in."""
        return Enrolment(
            new=NewPerson(
                name=self._text("personName"),
                function=self._text("function"),
                organisation=self._text("organisation"),
                id_number=self._text("idNumber"),
                roles=frozenset(self._chosen()),
                is_another=self._another.isVisibleTo(self) and self._another.isChecked(),
            ),
            passphrase=self._secret.chosen(),
        )

    def _person_form(self) -> forms.Form:
        form = forms.Form(columns=2)
        for name, title, error in (
            ("personName", self.tr("Full name"), self.tr("Write the name as it stands on papers.")),
            ("function", self.tr("Rank or function"), self.tr("Write the rank or function.")),
            ("organisation", self.tr("Organisation"), self.tr("Write the organisation they work for.")),
            ("idNumber", self.tr("Badge or staff number"), ""),
        ):
            made = forms.Field(title, forms.line_edit(), name=name, optional=not error)
            rule = self._name_rule if name == "personName" else forms.required(error) if error else None
            self._fields[name] = form.add(made, rule=rule)
        return form

    def _roles(self) -> QWidget:
        column = vbox(gap=Space.S)
        for role, box in self._boxes.items():
            sentence = label(role_sentence(role), "caption", wrap=True)
            sentence.setContentsMargins(Space.XL, 0, 0, 0)
            box.setAccessibleDescription(role_sentence(role))
            box.toggled.connect(lambda _: self._no_role.hide())
            column.addLayout(vbox(box, sentence, gap=0))
        return plain(column)

    def _chosen(self) -> list[Role]:
        return [role for role, box in self._boxes.items() if box.isChecked()]

    def _name_rule(self, name: str) -> str:
        if not name:
            return self.tr("Write the name as it stands on papers.")
        if any(same_name(name, one) for one in self._taken):
            return self.tr("Somebody of this name is enrolled already; add a middle name or the number.")
        near = near_name(name, self._taken)
        if not near or self._another.isChecked():
            return ""
        return self.tr("{known} is enrolled. Say below that this is another person, or give them a new key.").format(
            known=near
        )

    def _follow_name(self) -> None:
        """Ask whether somebody is another person than who is enrolled by a name that is in theirs, or theirs in it."""
        name = self._text("personName")
        near = "" if any(same_name(name, one) for one in self._taken) else near_name(name, self._taken)
        self._another.setText(self.tr("{name} is another person than {known}").format(name=name, known=near))
        self._another.setVisible(bool(near))

    def _text(self, name: str) -> str:
        return self._fields[name].text()
