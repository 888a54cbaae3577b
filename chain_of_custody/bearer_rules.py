"""Whether everybody who acts or signs does so under the name by which they were enrolled (fifth rules).

A key says whose a signature is, and the name beside it is what people read. So every entry of a ledger is held against
the names of the lab chain, also those that nothing else is judged of; which is why of these the people alone are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from chain_of_custody.keyring import KeyRing

_ACTOR: Final = b'"actor":'
_CHAIN: Final = b',"chain":"'
_SIGNERS: Final = b'"signers":'
_END: Final = b',"version":1}'


class Bearers:
    """Who is who, by the lab chain."""

    def __init__(self, keyring: KeyRing) -> None:
        """Take the keys of the lab."""
        self._keyring = keyring
        self._renamings = keyring.renamings()
        self._doubted: dict[bytes, tuple[tuple[str, str], ...]] = {}

    def breaches(self, body: bytes, at: str, chain_kind: str, place: int) -> Iterator[str]:
        """Say who is named otherwise than the lab chain names them.

        Args:
            body: of the entry, in the form of the format.
            at: the time of use, as `utc_text` writes it.
            chain_kind: of the chain.
            place: of the entry in it, from 1.
        """
        for person, told in self._doubted_in(body):
            name = self._keyring.name_at(person, at)
            if name is not None and told != name:
                yield f"it names {told} as who acts or signs, with the key of who was enrolled as {name}."
        if chain_kind == "lab" and place in self._renamings:
            yield "it enrols somebody again under another name."

    def _doubted_in(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """Id and name of each whom an entry names as acting or signing, but of who never had another name."""
        start = body.find(_ACTOR) + len(_ACTOR)
        actor = body[start : body.find(_CHAIN, start)]
        signers = body[body.rfind(_SIGNERS) + len(_SIGNERS) : -len(_END)]
        key = actor + signers
        if key not in self._doubted:
            people = dict.fromkeys(_people_in(actor, signers))
            self._doubted[key] = tuple(one for one in people if not self._is_their_only_name(*one))
        return self._doubted[key]

    def _is_their_only_name(self, person: str, told: str) -> bool:
        return {span.name for span in self._keyring.roles.get(person, ())} == {told}


def _people_in(actor: bytes, signers: bytes) -> list[tuple[str, str]]:
    try:
        acting, signing = json.loads(actor), json.loads(signers)
        return [(acting["id"], acting["name"]), *((one["person"], one["name"]) for one in signing)]
    except (ValueError, KeyError, TypeError):
        return []  # it is no entry, which is a finding of its own
