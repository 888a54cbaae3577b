"""The dialog that begins a flow of the guidance at a scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from forensics_app.model.scene import Flow, NewScene
from ui.cases.words import origin_words
from ui.exhibits.moment import Moment, MomentField
from ui.recording import signed_as
from ui.scenes.reading import ScenesView
from ui.scenes.words import overdue_words
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note


class BeginSheet(FormSheet):
    """``submitted`` carries a :class:`NewScene`."""

    def __init__(self, parent: QWidget, view: ScenesView, *, actor: Person, now: datetime, zone: ZoneInfo) -> None:
        """Ask for a scene of the case of ``view``; place and leader of the newest scene are offered again."""
        super().__init__(
            parent,
            title=self.tr("Begin at a scene"),
            subtitle=self.tr("Case {number} · {title}").format(number=view.case.number, title=view.case.title),
            name="beginScene",
            act=self.tr("Begin"),
            width_px=680,
        )
        self._view = view
        self._began = Moment(now, zone)
        self._form = forms.Form(columns=2)
        self._fields: dict[str, forms.Field] = {}
        self._introduction = label(role="muted", wrap=True, name="flowIntroduction")
        self._origin = label(role="caption", wrap=True, name="flowOrigin")
        self._overdue = note(Tone.WARN, "", name="flowOverdue")
        self._add_fields(zone)
        self.fill(self._form, self._introduction, self._overdue, self._origin, signed_as=signed_as(actor))
        self._follow_flow()

    def entry_forms(self) -> Sequence[forms.Form]:
        """The fields."""
        return (self._form,)

    def request(self) -> NewScene:
        """The scene as filled in."""
        at = self._fields["sceneExhibit"].index
        return NewScene(
            case_id=self._view.case.id,
            flow=self._flow.id,
            subject=self._fields["sceneSubject"].text(),
            place=self._fields["scenePlace"].text(),
            led_by=self._fields["sceneLed"].text(),
            started_at=self._began.told(),
            exhibit_id=self._view.exhibits[at - 1].id if at > 0 else None,
        )

    @property
    def _flow(self) -> Flow:
        return self._view.flows[self._fields["sceneFlow"].index]

    def _add_fields(self, zone: ZoneInfo) -> None:
        last = self._view.lines[0].scene if self._view.lines else None
        flows = forms.choice([flow.title for flow in self._view.flows])
        exhibits = [f"{exhibit.number}  {exhibit.description}" for exhibit in self._view.exhibits]
        when = self.tr("Began ({zone})").format(zone=zone.key)
        self._put("sceneFlow", self.tr("What is found"), flows, "", span=2)
        subject = forms.line_edit(placeholder=self.tr("Desktop under the window"))
        self._put("sceneSubject", self.tr("Which one"), subject, self.tr("Write which one it is."), span=2)
        place = forms.line_edit(last.place if last else "")
        self._put("scenePlace", self.tr("Place"), place, self.tr("Write the place."), span=2)
        led = forms.line_edit(last.led_by if last else "")
        self._put("sceneLed", self.tr("Who leads"), led, self.tr("Write who leads."))
        self._form.add(MomentField(when, self._began, name="sceneBegan"))
        chosen = forms.choice([self.tr("Not registered yet"), *exhibits])
        self._put("sceneExhibit", self.tr("Exhibit"), chosen, "", span=2)
        flows.currentIndexChanged.connect(self._follow_flow)

    def _put(self, name: str, title: str, entry: forms.Input, error: str, *, span: int = 1) -> None:
        field = forms.Field(title, entry, name=name)
        self._fields[name] = self._form.add(field, span=span, rule=forms.required(error) if error else None)

    def _follow_flow(self) -> None:
        flow = self._flow
        self._introduction.setText(flow.introduction)
        self._origin.setText(origin_words(flow.origin))
        overdue = flow.origin.is_overdue(self._view.today)
        self._overdue.setVisible(overdue)
        if overdue:
            self._overdue.say(Tone.WARN, overdue_words(flow))
