"""The custody form as it is printed: the superset of fields of the guidance, section 2.1 (REQ-21)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from forensics_app.model.case import Case
from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.dossier_record import LedgerHead
from forensics_app.model.exhibit import Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class FormParty:
    """One side of a hand-over; what is empty is left blank on the paper, to be written by hand.

    Attributes:
        function: Rank or function.
        key_id: Hex id of the key that signed for this person; empty: signs in ink, or signed without a key.
        signed: How they signed without a key, in words; empty where they did not.
    """

    name: str = ""
    function: str = ""
    organisation: str = ""
    id_number: str = ""
    key_id: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEvent:
    """One entry of the record.

    Attributes:
        sequence: Number in the chain of the case.
        giver, receiver: None where nothing passes from hand to hand.
        is_step: A step of custody; every field is then on the paper, also those that nobody filled in.
        seal_before: Number of the seal before the step; ``seal`` the one afterwards, ``seal_check`` its condition.
        transport: Mode and carrier.
        verified: Which digest was compared, and with what result.
        recorder: Who entered it.
        signatures: Role, name and key id of every signature, one line each.
        corrected_by: Number of the entry that corrects this one, which is then struck through.
        remarks: Anything else that the entry states, one line each.
    """

    sequence: int
    act: str
    is_step: bool
    occurred_at: datetime | None
    recorded_at: datetime
    from_state: str
    to_state: str
    giver: FormParty | None
    receiver: FormParty | None
    recorder: str
    digest: bytes
    previous: bytes
    clock: str = ""
    place: str = ""
    purpose: str = ""
    authority: str = ""
    seal_before: str = ""
    seal: str = ""
    seal_check: str = ""
    packaging: str = ""
    transport: str = ""
    verified: str = ""
    tool: str = ""
    photos: str = ""
    witness: str = ""
    deviation: str = ""
    signatures: tuple[str, ...] = ()
    corrects: int | None = None
    corrected_by: int | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSignature:
    """The signature on the screen of somebody who has no key.

    Attributes:
        sequence: Number of the entry that states its SHA-256.
        who: Who signed, as the entry names them.
        jpeg: The picture, written anew by the process that decoded it; None where there is none to print.
        absent: Why there is none.
    """

    sequence: int
    who: str
    sha256: bytes
    jpeg: bytes | None = None
    absent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormItem:
    """One exhibit of the form.

    Attributes:
        parent, root: Numbers of the exhibits it comes from; empty for something seized as such.
        photos: How many photographs the record holds of it.
        facts: What else is recorded of it, with its label.
        signatures: Of people without a key, on the screen.
        ending: How custody ended: act, authority, check for legal holds, who approved it, method and place, who carried
            it out, who witnessed it, who took it. Empty while it has not ended.
    """

    exhibit: Exhibit
    parent: str
    root: str
    photos: int
    events: tuple[FormEvent, ...]
    facts: tuple[tuple[str, str], ...] = ()
    signatures: tuple[FormSignature, ...] = ()
    ending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyForm:
    """Everything that one printed form says.

    Attributes:
        heads: Where the chain of the case and that of the lab stood; printed in full (REQ-16).
        zone: IANA zone in which times are printed.
        made_by: Who printed it; empty: written by hand.
        stationery: Its language, with the words of the laboratory in place of the program's.
    """

    laboratory: str
    address: str
    case: Case
    items: tuple[FormItem, ...]
    heads: tuple[LedgerHead, ...]
    zone: str
    tzdata_version: str
    made_at: datetime
    made_by: str = ""
    stationery: Stationery = field(default_factory=Stationery)
