"""The custody form of an exhibit, or of all exhibits of a case, out of the signed entries (REQ-21)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version

from sqlalchemy import Connection, func, select

from chain_of_custody.guidance.library import Guidance
from chain_of_custody.hand_rules import who_signed
from chain_of_custody.rules import is_judged
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of, last_entry
from forensics_app.db.mapping import person_of
from forensics_app.db.rows import records
from forensics_app.db.tables import PERSON, PHOTO
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.corrections import corrected_by, entry_corrected, told_now
from forensics_app.model.custody import CustodyEvent, Event, bare_name, same_name
from forensics_app.model.custody_form import CustodyForm, FormEvent, FormItem, FormParty
from forensics_app.model.device import DeviceForm
from forensics_app.model.dossier_record import LedgerHead
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Person
from forensics_app.model.told import Told, told_list
from forensics_app.model.wording import act_words
from forensics_app.services.absences import STORED_BY
from forensics_app.services.cases import case_with
from forensics_app.services.dossier_custody import party_of, place_of, remarks, seal_check, told
from forensics_app.services.drawn_signatures import signatures_in, with_picture
from forensics_app.services.examine import Examine
from forensics_app.services.exhibits import exhibits_of
from forensics_app.services.folder import LabFolder
from forensics_app.services.form_hiding import without_hidden
from forensics_app.services.hidden_words import HiddenWords
from forensics_app.services.history import events_telling_of
from forensics_app.services.intake import images_of
from forensics_app.services.particulars import form_of
from forensics_app.services.stationery import worded
from forensics_app.services.withholding import hidden_words

HANDS = frozenset({
    Event.SEIZE, Event.DISPATCH, Event.RECEIVE, Event.CHECK_OUT, Event.HAND_OVER, Event.GO_TO_COURT,
    Event.RETAIN_BY_COURT, Event.TRANSFER_OUT, Event.SEND_BACK, Event.CONFIRM_RECEIPT, Event.CALL_BACK,
    Event.RETURN_TO_OWNER, Event.FORFEIT,
})  # fmt: skip
"""Steps in which an exhibit passes from hand to hand: both sides are on the paper, signed or to be signed in ink.

Other steps are such where somebody signed as giver or as receiver.
"""
_STATED = frozenset({
    "condition", "witness", "carrier", "result", "media_sha256", "write_blocker", "no_write_blocker_reason", "view",
    "why", "authority", "deviation",
})  # fmt: skip
"""Facts that have a place of their own on the paper."""
_SIDES = ("giver", "receiver")
_ENDS = frozenset({Event.RETURN_TO_OWNER, Event.DESTROY, Event.FORFEIT, Event.ARCHIVE})
_TAKERS = ("seizing_officer", "officer", "carrier", "court", "agency", "recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyForms:
    """Use cases about the printed form. Nothing is recorded; the paper names the heads that it was printed at."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    guidance: Callable[[], Guidance]
    examine: Callable[[], Examine]

    def gather(
        self, case_id: CaseId, exhibit_id: ExhibitId | None = None, made_by: str = "", language: str = "en"
    ) -> CustodyForm:
        """What the form of one exhibit says, or of all exhibits of a case, from one look at the record.

        Words that name content which is marked or concealed are not printed: the paper goes with the exhibit.

        Args:
            case_id: The case.
            exhibit_id: The exhibit; None for all.
            made_by: Who prints it.
            language: ISO 639-1 code of the program's words on it.

        Raises:
            NotFoundError: There is no such case.
            RefusedError: The case has no such exhibit, or none at all; or the laboratory's own words cannot be used.
        """
        with self.db.reading() as connection:
            case = case_with(connection, case_id)
            exhibits = exhibits_of(connection, case.id)
            wanted = [one for one in exhibits if exhibit_id in (None, one.id)]
            if not wanted:
                raise RefusedError(f"The case {case.number} has no exhibit to print a form of.")
            people = {str(one.id): one for one in records(connection, select(PERSON), person_of)}
            numbers = {one.id: one.number for one in exhibits}
            images = images_of(connection, case.id)
            entries = entries_of(connection, str(case.id))
            judged = frozenset(one.content.sequence for one in entries if is_judged(one.body))
            items = tuple(
                _item(connection, one, form_of(connection, self.guidance, one), numbers, people) for one in wanted
            )
            heads = (
                _head(connection, Told("Case {number}", number=case.number), str(case.id)),
                _head(connection, Told("Laboratory"), str(self.lab.id)),
            )
        hidden = hidden_words(self.examine(), images, ())
        known = hidden or HiddenWords((mark.path for mark in self.examine().marks.list(case.id)), ())
        items = tuple(without_hidden(item, judged, known, is_whole=hidden is not None) for item in items)
        return CustodyForm(
            laboratory=self.lab.name,
            address=self.lab.address,
            case=case,
            items=tuple(self._with_pictures(case.id, item) for item in items),
            heads=tuple(head for head in heads if head is not None),
            zone=self.lab.zone,
            tzdata_version=version("tzdata"),
            made_at=self.now(),
            made_by=made_by,
            stationery=worded(self.folder, language),
        )

    def _with_pictures(self, case_id: CaseId, item: FormItem) -> FormItem:
        return replace(item, signatures=tuple(with_picture(self.folder, case_id, one) for one in item.signatures))

    def pdf(
        self, case_id: CaseId, exhibit_id: ExhibitId | None = None, made_by: str = "", language: str = "en"
    ) -> bytes:
        """The form as a PDF; see :meth:`gather`."""
        from forensics_app.reports.custody_form import render_form  # half a second that only a form should cost

        out = io.BytesIO()
        render_form(self.gather(case_id, exhibit_id, made_by, language), out)
        return out.getvalue()


