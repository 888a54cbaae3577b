"""The language that a report is printed in: English as it stands in the code, others by a catalogue of its texts.

The English text is the key of a catalogue, so a text that a catalogue lacks is printed in English. What is spoken is
bound to the thread that renders, as one document has one language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from forensics_app.model.custody import NOT_SIGNED, ON_PAPER, ON_SCREEN
from forensics_app.model.told import Count, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language.

    Attributes:
        language: ISO 639-1 code.
        table: The text in this language by its English text.
        groups_digits: Whether thousands are separated. Where the comma is the decimal sign they are not: "1,234" would
            be read as a fraction, and a space could break a number at the end of a line.
        decimal: The decimal sign.
        missing: English texts that were asked for and are not in the table.
    """

    language: str = "en"
    table: Mapping[str, str] = field(default_factory=dict)
    groups_digits: bool = True
    decimal: str = "."
    missing: set[str] = field(default_factory=set, compare=False)

    def say(self, text: str, values: Mapping[str, object]) -> str:
        """The text in this language, its placeholders filled."""
        if isinstance(text, Told):
            values = {name: self._of(one) for name, one in text.values.items()}
            text = text.template
        found = self.table.get(text)
        if found is None:
            found = text
            if self.language != "en":
                self.missing.add(text)
        return found.format_map(values) if values else found

    def _of(self, value: object) -> object:
        if isinstance(value, Count):
            return self.number(value.value)
        return self.say(value, {}) if isinstance(value, Told) else value

    def capitals(self, text: str) -> str:
        """The text in capitals; the Azerbaijani i keeps its dot."""
        return (
            text.replace("i", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}") if self.language == "az" else text
        ).upper()

    def small(self, text: str) -> str:
        """The text without capitals; the Azerbaijani dotted and dotless i stay two letters."""
        dotted, dotless = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "\N{LATIN SMALL LETTER DOTLESS I}"
        return (text.replace(dotted, "i").replace("I", dotless) if self.language == "az" else text).lower()

    def begun(self, text: str) -> str:
        """The text as a sentence begins: with a capital letter, where the script puts one there (Georgian does not)."""
        first = self.capitals(text[:1]) if self.language == "az" else text[:1].title()
        return first + text[1:]

    def number(self, value: int) -> str:
        """A count as this language writes it."""
        return f"{value:,}" if self.groups_digits else str(value)

    def fraction(self, value: float) -> str:
        """A rounded number with one place."""
        return f"{value:.1f}".replace(".", self.decimal)


ENGLISH = Words()
_SPOKEN: ContextVar[Words] = ContextVar("_SPOKEN")


@contextmanager
def speaking(words: Words) -> Iterator[None]:
    """Print in this language inside the block."""
    token = _SPOKEN.set(words)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def say(text: str, /, **values: object) -> str:
    """A text of the program in the language that is spoken; text of people and of evidence does not come here."""
    return spoken().say(text, values)


def say_act(text: str) -> str:
    """A word of the program, or what it calls an act, that stands small in the middle of a sentence."""
    table = spoken().table
    known = text[:1].upper() + text[1:]
    if text in table or known not in table:
        return say(text)
    words = say(known)
    return spoken().small(words[:1]) + words[1:]


def say_name(text: str) -> str:
    """A person's name, and behind it in the language that is spoken how they signed who have no key."""
    found = next((one for one in (ON_PAPER, ON_SCREEN, NOT_SIGNED) if text.endswith(one)), "")
    return say(f"{{name}}{found}", name=text.removesuffix(found)) if found else text


def as_told(text: str) -> str:
    """A sentence that the program put together, in the language that is spoken; a person's own words as they are."""
    return spoken().say(text, {}) if isinstance(text, Told) else text


def spoken() -> Words:
    """The language of the document that is being rendered."""
    return _SPOKEN.get(ENGLISH)
