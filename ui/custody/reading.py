"""What the custody page reads of the record in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import LabUnusableError
from ui.custody.further import Standing, read_standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.custody import CustodyEvent, Transition
    from forensics_app.model.exhibit import Exhibit, ExhibitId
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.person import Person, PersonId
    from forensics_app.model.register import PlaceLine
    from forensics_app.model.scene import Guidance, Rule
    from forensics_app.services.verification import LastCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyView:
    """One exhibit of a case with everything that is recorded of it.

    ``exhibit`` is None in a case without exhibits. ``images`` are those taken of the exhibit; ``case_entries`` counts
    the whole case chain, whose newest entry has the digest ``head``. ``standing`` is what is open about the exhibit,
    ``had_by`` who of the lab has it and signs for it, though the record may name them alone, ``places`` the register of
    places, ``guidance`` what is to be thought of at its steps.
    """

    exhibits: tuple[Exhibit, ...]
    exhibit: Exhibit | None
    events: tuple[CustodyEvent, ...]
    steps: tuple[Transition, ...]
    images: tuple[EvidenceImage, ...]
    people: tuple[Person, ...]
    case_entries: int
    head: bytes | None
    last_check: LastCheck | None
    root_fingerprint: str
    standing: Standing
    places: tuple[PlaceLine, ...]
    guidance: Guidance | None
    had_by: PersonId | None = None

    def rules_at(self, *events: str) -> tuple[Rule, ...]:
        """What the guidance asks to be thought of at a step, or at any of several."""
        return _at(self.guidance, events)


def rules_at(lab: Lab, *events: str) -> tuple[Rule, ...]:
    """What the guidance asks to be thought of at a step, or at any of several, of whatever exhibit."""
    return _at(_guidance(lab), events)


def read_custody(lab: Lab, case_id: CaseId, wanted: ExhibitId | None) -> CustodyView:
    """Read the exhibit ``wanted``, or the first one of the case when it is not there."""
    exhibits = lab.exhibits.list(case_id)
    exhibit = next((one for one in exhibits if one.id == wanted), exhibits[0] if exhibits else None)
    images = lab.intake.list(case_id)
    entries, head = lab.custody.case_head(case_id)
    return CustodyView(
        exhibits=exhibits,
        exhibit=exhibit,
        events=lab.custody.history(exhibit.id) if exhibit else (),
        steps=lab.custody.possible(exhibit.id) if exhibit else (),
        images=tuple(image for image in images if exhibit and image.exhibit_id == exhibit.id),
        people=lab.people.list(),
        case_entries=entries,
        head=head,
        last_check=lab.verification.last(),
        root_fingerprint=lab.verification.root_fingerprint(),
        standing=read_standing(lab, exhibit) if exhibit else Standing(),
        places=lab.places.tree(),
        guidance=_guidance(lab),
        had_by=lab.custody.had_by(exhibit.id) if exhibit else None,
    )


def _at(guidance: Guidance | None, events: Sequence[str]) -> tuple[Rule, ...]:
    rules = [rule for event in events for rule in guidance.at_step(event)] if guidance else []
    return tuple(dict.fromkeys(rules))


def _guidance(lab: Lab) -> Guidance | None:
    """The guidance; None where the lab's own cannot be used, which the pages that live by it tell."""
    try:
        return lab.guidance()
    except LabUnusableError:
        return None
