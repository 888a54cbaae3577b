"""People of the lab: who they are, what they may do, and the key they sign with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from chain_of_custody.passphrase import MINIMUM_CHARACTERS
from chain_of_custody.signing import OpenKey

PersonId = NewType("PersonId", UUID)
MINIMUM_PASSPHRASE_CHARACTERS = MINIMUM_CHARACTERS


class Role(StrEnum):
    """What a person may do in the lab (REQ-38)."""

    ADMINISTRATOR = "administrator"
    EXAMINER = "examiner"
    EXHIBITS_OFFICER = "exhibits officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    PROSECUTOR = "prosecutor view"


READ_ONLY = frozenset({Role.AUDITOR, Role.PROSECUTOR})
"""Roles that read everything and change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What is asked when somebody is enrolled.

    Attributes:
        is_another: That they are somebody else than who is enrolled by a name which is in theirs, or theirs in it.
    """

    name: str
    function: str
    organisation: str
    id_number: str
    roles: frozenset[Role]
    is_another: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody enrolled in the lab chain.

    Attributes:
        function: Rank or function, such as "examiner" or "Det. Sgt.".
        id_number: Badge or staff number, as the organisation writes it.
        key_id: SHA-256 of the raw Ed25519 public key, hex.
        revoked_at: When the key lost its force; None while it is in force.
    """

    id: PersonId
    name: str
    function: str
    organisation: str
    id_number: str
    roles: frozenset[Role]
    key_id: str
    public_key: bytes
    enrolled_at: datetime
    revoked_at: datetime | None

    @property
    def described(self) -> str:
        """Name, function and organisation on one line."""
        return f"{self.name}, {self.function}, {self.organisation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person whose key is open in this program until it is locked."""

    person: Person
    key: OpenKey = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """What is still with a person whose key ends, each as number of the case and number of the exhibit.

    Attributes:
        exhibits: In their hands. Nobody else can sign for them but at their end, with a witness.
        offers_made: They offered them, and the receiver can still accept: the offer was signed.
        offers_awaited: They were offered to them; the giver can withdraw.
    """

    exhibits: tuple[str, ...]
    offers_made: tuple[str, ...]
    offers_awaited: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenKey:
    """How somebody came by a key that replaced another: when, from whom (perhaps themselves), and why."""

    at: datetime
    by: str
    reason: str
