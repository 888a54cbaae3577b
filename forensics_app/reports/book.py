"""What every part of a report draws with: the dossier, the sheet, the clock, the standing texts, the numbering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from forensics_app.model.dossier import Dossier, Person
from forensics_app.reports.layout import ABSENT, BODY, NOT_SUPPLIED, TITLE_2, WIDTH_PT, Sheet
from forensics_app.reports.lines import wrap
from forensics_app.reports.values import Clock, joined
from forensics_app.reports.wording import Wording
from forensics_app.reports.words import say, spoken


class Part(NamedTuple):
    """One numbered part: its title, the titles of its sections, what draws it, and the room below its heading."""

    title: str
    sections: tuple[str, ...]
    draw: Callable[[Book], None]
    room_pt: float | Callable[[Book], float] = 80.0


@dataclass(slots=True)
class Book:
    """A report while it is drawn."""

    dossier: Dossier
    sheet: Sheet
    clock: Clock
    wording: Wording
    _part: int = field(default=0)
    _section: int = field(default=0)

    def part(self, part: Part) -> None:
        """Draw the next numbered part, on a new page unless its `room_pt` is left on this one."""
        self._part += 1
        self._section = 0
        room_pt = part.room_pt if isinstance(part.room_pt, float) else part.room_pt(self)
        self.sheet.heading(str(self._part), say(part.title), room_pt=room_pt)
        part.draw(self)

    def section(self, title: str, *, room_pt: float = 70.0, is_told_below: bool = False) -> None:
        """Begin the next numbered section of this part; a title that is told in full below it has two lines at most."""
        self._section += 1
        lines_max = 2 if is_told_below else None
        self.sheet.heading(f"{self._part}.{self._section}", title, level=2, room_pt=room_pt, lines_max=lines_max)

    def intro(self, part: str, name: str = "intro") -> None:
        """A standing paragraph."""
        self.sheet.paragraph(self.wording.text(part, name), BODY, after_pt=6.0)

    def opening_pt(self, part: str, section_pt: float) -> float:
        """What a part needs below its heading: its standing paragraph, and its first section with `section_pt`."""
        lines = len(wrap(self.wording.text(part, "intro"), BODY, WIDTH_PT))
        return lines * BODY.leading_pt + 2 * TITLE_2.leading_pt + 40.0 + section_pt

    def absent(self, what: str = NOT_SUPPLIED) -> None:
        """Say that there is nothing here."""
        self.sheet.paragraph(f"{spoken().begun(say(what))}.", ABSENT, after_pt=4.0)


def person_line(person: Person) -> str:
    """Name, function and organisation on one line."""
    return joined((person.name, person.function, person.organisation)) or person.name
