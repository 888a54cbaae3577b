"""The custody record of an exhibit as a report prints it: every fact that an entry states, by what it is called."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from datetime import datetime

from forensics_app.model import dossier as paper
from forensics_app.model.corrections import corrected_by, corrections_in, entry_corrected
from forensics_app.model.custody import NOT_SIGNED, ON_PAPER, ON_SCREEN, CustodyEvent
from forensics_app.model.disposal import Way
from forensics_app.model.exhibit import Exhibit, PhotoView
from forensics_app.model.image import Integrity
from forensics_app.model.incident import SealCondition
from forensics_app.model.names import blanks_marked
from forensics_app.model.retold import retold
from forensics_app.model.told import Count, Told, told_list
from forensics_app.model.wording import act_words
from forensics_app.services.gathered import Gathered
from forensics_app.services.history import tells_of

REMARKS: Mapping[str, str] = {
    "seal_remarks": "Remarks on the seal",
    "deviation": "Deviation",
    "reason": "Reason",
    "unsigned_reason": "Not signed because",
    "key_ended_at": "Key of the holder ended",
    "stored_by": "Stored by, and not signed by",
    "result": "Result",
    "decision": "Decision",
    "media_bytes": "Bytes of media",
    "media_sha256": "Media SHA-256",
    "sha256": "SHA-256",
    "image": "Image",
    "write_blocker": "Write blocker",
    "no_write_blocker_reason": "No write blocker",
    "image_made": "Image made where and by whom",
    "entries": "Entries listed",
    "catalogue_sha256": "Catalogue SHA-256",
    "volume": "Volume",
    "key_kind": "By",
    "path": "Path",
    "file": "File",
    "view": "View",
    "expected_return": "Expected back",
    "carrier": "Carried by",
    "court": "Court",
    "hearing": "Hearing",
    "officer": "Officer",
    "outside_party": "Other party, not of the lab",
    "witness": "Witness",
    "condition": "Condition",
    "why": "Why",
    "particulars": "Particulars",
    "doubts": "Doubtful",
    "incident": "Incident",
    "way": "Disposal",
    "method": "Method",
    "authority": "Authority",
    "recipient": "Recipient",
    "agency": "Agency",
    "due": "Due",
    "legal_hold_check": "Check for legal holds",
    "proposed_by": "Proposed by",
    "approved_by": "Approved by",
    "held_under": "Held under",
    "receipt": "Receipt",
    "receipt_sha256": "SHA-256 of the receipt",
    "form": "Signed form",
    "form_sha256": "SHA-256 of the form",
    "form_also_of": "The same form is told to be signed by",
    "signature": "Drawn signature",
    "signature_sha256": "SHA-256 of the drawn signature",
}
"""What facts of an entry are called on paper, by their names in it."""
SHA256_OF: Mapping[str, str] = {
    "exhibit.photo": "SHA-256 of the photograph",
    "file.choose": "SHA-256 of the file",
    "finding.add": "SHA-256 of what is cited",
    "bookmark.add": "SHA-256 of what is cited",
}
"""Of what the fact ``sha256`` is, by the action of its entry."""
_SIGNER = re.compile(r"(?P<name>.+) \(entry (?P<entry>\d+)\)")
VALUES: Mapping[str, frozenset[str]] = {
    "result": frozenset(Integrity),
    "view": frozenset(PhotoView),
    "way": frozenset(Way),
}
"""What the program itself writes as these facts, so that a report says it in its own language."""


def custody_log(got: Gathered, exhibit: Exhibit) -> paper.CustodyLog:
    """Every entry that tells of ``exhibit``, oldest first, with what corrects what."""
    mine = [event for event in got.events if tells_of(event, exhibit)]
    later = corrected_by(mine)
    return paper.CustodyLog(
        exhibit=exhibit.number,
        description=exhibit.description,
        entries=[_entry(event, exhibit, later) for event in mine],
    )


def _entry(event: CustodyEvent, exhibit: Exhibit, later: Mapping[int, int]) -> paper.CustodyEntry:
    return paper.CustodyEntry(
        sequence=event.sequence,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        act=act_words(event),
        giver=party_of(event, "giver") or None,
        receiver=party_of(event, "receiver") or None,
        entered_by=event.actor,
        purpose=event.fact("purpose") or None,
        place=place_of(event) or None,
        from_state=_state(event.from_state),
        to_state=_state(event.to_state),
        seal=_seal(event) or None,
        signers=tuple(
            paper.Signer(role=signature.role, name=signature.name, key_id=bytes.fromhex(signature.key_id))
            for signature in event.signatures
        ),
        digest=event.digest,
        previous=event.previous,
        corrects=entry_corrected(later, event),
        corrected_by=later.get(event.sequence),
        remarks=tuple(remarks(event, exhibit)),
    )


def remarks(event: CustodyEvent, exhibit: Exhibit, *, leave_out: Container[str] = ()) -> list[str]:
    """What else an entry says, one line each: corrections with the old words, results, reasons.

    Args:
        event: The entry.
        exhibit: The exhibit of whose custody it tells; where the entry is about another one, that is named.
        leave_out: Names of facts that are shown elsewhere.
    """
    found = [event.fact("remarks")]
    if event.object_id != str(exhibit.id):
        found.insert(0, Told("Entry about exhibit {number}", number=event.object_label))
    if event.unread_time:
        found.append(Told("The time told, “{value}”, cannot be read as a time.", value=_exact(event.unread_time)))
    found += [
        Told(
            "{name} was “{before}”, is “{after}”",
            name=_field(one.name),
            before=_exact(one.before),
            after=_exact(one.after),
        )
        for one in corrections_in(event)
    ]
    found += [
        Told("{label}: {value}", label=Told(_label(event, name, words)), value=told(event, name))
        for name, words in REMARKS.items()
        if event.fact(name) and name not in leave_out
    ]
    if event.reason and event.reason != event.fact("reason"):
        found.append(Told("{label}: {value}", label=Told("Reason"), value=event.reason))
    return [remark for remark in found if remark]


def _label(event: CustodyEvent, name: str, words: str) -> str:
    return SHA256_OF.get(event.action, words) if name == "sha256" else words


def party_of(event: CustodyEvent, role: str) -> str:
    """Who gave or who received, by the signatures; who signed on paper, or in an offer, by the other side.

    What somebody typed into a field of that name is not taken for a party.
    """
    named = event.fact(role)
    signed = next((one.name for one in event.signatures if one.role == role), "")
    if signed:
        return named if named.startswith(signed) else signed
    other = "receiver" if role == "giver" else "giver"
    is_other_side = role in ("giver", "receiver") and any(one.role == other for one in event.signatures)
    return named if is_other_side and event.is_step else ""


def place_of(event: CustodyEvent) -> str:
    """Place and shelf that an entry names."""
    place, shelf = event.fact("place"), event.fact("shelf")
    told_shelf = Told("shelf {shelf}", shelf=shelf) if shelf else ""
    return Told("{place}, {shelf}", place=place, shelf=told_shelf) if place and shelf else place or told_shelf


def _seal(event: CustodyEvent) -> str:
    """Number and condition, and the number before where another seal was applied."""
    number, check, before = event.fact("seal_number"), seal_check(event), event.fact("seal_before")
    if number and before and number != before:
        number = Told("{number}, before {before}", number=number, before=before)
    return Told("{number}: {check}", number=number, check=check) if number and check else number or check


def seal_check(event: CustodyEvent) -> str:
    """How the seal was found, in words that a report can print in another language."""
    check = event.fact("seal_check")
    return Told(check) if check in frozenset(SealCondition) else check


def _state(state: str) -> str | None:
    return state.replace("_", " ") or None


def told(event: CustodyEvent, name: str) -> str:
    """A fact of an entry as a paper prints it: counts and digests in groups, times as times."""
    value = event.facts.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return Count(value)
    words = event.fact(name)
    if name == "incident":
        return retold(words)
    if words in VALUES.get(name, ()):
        return Told(words.replace("_", " "))
    if name == "form_also_of":
        return _signers_told(words)
    if name.endswith("sha256"):
        return " ".join(words[at : at + 8] for at in range(0, len(words), 8))
    if name in ("path", "file", "image"):
        return blanks_marked(words)
    if name in ("expected_return", "due", "departed_at", "key_ended_at"):
        return _moment(words)
    return words


def _signers_told(words: str) -> str:
    """Who else is told to have signed a form, by which entries, as ``signed_papers`` records it."""
    return told_list([_signer_told(one) for one in words.split("; ")], "; ")


def _signer_told(words: str) -> str:
    found = _SIGNER.fullmatch(words)
    if found is None:
        return words
    name, entry = found["name"], Told("entry {entry}", entry=found["entry"])
    how = next((one for one in (ON_PAPER, ON_SCREEN, NOT_SIGNED) if name.endswith(one)), "")
    told_name = Told(f"{{name}}{how}", name=name.removesuffix(how)) if how else name
    return told_list([told_name, Told("({part})", part=entry)], " ")


def _field(name: str) -> str:
    words = name.replace("_", " ").capitalize()
    return words if set("{}") & set(words) else Told(words)


def _moment(words: str, *, timespec: str = "minutes") -> str:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return words
    if moment.utcoffset() is None:
        return words
    return f"{moment.replace(tzinfo=None).isoformat(' ', timespec)} {moment.isoformat()[-6:]}"


def _exact(told: str) -> str:
    """A corrected value; of a time the seconds too, as nothing else may differ."""
    return _moment(told, timespec="auto")
