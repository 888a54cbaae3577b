"""The list of a step for many exhibits: what was scanned, whether the step is open for it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.errors import AppError
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import Exhibit, State
from forensics_app.model.incident import OPENED, SealSeen
from forensics_app.model.person import Role
from ui.custody.reading import read_custody, rules_at
from ui.custody.seal_told import lacking, seal_words
from ui.custody.step import Step, step_of
from ui.custody.words import state_words
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.custody import Transition
    from forensics_app.model.exhibit import ExhibitId
    from forensics_app.model.person import Person
    from forensics_app.model.register import PlaceLine
    from forensics_app.model.scene import Rule
    from forensics_app.services.bulk import BulkResult

EVENTS = (
    Event.CHECK_OUT, Event.RETURN_TO_STORE, Event.HAND_OVER, Event.STORE, Event.RECEIVE, Event.TAKE_OVER,
)  # fmt: skip
_OF_EACH = ("seal_number", "seal_check", "seal_remarks", "hash_pair")
"""What is told of each exhibit by itself, and not once for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLine:
    """One scan. ``why`` says why the step cannot be taken, or was not; ``entry`` is the number of the entry made.

    ``label_seal`` is the number of the seal by the label, where it is not the recorded one; ``needs_seal`` says that
    the laboratory opened the exhibit, and that it is sealed anew for this step, ``asks_seal`` that it is told how its
    seal was found, and ``seen`` what was told of it.
    """

    scanned: str
    exhibit: Exhibit | None
    why: str = ""
    entry: int = 0
    label_seal: str = ""
    needs_seal: bool = False
    asks_seal: bool = False
    seen: SealSeen | None = None

    @property
    def lacks(self) -> str:
        """What still has to be told of the seal."""
        return lacking(self.exhibit.number, self.seen) if self.exhibit and self.asks_seal and self.is_ready else ""

    @property
    def is_ready(self) -> bool:
        """Whether it can be signed for."""
        return not (self.why or self.entry)

    @property
    def is_done(self) -> bool:
        """Whether it was signed for."""
        return self.entry > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkView:
    """The lines in the order of scanning, and the step of those that are ready; None where none is.

    ``places`` is the register of places, ``rules`` what the guidance asks to be thought of at the step, ``not_whole``
    names the exhibits whose seal is not whole by the record itself.
    """

    lines: tuple[BulkLine, ...]
    step: Step | None
    places: tuple[PlaceLine, ...] = ()
    rules: tuple[Rule, ...] = ()
    not_whole: frozenset[ExhibitId] = frozenset()

    @property
    def ready(self) -> tuple[BulkLine, ...]:
        """The lines that are signed for next."""
        return tuple(line for line in self.lines if line.is_ready)


def read_lines(
    lab: Lab, scanned: Sequence[str], results: Mapping[str, BulkResult], case_id: CaseId | None, event: Event,
    actor: Person,
) -> BulkView:  # fmt: skip
    """Find what each scan means, and whether the step is open; all that are ready are in the same hands."""
    lines: list[BulkLine] = []
    step: Step | None = None
    for text in scanned:
        line = _found(lab, text, case_id)
        if text in results:
            lines.append(_became(line, results[text]))
            continue
        transition = _open(lab, line.exhibit, event) if line.exhibit else None
        why = line.why or _is_no_order(event, actor) or _why_not(line.exhibit, transition, lines, step)
        why = why or _lacks_digests(lab, line.exhibit, event)
        if not why and step is None and line.exhibit and transition:
            step = _bulk_step(lab, line.exhibit, transition, actor)
        needs_seal = bool(line.exhibit and line.exhibit.state in OPENED and event is Event.RETURN_TO_STORE)
        asks_seal = not needs_seal and _asks_seal(line.exhibit, transition)
        lines.append(replace(line, why=why, needs_seal=needs_seal, asks_seal=asks_seal))
    not_whole = lab.incidents.seals_not_whole([one.exhibit.id for one in lines if one.exhibit and one.asks_seal])
    return BulkView(
        lines=tuple(lines), step=step, places=lab.places.tree(), rules=rules_at(lab, event), not_whole=not_whole
    )


def left_numbers(lab: Lab, case_id: CaseId) -> list[str]:
    """The numbers of what in a case is in the hands of the one whose key ended and who has most of it."""
    held: dict[object, list[str]] = {}
    for exhibit in lab.exhibits.list(case_id):
        if _open(lab, exhibit, Event.TAKE_OVER) is not None:
            held.setdefault(exhibit.holder_id, []).append(exhibit.number)
    return max(held.values(), key=len, default=[])


