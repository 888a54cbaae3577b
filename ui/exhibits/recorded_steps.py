"""The steps of an intake about the seizure and the seal: asked of a new exhibit, shown of a recorded one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from ui import text
from ui.exhibits.memory import Memory
from ui.exhibits.parts import section
from ui.exhibits.seal_form import SealForm
from ui.exhibits.seal_found import SealFound
from ui.exhibits.seizure_form import SeizureForm
from ui.place_field import PlacesKnown
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.notes import note
from ui.widgets.refill import refill
from ui.widgets.wizard import WizardStep

_MARGINS = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)


class _RecordedStep(WizardStep):
    """Shows ``asked`` for a new exhibit, and what is recorded for one that is there."""

    def __init__(self, asked: QWidget, *parts: QWidget, below: QWidget | None = None) -> None:
        super().__init__()
        self.exhibit: Exhibit | None = None
        self._asked = asked
        self._recorded = vbox(gap=0)
        under = () if below is None else (below,)
        self.setLayout(vbox(*parts, asked, self._recorded, *under, None, gap=Space.M, margins=_MARGINS))

    def show_exhibit(self, exhibit: Exhibit | None) -> None:
        """Follow the choice of the first step."""
        self.exhibit = exhibit
        self._asked.setVisible(exhibit is None)
        refill(self._recorded, [self._facts(exhibit)] if exhibit else [])
        self.changed.emit()

    def _facts(self, exhibit: Exhibit) -> QWidget:
        return section(exhibit.number, [])


class SeizureStep(_RecordedStep):
    """When, where and by whom it was seized, and on what authority."""

    def __init__(self, case: Case, *, now: datetime, zone: ZoneInfo, memory: Memory, places: PlacesKnown) -> None:
        """Show the authority of ``case``."""
        seizure = SeizureForm(now=now, zone=zone, memory=memory, places=places)
        super().__init__(seizure, _authority(case))
        self.seizure = seizure
        self.title = self.tr("Seizure and authority")
        self._basis = case.legal_basis.number if case.legal_basis else ""
        self.seizure.changed.connect(self.changed)

    def summary(self) -> str:
        """The authority's number and who seized it."""
        officer = self.exhibit.seized_by if self.exhibit else self.seizure.officer
        return ", ".join(part for part in (self._basis, officer) if part)

    def problem(self) -> str:
        """What is still missing."""
        if not self._basis:
            return self.tr("The case has no authority recorded; record it on the Cases page first.")
        return "" if self.exhibit else self.seizure.first_problem()

    def show_problems(self) -> None:
        """Mark the fields."""
        self.seizure.show_problems()

    def _facts(self, exhibit: Exhibit) -> QWidget:
        rows = [
            (self.tr("Seized"), text.time_text(exhibit.seized_at, to_minute=True) if exhibit.seized_at else ""),
            (self.tr("Where"), exhibit.seized_place),
            (self.tr("By"), exhibit.seized_by),
            (self.tr("Witness"), exhibit.seizure_witness),
        ]
        if not any(value for _, value in rows):
            rows = [(self.tr("Seizure"), self.tr("not recorded"))]
        return section(self.tr("Seizure, as recorded"), rows)


class SealStep(_RecordedStep):
    """The seal, and the photographs; of a sealed exhibit that is opened for its image, how its seal is found."""

    def __init__(self) -> None:
        """Ask for the seal of a new exhibit."""
        seal, found = SealForm(), SealFound()
        super().__init__(seal, below=found)
        self.seal, self.found = seal, found
        self.found.changed.connect(self.changed)
        self.title = self.tr("Seal and photographs")
        self.seal.changed.connect(self.changed)

    def show_exhibit(self, exhibit: Exhibit | None) -> None:
        """Follow the choice of the first step."""
        self.found.ask_of(exhibit)
        super().show_exhibit(exhibit)

    def summary(self) -> str:
        """The seal's number and how many photographs."""
        if self.exhibit:
            return self.exhibit.seal_number or self.tr("As recorded")
        count = len(self.seal.photos())
        photos = text.plural(count, self.tr("1 photo"), self.tr("{n} photos")) if count else ""
        return " · ".join(part for part in (self.seal.seal_number, photos) if part)

    def problem(self) -> str:
        """What is still missing."""
        return self.found.problem() if self.exhibit else self.seal.first_problem()

    def show_problems(self) -> None:
        """Mark the fields."""
        if self.exhibit:
            self.found.show_problems()
        else:
            self.seal.show_problems()

    def _facts(self, exhibit: Exhibit) -> QWidget:
        rows = [(self.tr("Seal"), exhibit.seal_number or self.tr("none recorded"))]
        hint = note(
            Tone.INFO, self.tr("Photographs are added on the Photos tab of the exhibit."), name="photosElsewhere"
        )
        return section(self.tr("Seal, as recorded"), rows, hint)


def _authority(case: Case) -> QWidget:
    basis = case.legal_basis
    if basis is None:
        return label(_tr("No authority recorded"), "section")
    until = f"{basis.expires_on}" if basis.expires_on else _tr("without an end")
    rows = [
        (_tr("Instrument"), f"{basis.instrument} {basis.number}"),
        (_tr("Issued by"), basis.issuer),
        (_tr("Valid until"), until),
        (_tr("Scope"), basis.scope),
    ]
    return section(_tr("Authority of case {number}").format(number=case.number), rows)


def _tr(words: str) -> str:
    return QCoreApplication.translate("RecordedSteps", words)