def _head(connection: Connection, chain: str, chain_id: str) -> LedgerHead | None:
    entry = last_entry(connection, chain_id)
    if entry is None:
        return None
    content = entry.content
    return LedgerHead(
        chain=chain,
        chain_id=chain_id,
        sequence=content.sequence,
        digest=entry.digest,
        recorded_at=content.recorded_at,
    )


def _item(
    connection: Connection,
    exhibit: Exhibit,
    form: DeviceForm,
    numbers: Mapping[ExhibitId, str],
    people: Mapping[str, Person],
) -> FormItem:
    events = events_telling_of(connection, exhibit)
    later = corrected_by(events)
    photos = connection.scalar(select(func.count()).where(PHOTO.c.exhibit_id == str(exhibit.id))) or 0
    return FormItem(
        exhibit=exhibit,
        parent="" if exhibit.parent_id is None else numbers[exhibit.parent_id],
        root="" if exhibit.root_id == exhibit.id else numbers[exhibit.root_id],
        photos=photos,
        events=tuple(
            _event(event, exhibit, later, people, had) for event, had in zip(events, _hands_before(events), strict=True)
        ),
        signatures=signatures_in(events),
        facts=(*form.facts, *((field.label, "") for field in form.missing)),
        ending=_ending(events),
    )


def _ending(events: Sequence[CustodyEvent]) -> tuple[str, ...]:
    """How custody ended, as it is told now; empty where it goes on, also after an attempt to end it."""
    ends = (event for event in reversed(events) if event.is_step and event.fact("event") in _ENDS)
    if (end := next(ends, None)) is None:
        return ()
    now = told_now(events, end.sequence)
    return (
        act_words(end),
        now.get("authority", ""),
        now.get("legal_hold_check", ""),
        now.get("approved_by", ""),
        ", ".join(now[name] for name in ("method", "place") if now.get(name)),
        now.get("carried_out_by", ""),
        now.get("witness", ""),
        now.get("recipient", ""),
    )


def _hands_before(events: Sequence[CustodyEvent]) -> list[tuple[str, str]]:
    """UUID, empty of nobody of the laboratory, and name of who had the exhibit before each entry, by the record."""
    found, had_id, had = [], "", ""
    for event in events:
        found.append((had_id, had))
        for one in event.changes:
            if (one.table, one.column) == ("exhibit", "holder_id"):
                had_id = str(one.after or "")
            elif (one.table, one.column) == ("exhibit", "holder"):
                had = str(one.after or "")
    return found