def line_columns() -> tuple[Column[BulkLine], ...]:
    """What is shown of a line."""

    def what(line: BulkLine) -> Cell:
        if line.exhibit is None:
            return Cell(line.scanned[:40], Kind.TWO, line.why)
        return Cell(line.exhibit.number, Kind.TWO, line.why or line.exhibit.description)

    def now(line: BulkLine) -> Cell:
        held = line.exhibit
        return Cell(state_words(held.state), Kind.TWO, f"{held.holder}, {held.place}") if held else Cell("")

    return (
        Column(key="state", title=_tr("This step"), cell=_mark, width_px=136),
        Column(key="what", title=_tr("Exhibit"), cell=what, width_px=220, stretch=True),
        Column(key="now", title=_tr("Now"), cell=now, width_px=210),
        Column(key="seal", title=_tr("Seal"), cell=_seal, width_px=190),
    )  # fmt: skip


def _seal(line: BulkLine) -> Cell:
    if line.exhibit is None:
        return Cell("")
    recorded = line.exhibit.seal_number or _tr("None recorded")
    more = [_tr("Label: {seal}").format(seal=line.label_seal)] if line.label_seal else []
    if line.asks_seal and line.is_ready:
        more.insert(0, seal_words(line.seen) if line.seen else _tr("Not told"))
    return Cell(recorded, Kind.TWO, " · ".join(more)) if more else Cell(recorded)


def _asks_seal(exhibit: Exhibit | None, transition: Transition | None) -> bool:
    """Whether it is told how the seal was found: wherever one is recorded, and where the step asks it of everything."""
    if exhibit is None or transition is None:
        return False
    sealed = bool(exhibit.seal_number) and exhibit.state not in OPENED
    return sealed or any(gate.field == "seal_check" for gate in transition.gates)


def _mark(line: BulkLine) -> Cell:
    if line.is_done:
        return Cell(_tr("Entry #{n}").format(n=line.entry), Kind.BADGE, tone=Tone.OK)
    if line.is_ready:
        return Cell(_tr("Ready to sign"), Kind.BADGE, tone=Tone.NONE)
    return Cell(_tr("Not possible"), Kind.BADGE, tone=Tone.WARN)


def _found(lab: Lab, text: str, case_id: CaseId | None) -> BulkLine:
    try:
        found = lab.labels.scanned(text, case_id)
        seal = (found.label_seal or _tr("none")) if found.seal_differs else ""
        return BulkLine(scanned=text, exhibit=found.exhibit, label_seal=seal)
    except AppError as error:
        return BulkLine(scanned=text, exhibit=None, why=str(error))


def _became(line: BulkLine, result: BulkResult) -> BulkLine:
    if result.event is not None:
        return replace(line, entry=result.event.sequence)
    return replace(line, why=result.why)


def _open(lab: Lab, exhibit: Exhibit, event: Event) -> Transition | None:
    return next((one for one in lab.custody.possible(exhibit.id) if one.event == event), None)


def _why_not(
    exhibit: Exhibit | None, transition: Transition | None, before: Sequence[BulkLine], step: Step | None
) -> str:
    if exhibit is None:
        return ""
    if any(one.exhibit and one.exhibit.id == exhibit.id for one in before):
        return _tr("It is in the list already.")
    if transition is None:
        return _tr("It is {state}; this step is not open for it.").format(state=state_words(exhibit.state))
    if step and (exhibit.holder_id, exhibit.holder) != (step.exhibit.holder_id, step.exhibit.holder):
        words = _tr("It is with {holder}, and {number} is not: scan it in a list of its own.")
        return words.format(holder=exhibit.holder, number=step.exhibit.number)
    return ""


def _is_no_order(event: Event, actor: Person) -> str:
    """Why ``actor`` does not take a step that is ordered in somebody's stead; empty for every other one."""
    if event is not Event.TAKE_OVER or Role.SUPERVISOR in actor.roles:
        return ""
    return _tr("Only a supervisor orders that something is taken over.")


def _lacks_digests(lab: Lab, exhibit: Exhibit | None, event: Event) -> str:
    if exhibit is None or exhibit.state is not State.UNDER_EXAM or event is not Event.RETURN_TO_STORE:
        return ""
    if any(one.exhibit_id == exhibit.id for one in lab.intake.list(exhibit.case_id)):
        return ""
    return _tr("It was examined and no image of it was taken in: take its step alone, and state why.")


def _bulk_step(lab: Lab, exhibit: Exhibit, transition: Transition, actor: Person) -> Step:
    """The step as it is asked for once for all; of seals and digests each exhibit has its own."""
    step = step_of(read_custody(lab, exhibit.case_id, exhibit.id), exhibit, transition, actor)
    asked = [one for one in step.fields if one.name not in _OF_EACH]
    return replace(step, fields=tuple(replace(one, value="") if one.name == "condition" else one for one in asked))


def _tr(words: str) -> str:
    return QCoreApplication.translate("Bulk", words)
