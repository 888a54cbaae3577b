"""The dialogs that add a place, and a person who is no user."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.person import Person
from forensics_app.model.register import LIES_IN, NewOutsider, NewPlace, OutsiderKind, PlaceKind, PlaceLine
from ui.lab.words import outsider_words, place_words
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet

_KINDS = tuple(PlaceKind)
_OUTSIDERS = tuple(OutsiderKind)


class PlaceSheet(FormSheet):
    """``submitted`` carries a :class:`NewPlace`."""

    def __init__(self, parent: QWidget, *, actor: Person, places: Sequence[PlaceLine]) -> None:
        """Offer the open ``places`` to lie in."""
        super().__init__(
            parent, title=self.tr("Add a place"), subtitle=self.tr("A site, a room, a cabinet or a shelf"),
            name="placeSheet", act=self.tr("Add"), width_px=560,
        )  # fmt: skip
        self._open = [line for line in places if line.place.closed_at is None]
        self._taken = {line.place.code for line in places}
        self._offered: list[PlaceLine] = []
        self._form = forms.Form(columns=2)
        kind = forms.choice([place_words(kind) for kind in _KINDS])
        self._kind = self._form.add(forms.Field(self.tr("Kind"), kind, name="placeKind"))
        self._within = self._form.add(
            forms.Field(self.tr("Lies in"), forms.choice([]), name="placeParent"), rule=self._within_rule
        )
        hint = self.tr("As it stands on its label")
        self._code = self._form.add(
            forms.Field(self.tr("Code"), forms.line_edit(), name="placeCode", hint=hint), rule=self._code_rule
        )
        self._name = self._form.add(forms.Field(self.tr("Name"), forms.line_edit(), name="placeName", optional=True))
        kind.currentIndexChanged.connect(lambda _: self._follow())
        self._follow()
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """What the place is."""
        return (self._form,)

    def request(self) -> NewPlace:
        """The place as filled in."""
        at = self._within.index
        parent = self._offered[at].place.id if 0 <= at < len(self._offered) else None
        return NewPlace(kind=self._chosen, code=self._code.text(), name=self._name.text(), parent_id=parent)

    @property
    def _chosen(self) -> PlaceKind:
        return _KINDS[self._kind.index]

    def _follow(self) -> None:
        within = LIES_IN[self._chosen]
        self._offered = [line for line in self._open if line.place.kind in within]
        entry = self._within.entry
        if isinstance(entry, QComboBox):
            entry.clear()
            entry.addItems([line.path for line in self._offered])
        self._within.setVisible(bool(within))

    def _within_rule(self, _: str) -> str:
        within = LIES_IN[self._chosen]
        if not within or self._offered:
            return ""
        words = self.tr(" or ").join(place_words(kind).lower() for kind in within)
        return self.tr("Add the {kinds} first that it lies in.").format(kinds=words)

    def _code_rule(self, code: str) -> str:
        if not code:
            return self.tr("Write the code that stands on its label.")
        return self.tr("This code is or was in use; it is never used again.") if code in self._taken else ""


class OutsiderSheet(FormSheet):
    """``submitted`` carries a :class:`NewOutsider`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask who it is."""
        super().__init__(
            parent, title=self.tr("Add an outside person"),
            subtitle=self.tr("Somebody who gives or takes exhibits and has no key"),
            name="outsiderSheet", act=self.tr("Add"), width_px=620,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        kinds = forms.choice([outsider_words(kind) for kind in _OUTSIDERS])
        self._kind = self._form.add(forms.Field(self.tr("Who"), kinds, name="outsiderKind"))
        self._name = self._form.add(
            forms.Field(self.tr("Full name"), forms.line_edit(), name="outsiderName"),
            rule=forms.required(self.tr("Write the name as it stands on papers.")),
        )
        self._told = {
            name: self._form.add(forms.Field(title, forms.line_edit(), name=f"outsider-{name}", optional=True))
            for name, title in (
                ("function", self.tr("Rank or function")),
                ("organisation", self.tr("Organisation")),
                ("identity", self.tr("Identity document")),
                ("contact", self.tr("Address, telephone, mail")),
            )
        }
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """Who it is."""
        return (self._form,)

    def request(self) -> NewOutsider:
        """The person as filled in."""
        told = {name: shown.text() for name, shown in self._told.items()}
        return NewOutsider(kind=_OUTSIDERS[self._kind.index], name=self._name.text(), **told)
