"""The words of custody: states of an exhibit, events, and what an event asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chain_of_custody.body import SignerRole


class State(StrEnum):
    """Where an exhibit is in its life."""

    IDENTIFIED = "IDENTIFIED"
    IMAGED_ON_SCENE = "IMAGED_ON_SCENE"
    LEFT_IN_PLACE = "LEFT_IN_PLACE"
    SEIZED = "SEIZED"
    IN_TRANSIT = "IN_TRANSIT"
    LOST_INCIDENT = "LOST_INCIDENT"
    RECEIVED = "RECEIVED"
    REFUSED = "REFUSED"
    STORED = "STORED"
    CHECKED_OUT = "CHECKED_OUT"
    IMAGED = "IMAGED"
    UNDER_EXAM = "UNDER_EXAM"
    IN_COURT = "IN_COURT"
    RETAINED_BY_COURT = "RETAINED_BY_COURT"
    TRANSFERRED = "TRANSFERRED"
    RETURN_IN = "RETURN_IN"
    DISPOSAL_PENDING = "DISPOSAL_PENDING"
    RETURNED = "RETURNED"
    DESTROYED = "DESTROYED"
    FORFEITED = "FORFEITED"
    ARCHIVED = "ARCHIVED"


class Event(StrEnum):
    """What happens to an exhibit."""

    IDENTIFY = "identify"
    REGISTER_SEIZED = "register_seized"
    DERIVE = "derive"
    SEIZE = "seize"
    IMAGE_ON_SCENE = "image_on_scene"
    LEAVE_IN_PLACE = "leave_in_place"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    REPORT_LOST = "report_lost"
    REFUSE = "refuse"
    SEND_BACK = "send_back"
    ACCEPT_REFUSED = "accept_refused"
    STORE = "store"
    CHECK_OUT = "check_out"
    IMAGE = "image"
    BEGIN_EXAMINATION = "begin_examination"
    RETURN_TO_STORE = "return_to_store"
    GO_TO_COURT = "go_to_court"
    RETAIN_BY_COURT = "retain_by_court"
    TRANSFER_OUT = "transfer_out"
    CONFIRM_RECEIPT = "confirm_receipt"
    CALL_BACK = "call_back"
    PROPOSE_DISPOSAL = "propose_disposal"
    REJECT_DISPOSAL = "reject_disposal"
    RETURN_TO_OWNER = "return_to_owner"
    DESTROY = "destroy"
    FORFEIT = "forfeit"
    ARCHIVE = "archive"
    HAND_OVER = "hand_over"
    TAKE_OVER = "take_over"
    MOVE = "move"


LABORATORY_MEDIUM: Final = "laboratory medium"
"""The type of an exhibit that is storage of the laboratory itself: a working drive, a transport drive, an archive."""
IMAGE: Final = "image"
"""The type of an exhibit that is an image of another one."""
EXPORT: Final = "export"
"""The type of an exhibit that is files exported from an image, and what they are handed out on."""
AT_HAND: Final = frozenset((State.CHECKED_OUT, State.IMAGED, State.UNDER_EXAM))
"""States in which somebody works on an exhibit: a part can be taken out of it."""
TERMINAL: Final = frozenset((State.RETURNED, State.DESTROYED, State.FORFEITED, State.RETAINED_BY_COURT))
"""States that end the custody of the laboratory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A field that has to be filled in, and the sentence that asks for it."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An event that is possible in a state.

    Attributes:
        from_state: None for an event that brings an exhibit into being.
        gates: what has to be filled in.
        signatures: the roles that have to sign the entry, in this order.
        different_people: pairs of fields that must not name the same person (REQ-19).
        added: whether the arrow is not in the table of the guidance.
        only_type: the type of exhibit that alone may take it; empty where all may.
        since_rules: the number of the rules of custody (`rule_sets`) from which on it is possible.
    """

    event: Event
    from_state: State | None
    to_state: State
    gates: tuple[Gate, ...]
    signatures: tuple[SignerRole, ...]
    different_people: tuple[tuple[str, str], ...]
    added: bool
    only_type: str
    since_rules: int
