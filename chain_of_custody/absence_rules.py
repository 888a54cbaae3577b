"""Whether an exhibit left the hands of somebody who could not sign: their key had ended, or they were not at the shelf.

These are cases that the third rules refused before they were known, so that they need no number of their own. A key
that ended signs nothing any more: a supervisor orders in their stead that somebody else takes the exhibit over. What
lies on a shelf is held by the shelf, under the name of who put it there; any exhibits officer hands it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json
from chain_of_custody.keyring import KeyRing
from chain_of_custody.possession_rules import STAYS_PUT, UNSIGNED, is_explained

KEY_ENDED: Final = "key_ended_at"
"""The fact of a step `take_over` that says when the key of who held the exhibit ended."""
STOREKEEPER: Final = "exhibits officer"
"""The role of who hands out what lies on a shelf."""
_SUPERVISOR: Final = "supervisor"
_STEAD: Final = ("actor", "receiver")


def take_over_breaches(content: Content, row: Mapping[str, Json], keyring: KeyRing, at: str) -> Iterator[str]:
    """Say what was not allowed about taking an exhibit over from somebody whose key ended.

    Args:
        content: the entry.
        row: the columns of the exhibit before it.
        keyring: the keys of the lab, and the roles of its people.
        at: the time of use, as `utc_text` writes it.
    """
    number, holder, name = row.get("number"), row.get("holder_id"), row.get("holder")
    roles, people = tuple(slot.role for slot in content.signers), [slot.person for slot in content.signers]
    if roles != _STEAD:
        yield f"take over needs the signatures of {' and '.join(_STEAD)}; it has those of {' and '.join(roles)}."
        return
    if type(holder) is not str or holder in people:
        yield f"{number} is taken over, and is not in the hands of somebody of the laboratory who does not sign."
        return
    if not is_explained(content):
        yield f"{number} is taken over from {name}, and it is not said in words, as a deviation, why ({UNSIGNED})."
    if not keyring.is_known(at):
        return
    supervisor = content.signers[0]
    if _SUPERVISOR not in (keyring.roles_at(supervisor.person, at) or ()):
        yield f"{supervisor.name} orders that {number} is taken over from {name}, and was no supervisor then."
    ended = keyring.ended_at(holder, at)
    if ended is None:
        yield f"{number} is taken over from {name}, whose key had not ended then."
    elif content.facts.get(KEY_ENDED) != ended:
        yield f"{number} is taken over from {name}, whose key ended at {ended}, and it states another time."


def stands_in(row: Mapping[str, Json], person: str, keyring: KeyRing, at: str) -> bool:
    """Whether somebody hands out what lies on a shelf under the name of somebody else; the arguments are as above."""
    holder = row.get("holder_id")
    if row.get("state") not in STAYS_PUT or holder in (None, person):
        return False
    return not keyring.is_known(at) or STOREKEEPER in (keyring.roles_at(person, at) or ())
