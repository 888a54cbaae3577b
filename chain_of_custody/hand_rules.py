"""Whether an exhibit passed to or from somebody without a key by their own signature, drawn or on a scanned form.

These rules hold in a chain from the first act on that says it is made by them (`STATED`); older acts were made without.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.vocabulary import Event, State

STATED: Final = "custody_rules"
"""The fact by which an act says by which rules it was made."""
RULES: Final = 2
"""The number of these rules; acts that state none were made by the first ones."""
REGISTERED: Final = "exhibit.add"
TO_OUTSIDE: Final = frozenset((Event.DISPATCH, Event.TRANSFER_OUT, Event.GO_TO_COURT, Event.RETAIN_BY_COURT))
"""Steps by which somebody outside takes an exhibit, unless somebody of the laboratory keeps it."""
ENDS_OUTSIDE: Final = frozenset((Event.RETURN_TO_OWNER, Event.FORFEIT, Event.ARCHIVE))
AWAY: Final = frozenset((State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM, State.IN_COURT))
"""States in which somebody outside has what nobody of the laboratory holds, and it comes back."""
_PASSING: Final = frozenset((Event.RECEIVE, Event.HAND_OVER))
_SIGNED: Final = ("signature_sha256", "form_sha256")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def folded(name: str) -> str:
    """Return a name as names are compared: NFC, without upper case, each run of white space one space, none around."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def name_in(told: str) -> str:
    """Return the folded name in what is told of a person: what stands before the first comma or round bracket."""
    return folded(re.split(r"[,(]", told, maxsplit=1)[0])


def begins_rules(content: Content) -> bool:
    """Whether an act says that these rules hold from it on."""
    return is_ruled(content.action) and content.facts.get(STATED) == RULES


def is_ruled(action: str) -> bool:
    """Whether an act is of those that state their rules."""
    return action == REGISTERED or action.startswith("custody.")


def meets_outsider(
    event: str, state: object, *, alone: bool, before: object, after: object, is_intake: bool = False
) -> bool:
    """Whether somebody without a key gives or takes the exhibit in a step.

    Args:
        event: the step.
        state: the state before it.
        alone: one person of the laboratory signs, and accepts no offer.
        before: UUID of who of the laboratory held it before; None where nobody did.
        after: the same, after it.
        is_intake: an image was taken in; nobody's hands have part in that.
    """
    if event in ENDS_OUTSIDE or (alone and event in _PASSING) or (event in TO_OUTSIDE and after is None):
        return True
    return state in AWAY and before is None and not is_intake


def hand_breaches(content: Content, event: str, number: Json, *, met: bool) -> Iterator[str]:
    """Say what was not allowed about how a step met somebody without a key; `met` is what `meets_outsider` says."""
    if not met:
        return
    if not any(_is_digest(content.facts.get(name)) for name in _SIGNED):
        yield f"{event} of {number} states no signature of who gave or took it outside, neither drawn nor on a form."
    if "outsider" in content.facts:
        return
    signed = {folded(slot.name) for slot in content.signers}
    roles = {slot.role for slot in content.signers}
    for role in ("giver", "receiver", "carrier"):
        told = content.facts.get(role)
        if role not in roles and type(told) is str and name_in(told) in signed:
            yield f"{event} of {number} names {told} as somebody outside, who signs it for the laboratory."


def _is_digest(value: Json) -> bool:
    return type(value) is str and _DIGEST.fullmatch(value) is not None
