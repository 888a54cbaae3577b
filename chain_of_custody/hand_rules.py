"""Whether an exhibit passed to or from somebody without a key by their own signature, drawn or on a scanned form.

These are the second rules (`rule_sets`); older acts were made without. `possession_rules` adds the third, under which
names are compared by `names`, and what the register of people outside and a drawn signature say of who somebody is, is
held against the rest of the ledger. The fourth take a signature that was drawn for one act only, and for no form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from chain_of_custody.body import Content, utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.keyring import Outsider
from chain_of_custody.names import names, same_name
from chain_of_custody.rule_sets import REFUSED
from chain_of_custody.vocabulary import Event, State

SECOND: Final = 2
THIRD: Final = 3
FOURTH: Final = 4
FIFTH: Final = 5
ONE_ACT: Final = timedelta(hours=1)
"""The longest time in which an act with many exhibits, by one drawn signature, is recorded."""
HOLDERS: Final = frozenset(("examiner", "exhibits officer", "supervisor"))
"""Roles of who may hold exhibits."""
TO_OUTSIDE: Final = frozenset(
    (Event.DISPATCH, Event.TRANSFER_OUT, Event.SEND_BACK, Event.GO_TO_COURT, Event.RETAIN_BY_COURT)
)
"""Steps by which somebody outside takes an exhibit, unless somebody of the laboratory keeps it."""
ENDS_OUTSIDE: Final = frozenset((Event.RETURN_TO_OWNER, Event.FORFEIT, Event.ARCHIVE))
AWAY: Final = frozenset((State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM, State.IN_COURT))
"""States in which somebody outside has what nobody of the laboratory holds, and it comes back."""
_PASSING: Final = frozenset((Event.RECEIVE, Event.HAND_OVER))
DRAWN: Final = "signature_sha256"
FORM: Final = "form_sha256"
RECEIPT: Final = "receipt_sha256"
SCANNED: Final = (FORM, RECEIPT)
"""Facts that state the SHA-256 of the scan of what was signed on paper."""
SIGNED: Final = (DRAWN, FORM)
"""Facts that state the SHA-256 of what somebody outside signed: drawn, or the scan of a form."""
NOT_SIGNED: Final = (
    "{event} of {number} states no signature of who gave or took it outside, neither drawn nor on a form."
)
_SIGNS: Final = (
    "giver", "receiver", "outside_party", "recipient", "carrier", "agency", "court", "seizing_officer",
)  # fmt: skip
"""Facts that name who signed on the screen, the first that is there; one who signs with a key is none of them."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


NAMED: Final = ("giver", "receiver", "carrier", "outside_party", "recipient")
"""Facts that name somebody outside, where nobody signs in that role; the second rules know the first three."""


