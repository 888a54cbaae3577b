"""A sentence that knows what it was put together from, so that a report can print it in another language."""

from __future__ import annotations

from collections.abc import Sequence


def told_list(parts: Sequence[str], separator: str = ", ") -> Told:
    """Sentences or words behind each other, each of which can be printed in another language."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Told(separator.join(f"{{{name}}}" for name in values), **values)


class Count(str):
    """A count in a sentence that was put together, with thousands separated as English does it.

    Attributes:
        value: The count, for languages that write it otherwise.
    """

    value: int

    def __new__(cls, value: int, /) -> Count:
        """Write the count in English."""
        words = super().__new__(cls, f"{value:,}")
        words.value = value
        return words


class Told(str):
    """English words for every use, and their template and values for a catalogue of another language.

    It is a ``str`` in every way; what does not know of it prints the English.

    Attributes:
        template: The English text with placeholders in braces, the key of catalogues.
        values: What stands in the placeholders; texts, or values told themselves.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Told:
        """Put the values into the template; what stands in a value is never read as a template."""
        words = super().__new__(cls, template.format_map(values))
        words.template = template
        words.values = values
        return words
