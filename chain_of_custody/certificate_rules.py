"""Whether certificates with which reports are signed were asked for, issued and ended as they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Content
from chain_of_custody.canonical import Json

PREFIX: Final = "certificate."
AUTHORITY: Final = "certificate.authority"
REQUEST: Final = "certificate.request"
ISSUE: Final = "certificate.issue"
IMPORT: Final = "certificate.import"
REVOCATIONS: Final = "certificate.revocations"
CERTIFIERS: Final = frozenset(("administrator",))
BY_CERTIFIERS: Final = dict.fromkeys((AUTHORITY, ISSUE, REVOCATIONS), CERTIFIERS)
"""Which role a signer of these needs."""
_OWN: Final = (AUTHORITY, REQUEST, IMPORT)


class Certificates:
    """The authorities and the requests of a lab chain, as the entries so far add up to them."""

    def __init__(self) -> None:
        """Begin without any."""
        self._authorities: dict[str, Json] = {}  # by SHA-256: the ledger key that opens it
        self._newest: str | None = None
        self._asked: set[tuple[str, ...]] = set()

    def take(self, content: Content) -> Iterator[str]:
        """Say what was not allowed about an entry, and count it."""
        action, facts = content.action, content.facts
        if not action.startswith(PREFIX):
            return
        slot = content.signers[0]
        if content.chain_kind != "lab":
            yield f"{action} stands in the chain of a case; certificates are of the laboratory."
            return
        if [one.role for one in content.signers] != ["actor"]:
            yield f"{action} is signed by {len(content.signers)} in other roles than it needs."
        if action in _OWN and (facts.get("person"), facts.get("key")) != (slot.person, slot.key):
            yield f"{action} is about another person or key than those that sign it."
        authority = facts.get("authority")
        if action == ISSUE and (authority is None or authority != self._newest):
            yield f"{action} names another authority than the newest of the laboratory."
        if action in (ISSUE, REVOCATIONS):
            named = authority if isinstance(authority, str) else ""
            if self._authorities.get(named) != slot.key:
                yield f"{action} is not signed with the key of the authority that it names."
        if action == ISSUE and _asked(facts) not in self._asked:
            yield f"{action} certifies somebody who did not ask for it with this key."
        self._count(content)

    def _count(self, content: Content) -> None:
        sha256, slot = content.facts.get("sha256"), content.signers[0]
        if content.action == AUTHORITY and isinstance(sha256, str):
            self._authorities[sha256], self._newest = slot.key, sha256
        asked = _asked(content.facts)
        if content.action == REQUEST and asked[:2] == (slot.person, slot.key):
            self._asked.add(asked)


def _asked(facts: Mapping[str, Json]) -> tuple[str, ...]:
    """Person, key and salt of a request or of what answers it; empty where one of them is no text."""
    told = (facts.get("person"), facts.get("key"), facts.get("salt"))
    return tuple(one for one in told if isinstance(one, str)) if all(isinstance(one, str) for one in told) else ()
