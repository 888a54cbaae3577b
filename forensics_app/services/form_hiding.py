"""What a custody form does not print, for it goes with an exhibit to people outside: words that name hidden content.

The entries stay whole in the ledger, and the form prints each of them with its digest (REQ-40).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from forensics_app.model.custody_form import FormEvent, FormItem
from forensics_app.model.told import Told
from forensics_app.services.hidden_words import HiddenWords

NOT_PRINTED = Told("(may name what is marked or concealed: not printed)")
_EVENT = (
    "place", "purpose", "authority", "packaging", "transport", "verified", "tool", "photos", "witness", "deviation",
)  # fmt: skip
_EXHIBIT = ("description", "make", "model", "serial", "condition", "seized_place", "no_photo_reason")
Some = TypeVar("Some")


def without_hidden(item: FormItem, judged: frozenset[int], hidden: HiddenWords, *, is_whole: bool) -> FormItem:
    """An exhibit of a form without the words that name hidden content.

    Args:
        item: The exhibit.
        judged: Numbers of the entries that the rules of custody judge. A courier needs them: of these only what names
            hidden content is left out, also where it cannot be told what else is hidden.
        hidden: What names hidden content, as far as that is known here.
        is_whole: Whether it is all; where it is not, no remark of the other entries is printed.
    """
    return replace(
        item,
        exhibit=_told(item.exhibit, _EXHIBIT, hidden),
        events=tuple(_event(one, hidden, all_known=is_whole or one.sequence in judged) for one in item.events),
        facts=tuple((label, _words(value, hidden)) for label, value in item.facts),
        ending=tuple(_words(one, hidden) for one in item.ending),
    )


def _event(event: FormEvent, hidden: HiddenWords, *, all_known: bool) -> FormEvent:
    told = _told(event, _EVENT, hidden)
    if not all_known:
        return replace(told, remarks=(NOT_PRINTED,) if event.remarks else ())
    return replace(told, remarks=tuple(dict.fromkeys(_words(one, hidden) for one in event.remarks)))


def _told(one: Some, names: tuple[str, ...], hidden: HiddenWords) -> Some:
    changed = {name: _words(getattr(one, name), hidden) for name in names}
    return replace(one, **changed)  # type: ignore[type-var]


def _words(words: str, hidden: HiddenWords) -> str:
    return NOT_PRINTED if hidden.are_in(words) else words