def folded(name: str) -> str:
    """Return a name as the second rules compare names: NFC, without upper case, each run of white space one space."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def who_signed(facts: Mapping[str, Json], roles: Collection[str]) -> str:
    """Return who outside signed a step, as its facts tell it; empty where they name nobody.

    Args:
        facts: of the entry.
        roles: in which people of the laboratory sign it.
    """
    told = (facts.get(name) for name in _SIGNS if name not in roles)
    return next((one for one in told if type(one) is str and one.strip()), "")


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


def hand_breaches(content: Content, event: str, number: Json) -> Iterator[str]:
    """Say what the second rules do not allow about a step that met somebody without a key (`meets_outsider`)."""
    if not states_digest(content, *SIGNED):
        yield NOT_SIGNED.format(event=event, number=number)
    yield from namesake_breaches(content, event, number, rules=SECOND)


def namesake_breaches(
    content: Content,
    event: str,
    number: Json,
    *,
    rules: int,
    outsider: Outsider | None = None,
    enrolled: Collection[str] = (),
    stays: bool = False,
) -> Iterator[str]:
    """Say who is named as somebody outside and signs for the laboratory, or could with a key of their own.

    Args:
        content: the entry.
        event: the step.
        number: of the exhibit.
        rules: the number of the rules that hold.
        outsider: whom the fact ``outsider`` names, as the register has them; None where no lab chain tells.
        enrolled: the names of who has a key and may hold exhibits.
        stays: whether somebody of the laboratory has it then, so that who carries it is nobody outside.
    """
    is_registered = "outsider" in content.facts
    if is_registered:
        if rules < THIRD or outsider is None:
            return
        yield from _register_breaches(content, event, number, outsider.writers)
        if not outsider.writers:
            return
    roles = {slot.role for slot in content.signers}
    for role in NAMED if rules >= THIRD else NAMED[:3]:
        if role == "carrier" and stays:
            continue
        told = content.facts.get(role)
        if role in roles or type(told) is not str:
            continue
        if is_registered and outsider is not None and one_person(told, outsider.name):
            continue
        if any(_is_named(told, one.name, rules) for one in content.signers):
            yield f"{event} of {number} names {told} as somebody outside, who signs it for the laboratory."
        elif rules >= THIRD and any(one_person(told, name) for name in enrolled):
            yield f"{event} of {number} names {told} as somebody outside, who has a key of the laboratory."


@dataclass(slots=True)
class Drawing:
    """The act that stated a drawn signature, and the exhibits of which it did.

    Attributes:
        who: signed, as the act tells it; empty where it names nobody.
        people: UUIDs of the signers with a key, in order.
        recorded_at: when the first entry was recorded.
        at: its time of use, as `utc_text` writes it.
    """

    who: str
    action: str
    occurred_at: Json
    people: tuple[str, ...]
    recorded_at: datetime
    at: str
    sequence: int
    exhibits: set[str]

    @classmethod
    def of(cls, content: Content, at: str = "") -> Drawing:
        """Return the drawing that an entry states; `at` is its time of use, if it is not that of its recording."""
        return cls(
            who=who_signed(content.facts, {slot.role for slot in content.signers}),
            action=content.action,
            occurred_at=content.facts.get("occurred_at"),
            people=tuple(slot.person for slot in content.signers),
            recorded_at=content.recorded_at,
            at=at or utc_text(content.recorded_at),
            sequence=content.sequence,
            exhibits={content.object.id},
        )

    def is_of_one_act_with(self, later: Drawing, *, rules: int) -> bool:
        """Whether a later entry tells of the same act with another exhibit, so that one signature is for both."""
        apart = abs(later.recorded_at - self.recorded_at)
        if rules >= FIFTH:
            apart = datetime.fromisoformat(later.at) - datetime.fromisoformat(self.at)
        same = (self.action, self.occurred_at, self.people) == (later.action, later.occurred_at, later.people)
        is_told = type(self.occurred_at) is str and (not later.who or one_person(self.who, later.who))
        return same and is_told and apart <= ONE_ACT and self.exhibits.isdisjoint(later.exhibits)


@dataclass(slots=True)
class Papers:
    """What the acts so far state as signed outside.

    Attributes:
        drawn: by the digest of a signature that was drawn, the act that stated it first.
        scanned: by the digest of a form or receipt, the number of the entry that stated it first.
        forms: the digests of forms.
        receipts: by the digest of a receipt, the exhibits of which it was stated.
        drawn_last: by person, the drawn signature that the last step they signed states; None where it states none.
    """

    drawn: dict[str, Drawing] = field(default_factory=dict)
    scanned: dict[str, int] = field(default_factory=dict)
    forms: set[str] = field(default_factory=set)
    receipts: dict[str, set[str]] = field(default_factory=dict)
    drawn_last: dict[str, str | None] = field(default_factory=dict)

    def breaches(self, content: Content, at: str, *, rules: int) -> Iterator[str]:
        """Say whether an act of custody states what another signed, or signed for another act, and count it.

        Args:
            content: the act.
            at: its time of use, as `utc_text` writes it.
            rules: the number of the rules that hold.
        """
        yield from self._of_drawn_and_scanned(content, at, rules)
        yield from self._of_receipts(content, rules)
        if content.action != REFUSED and content.action.startswith("custody."):
            digest = content.facts.get(DRAWN)
            self.drawn_last.update((slot.person, digest if type(digest) is str else None) for slot in content.signers)

    def _of_receipts(self, content: Content, rules: int) -> Iterator[str]:
        """A receipt is no form of another time, and of an exhibit it is signed once (fifth rules)."""
        form, receipt = (content.facts.get(name) for name in SCANNED)
        if type(form) is str:
            self.forms.add(form)
            if rules >= FIFTH and form in self.receipts:
                yield f"it states as a signed form what was stated as a receipt, by entry {self.scanned[form]}."
        if type(receipt) is not str:
            return
        if rules >= FIFTH and receipt in self.forms:
            yield f"it states as a receipt what was stated as a signed form, by entry {self.scanned[receipt]}."
        about = self.receipts.setdefault(receipt, set())
        if rules >= FIFTH and content.object.id in about:
            yield f"it states a receipt again that was signed before, by entry {self.scanned[receipt]}."
        about.add(content.object.id)

    def _is_in_one_go(self, content: Content) -> bool:
        """Whether the last step of each signer before this one states the same drawn signature."""
        digest = content.facts.get(DRAWN)
        return all(self.drawn_last.get(slot.person) == digest for slot in content.signers)

    def _of_drawn_and_scanned(self, content: Content, at: str, rules: int) -> Iterator[str]:
        digest = content.facts.get(DRAWN)
        scans = [one for one in (content.facts.get(name) for name in SCANNED) if type(one) is str]
        for scan in scans:
            self.scanned.setdefault(scan, content.sequence)
        yield from self._of_drawn(content, at, rules)
        if rules < FOURTH:
            return
        for scan in scans:
            if (first := self.drawn.get(scan)) is not None:
                yield f"it states as signed on paper what was drawn on the screen, by entry {first.sequence}."
        if type(digest) is str and digest not in scans and digest in self.scanned:
            yield f"it states as drawn on the screen what was signed on paper, by entry {self.scanned[digest]}."

    def _of_drawn(self, content: Content, at: str, rules: int) -> Iterator[str]:
        """A signature that was drawn is that of nobody else, and by the fourth rules of no other act."""
        digest = content.facts.get(DRAWN)
        if type(digest) is not str:
            return
        now = Drawing.of(content, at)
        if (first := self.drawn.setdefault(digest, now)) is now:
            return
        if now.who and first.who and not one_person(first.who, now.who):
            yield f"it states the drawn signature of {first.who} as that of {now.who}."
        elif (rules >= FOURTH and not first.is_of_one_act_with(now, rules=rules)) or (
            rules >= FIFTH and not self._is_in_one_go(content)
        ):
            yield f"it states the drawn signature of another act again, that of entry {first.sequence}."
        first.who = first.who or now.who
        first.exhibits |= now.exhibits


def one_person(one: str, other: str) -> bool:
    """Whether two texts tell of one person; before the first comma stands a name, if that is several words."""
    return same_name(_who_in(one), _who_in(other))


def _who_in(told: str) -> str:
    first = told.partition(",")[0]
    return first if len(first.split()) > 1 else told


def _register_breaches(content: Content, event: str, number: Json, writers: frozenset[str]) -> Iterator[str]:
    if not writers:
        yield f"{event} of {number} names somebody of a register that does not know them."
    for slot in content.signers:
        if slot.person in writers:
            yield f"{event} of {number} is signed by {slot.name}, who put the namesake into the register themselves."


def _is_named(told: str, name: str, rules: int) -> bool:
    return names(told, name) if rules >= THIRD else _old_name_in(told) == folded(name)


def _old_name_in(told: str) -> str:
    return folded(re.split(r"[,(]", told, maxsplit=1)[0])


def states_digest(content: Content, *facts: str) -> bool:
    """Whether one of these facts is a SHA-256."""
    told = (content.facts.get(name) for name in facts)
    return any(type(value) is str and _DIGEST.fullmatch(value) is not None for value in told)
