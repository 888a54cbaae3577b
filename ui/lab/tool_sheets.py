"""The dialogs of the register of tools: a tool, a validation of it, and all validations of one tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from forensics_app.model.tool import NewTool, NewValidation, Tool
from ui.days import day_field, day_of, day_rule
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet


class ToolSheet(FormSheet):
    """``submitted`` carries a :class:`NewTool`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask for a version of a tool."""
        super().__init__(
            parent, title=self.tr("Register a tool"), subtitle=self.tr("One version of one program or device"),
            name="toolSheet", act=self.tr("Sign and register"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=3)
        self._fields = {
            name: self._form.add(forms.Field(title, forms.line_edit(), name=name), rule=forms.required(error))
            for name, title, error in (
                ("toolName", self.tr("Name"), self.tr("Write its name.")),
                ("toolVersion", self.tr("Version"), self.tr("Write the version.")),
                ("toolVendor", self.tr("Vendor"), self.tr("Write who makes it.")),
            )
        }
        self._file = FileField(
            self.tr("File of the program"), name="toolFile",
            hint=self.tr("Its SHA-256 is recorded, so that another build is noticed. None for a device."),
        )  # fmt: skip
        self._form.add(self._file, span=3)
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The tool."""
        return (self._form,)

    def request(self) -> NewTool:
        """The tool as filled in."""
        return NewTool(
            name=self._fields["toolName"].text(),
            version=self._fields["toolVersion"].text(),
            vendor=self._fields["toolVendor"].text(),
            program=Path(self._file.text()) if self._file.text() else None,
        )


class ValidationSheet(FormSheet):
    """``submitted`` carries a :class:`NewValidation`."""

    def __init__(self, parent: QWidget, tool: Tool, *, actor: Person) -> None:
        """Ask for a validation of ``tool``."""
        super().__init__(
            parent, title=self.tr("Record a validation of {tool}").format(tool=tool.label), subtitle=tool.vendor,
            name="validationSheet", act=self.tr("Sign and record"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        self._scope = self._form.add(
            forms.Field(self.tr("Scope"), forms.line_edit(), name="validationScope",
                        hint=self.tr("Such as: acquisition of SATA and NVMe disks to E01")),
            span=2, rule=forms.required(self.tr("Write what was validated.")),
        )  # fmt: skip
        passed = forms.choice([self.tr("Passed: may be used for that"), self.tr("Not passed")])
        self._passed = self._form.add(forms.Field(self.tr("Outcome"), passed, name="validationPassed"))
        self._by = self._form.add(
            forms.Field(self.tr("Validated by"), forms.line_edit(), name="validatedBy"),
            rule=forms.required(self.tr("Write who made it.")),
        )
        self._on = self._form.add(
            day_field(self.tr("Validated on"), name="validatedOn"),
            rule=day_rule(required=self.tr("Write the day on which it was made.")),
        )
        hint = self.tr("The last day on which it counts; empty when it has no end")
        self._due = self._form.add(
            day_field(self.tr("Next due"), name="validationDue", optional=True, hint=hint), rule=day_rule()
        )
        self._result = self._form.add(
            forms.Field(self.tr("Result in words"), forms.text_edit(lines=3), name="validationResult",
                        hint=self.tr("What was tested, against what, with which deviations.")),
            span=2, rule=forms.required(self.tr("Write the result.")),
        )  # fmt: skip
        self._file = FileField(
            self.tr("Report of the validation"), name="validationFile",
            hint=self.tr("Its name and SHA-256 are recorded; the file is not copied."),
        )  # fmt: skip
        self._form.add(self._file, span=2)
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The validation."""
        return (self._form,)

    def request(self) -> NewValidation:
        """The validation as filled in."""
        day = day_of(self._on.text())
        assert day is not None, "the rule asks for it"
        return NewValidation(
            validated_on=day,
            scope=self._scope.text(),
            passed=self._passed.index == 0,
            result=self._result.text(),
            validated_by=self._by.text(),
            next_due=day_of(self._due.text()),
            document=Path(self._file.text()) if self._file.text() else None,
        )
