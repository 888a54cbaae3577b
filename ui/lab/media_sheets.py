"""The dialogs of the lab's own media: a medium, a wipe of it, its assignment to a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case, CaseId
from forensics_app.model.medium import Medium, MediumUse, NewMedium, NewWipe
from forensics_app.model.person import Person
from ui import text
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet

_SHA256_DIGITS = 64


def use_words(use: MediumUse) -> str:
    """What a medium is for."""
    return {
        MediumUse.WORKING: _tr("Working drive"),
        MediumUse.TRANSPORT: _tr("Transport drive"),
        MediumUse.ARCHIVE: _tr("Archive medium"),
    }[use]


class MediumSheet(FormSheet):
    """``submitted`` carries a :class:`NewMedium`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask for a medium."""
        super().__init__(
            parent, title=self.tr("Register a medium of the laboratory"),
            subtitle=self.tr("It is kept in a case of the laboratory's own"),
            name="mediumSheet", act=self.tr("Sign and register"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        hint = self.tr("As it is written on it, such as WD-01")
        self._number = self._form.add(
            forms.Field(self.tr("Number"), forms.line_edit(), name="mediumNumber", hint=hint),
            rule=forms.required(self.tr("Write its number.")),
        )
        uses = forms.choice([use_words(use) for use in MediumUse])
        self._use = self._form.add(forms.Field(self.tr("Use"), uses, name="mediumUse"))
        self._fields = {
            name: self._form.add(forms.Field(title, forms.line_edit(), name=name), rule=forms.required(error))
            for name, title, error in (
                ("mediumMake", self.tr("Make"), self.tr("Write who made it.")),
                ("mediumModel", self.tr("Model"), self.tr("Write the model.")),
                ("mediumSerial", self.tr("Serial number"), self.tr("Write the serial number.")),
                ("mediumPlace", self.tr("Place"), self.tr("Write where it is now.")),
            )
        }
        size = forms.Field(
            self.tr("Size in bytes"), forms.line_edit(), name="mediumSize", hint=self.tr("As the device states it")
        )
        self._size = self._form.add(size, rule=_size_problem)
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The medium."""
        return (self._form,)

    def request(self) -> NewMedium:
        """The medium as filled in."""
        return NewMedium(
            number=self._number.text(),
            use=tuple(MediumUse)[self._use.index],
            make=self._fields["mediumMake"].text(),
            model=self._fields["mediumModel"].text(),
            serial=self._fields["mediumSerial"].text(),
            size_bytes=int(_digits(self._size.text())),
            place=self._fields["mediumPlace"].text(),
        )


class WipeSheet(FormSheet):
    """``submitted`` carries a :class:`NewWipe`."""

    def __init__(self, parent: QWidget, medium: Medium, *, actor: Person, now: datetime) -> None:
        """Ask how ``medium`` was wiped; ``now`` is the present moment in the lab's zone."""
        super().__init__(
            parent, title=self.tr("Record a wipe of {number}").format(number=medium.exhibit.number),
            subtitle=self.tr("{what} · the program wipes nothing itself").format(what=medium.exhibit.description),
            name="wipeSheet", act=self.tr("Sign and record"), width_px=680,
        )  # fmt: skip
        self._form, self._now = forms.Form(columns=2), now
        hint = self.tr("Such as: overwritten once with zeros")
        self._method = self._form.add(
            forms.Field(self.tr("Method"), forms.line_edit(), name="wipeMethod", hint=hint),
            rule=forms.required(self.tr("Write how it was wiped.")),
        )
        self._tool = self._form.add(
            forms.Field(self.tr("Tool"), forms.line_edit(), name="wipeTool", hint=self.tr("With its version")),
            rule=forms.required(self.tr("Write with what it was wiped.")),
        )
        found = forms.choice([self.tr("Blank: may be used again"), self.tr("Not blank")])
        found.setCurrentIndex(-1)
        self._found = self._form.add(
            forms.Field(self.tr("What the check found"), found, name="wipeFound"),
            rule=forms.required(self.tr("Choose what the check found.")),
        )
        told = forms.line_edit(text.time_text(now))
        self._at = self._form.add(
            forms.Field(
                self.tr("Wiped at"),
                told,
                name="wipedAt",
                hint=self.tr("With its offset, like 2026-11-24 17:00:00 +01:00"),
            ),
            rule=_moment_problem,
        )
        self._check = self._form.add(
            forms.Field(self.tr("Check in words"), forms.text_edit(lines=2), name="wipeCheck",
                        hint=self.tr("What was read afterwards, and how much of it.")),
            span=2, rule=forms.required(self.tr("Write how it was checked.")),
        )  # fmt: skip
        digest = forms.Field(
            self.tr("SHA-256 of the check"), forms.line_edit(), name="wipeDigest", optional=True,
            hint=self.tr("Of what was read, where one was taken"),
        )  # fmt: skip
        self._digest = self._form.add(digest, span=2, rule=_digest_problem)
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The wipe."""
        return (self._form,)

    def request(self) -> NewWipe:
        """The wipe as filled in."""
        return NewWipe(
            method=self._method.text(),
            tool=self._tool.text(),
            is_blank=self._found.index == 0,
            check=self._check.text(),
            wiped_at=text.read_time(self._at.text()) or self._now,
            blank_sha256=bytes.fromhex(self._digest.text()) if self._digest.text() else None,
        )


class AssignSheet(FormSheet):
    """``submitted`` carries the id of a case and what the medium is for."""

    def __init__(self, parent: QWidget, medium: Medium, *, cases: Sequence[Case], actor: Person) -> None:
        """Offer ``cases``."""
        super().__init__(
            parent, title=self.tr("Assign {number} to a case").format(number=medium.exhibit.number),
            subtitle=medium.exhibit.description, name="assignMediumSheet", act=self.tr("Sign and assign"),
        )  # fmt: skip
        self._cases = tuple(cases)
        self._form = forms.Form()
        numbers = forms.choice([f"{one.number} · {one.title}" for one in cases])
        numbers.setCurrentIndex(-1)
        self._case = self._form.add(
            forms.Field(self.tr("Case"), numbers, name="mediumCase"), rule=forms.required(self.tr("Choose the case."))
        )
        self._purpose = self._form.add(
            forms.Field(self.tr("For what"), forms.line_edit(), name="mediumPurpose"),
            rule=forms.required(self.tr("Write what it is for in this case.")),
        )
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The assignment."""
        return (self._form,)

    def request(self) -> tuple[CaseId, str]:
        """The case that was chosen, and the purpose."""
        return self._cases[self._case.index].id, self._purpose.text()


def _digits(words: str) -> str:
    return "".join(words.replace(",", "").split())


def _size_problem(words: str) -> str:
    digits = _digits(words)
    is_size = digits.isascii() and digits.isdigit() and int(digits[:20]) > 0
    return "" if is_size else _tr("Write the size as a number of bytes.")


def _moment_problem(words: str) -> str:
    return "" if text.read_time(words) else _tr("Write it like 2026-11-24 17:00:00 +01:00.")


def _digest_problem(words: str) -> str:
    try:
        is_digest = not words or len(bytes.fromhex(words)) * 2 == _SHA256_DIGITS
    except ValueError:
        is_digest = False
    return "" if is_digest else _tr("A SHA-256 has 64 hexadecimal digits.")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Media", words)