def _event(
    event: CustodyEvent,
    exhibit: Exhibit,
    later: Mapping[int, int],
    people: Mapping[str, Person],
    had: tuple[str, str],
) -> FormEvent:
    hands = event.is_step and (event.fact("event") in HANDS or any(one.role in _SIDES for one in event.signatures))
    if event.fact("event") == Event.SEIZE:
        had = "", ""  # it is taken from somebody outside; who registered it had the record of it, not the exhibit
    elif event.fact(STORED_BY):
        first = event.signatures[0]  # who hands it out, whoever put it on the shelf; or who takes it by an offer
        had = ("", "") if first.role == "receiver" else (first.person_id, first.name)
    return FormEvent(
        sequence=event.sequence,
        act=act_words(event),
        is_step=event.is_step or _is_imaging(event),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        from_state=event.from_state.replace("_", " "),
        to_state=event.to_state.replace("_", " "),
        giver=_party(event, ("giver", *_role_of(event, had[0])), had[1], people) if hands else None,
        receiver=_party(event, ("receiver", *_role_of(event, _taker(event))), _taken(event), people) if hands else None,
        recorder=f"{event.actor}, {event.actor_function}",
        digest=event.digest,
        previous=event.previous,
        clock=event.fact("clock_source"),
        place=place_of(event),
        purpose=event.fact("purpose"),
        authority=event.fact("authority"),
        seal_before=event.fact("seal_before"),
        seal=event.fact("seal_number"),
        seal_check=seal_check(event),
        packaging=event.fact("packaging"),
        transport=_joined(event, ("transport", "carrier", "departed_at", "route")),
        verified=_joined(event, ("hash_pair", "media_sha256", "result")),
        tool=_joined(event, ("tool", "write_blocker", "no_write_blocker_reason")),
        photos=_joined(event, ("photos", "view")),
        witness=event.fact("witness"),
        deviation=_joined(event, ("deviation", "why")),
        signatures=tuple(
            Told("{role} {name}, key {key}", role=Told(one.role), name=one.name, key=one.key_id[:8])
            for one in event.signatures
        ),
        corrects=entry_corrected(later, event),
        corrected_by=later.get(event.sequence),
        remarks=_remarks(event, exhibit),
    )


def _is_imaging(event: CustodyEvent) -> bool:
    """Whether an image that was taken in is a step of the exhibit's custody, which has the lines of every step."""
    return event.action == "image.intake" and bool(event.fact("event"))


def _role_of(event: CustodyEvent, person_id: str) -> tuple[str, ...]:
    """As what somebody signed; empty if they did not, or nobody is meant."""
    return tuple(one.role for one in event.signatures if person_id and one.person_id == person_id)


def _taker(event: CustodyEvent) -> str:
    """UUID of who of the laboratory has the exhibit by this entry, and had it not before; empty of nobody."""
    got = (one.after for one in event.changes if (one.table, one.column) == ("exhibit", "holder_id"))
    return str(next(filter(None, got), ""))


def _taken(event: CustodyEvent) -> str:
    """Who is named as having taken it, where nobody signed as that."""
    return next(filter(None, map(event.fact, _TAKERS)), "")


def _party(event: CustodyEvent, roles: tuple[str, ...], named: str, people: Mapping[str, Person]) -> FormParty:
    """Who signed in one of these roles, with what the register of the lab knows of them; else who was named."""
    for signature in event.signatures:
        if signature.role in roles:
            person = people.get(signature.person_id)
            return FormParty(
                name=signature.name,
                function=person.function if person else "",
                organisation=person.organisation if person else "",
                id_number=person.id_number if person else "",
                key_id=signature.key_id,
            )
    name = party_of(event, roles[0]) or named
    return FormParty(name=name, signed=_signed_without_key(event, name))


def _signed_without_key(event: CustodyEvent, name: str) -> str:
    """How somebody signed who has no key, if it is they who did."""
    who = who_signed(event.facts, {one.role for one in event.signatures})
    if not name or not same_name(bare_name(who), bare_name(name)):
        return ""
    if event.fact("signature_sha256"):
        return Told("Signed on the screen, as printed below")
    return Told("Signed on paper, of which the file is kept") if event.fact("form_sha256") else ""


def _joined(event: CustodyEvent, names: Iterable[str]) -> str:
    return told_list([told(event, name) for name in names if event.fact(name)])


def _remarks(event: CustodyEvent, exhibit: Exhibit) -> tuple[str, ...]:
    condition = event.fact("condition")
    return (
        *([Told("{label}: {value}", label=Told("Condition"), value=condition)] if condition else ()),
        *remarks(event, exhibit, leave_out=_STATED | ({"signature"} if event.fact("signature_sha256") else set())),
    )
