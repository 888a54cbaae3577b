"""The entries about an exhibit as rows of the timeline: newest first, gaps between, corrections pointing back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from forensics_app.model.corrections import corrected_by, corrections_in, entry_corrected, times_corrected
from forensics_app.model.custody import (
    NOT_SIGNED,
    ON_PAPER,
    ON_SCREEN,
    UNSIGNED,
    CustodyEvent,
    bare_name,
    same_name,
)
from forensics_app.model.meant import NAME_MEANS
from ui import text
from ui.custody.words import column_words, icon_of_event, role_words, state_change, step_words, title_of, told_words
from ui.examine.words import visible
from ui.tones import Tone
from ui.widgets.timeline import Event, Gap

_DIGEST_FACTS = ("media_sha256", "catalogue_sha256", "sha256", "receipt_sha256", "form_sha256", "signature_sha256")


class Shown(StrEnum):
    """Which entries the chips leave."""

    ALL = "all"
    HANDS = "hands"
    SEALS = "seals"
    DEVIATIONS = "deviations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The entries about one exhibit.

    ``corrected_by`` gives for the sequence number of an entry the number of the one that corrects it.
    """

    events: tuple[CustodyEvent, ...]
    corrected_by: dict[int, int]


def story_of(events: Sequence[CustodyEvent]) -> Story:
    """Find for every correction the entry that it corrects."""
    return Story(events=tuple(events), corrected_by=corrected_by(events))


def corrected_entry(story: Story, event: CustodyEvent) -> int | None:
    """The entry that ``event`` corrects, by number."""
    return entry_corrected(story.corrected_by, event)


_FAULTY = ("broken", "differ", "damaged", "missing", "not intact", "no seal", "not checked")
"""Words that speak of a seal that is not as it should be, also in entries of older programs."""


def is_deviation(event: CustodyEvent) -> bool:
    """Whether an entry tells of something that did not go as it should."""
    if event.action in ("custody.refused", "image.intake_refused", "image.intake_cancelled") or corrections_in(event):
        return True
    if event.fact("deviation"):
        return True
    if event.fact("incident") and event.action != "incident.close":
        return True
    seal = event.fact("seal_check").casefold()
    return any(word in seal for word in _FAULTY)


def passes(event: CustodyEvent, shown: Shown) -> bool:
    """Whether a chip leaves an entry in sight."""
    match shown:
        case Shown.HANDS:
            return bool(event.fact("giver") or event.fact("receiver") or event.fact("carrier"))
        case Shown.SEALS:
            return bool(event.fact("seal_number") or event.fact("seal_check"))
        case Shown.DEVIATIONS:
            return is_deviation(event)
    return True


def rows_of(story: Story, shown: Shown, verified_entries: int) -> list[Event | Gap]:
    """The rows from the newest to the oldest.

    Args:
        story: The entries.
        shown: Which of them; gaps are told only among all.
        verified_entries: How many entries of the chain a verification of this session found good, from the first;
            signatures of later ones are shown as not checked.
    """
    rows: list[Event | Gap] = []
    gaps = gaps_before(story.events) if shown is Shown.ALL else {}
    for event in story.events:
        if not passes(event, shown):
            continue
        if event.sequence in gaps:
            rows.append(Gap(length_s=gaps[event.sequence]))
        rows.append(_row(story, event, Tone.OK if event.sequence <= verified_entries else Tone.NONE))
    return rows[::-1]


def gaps_before(events: Sequence[CustodyEvent]) -> dict[int, float]:
    """Times in seconds in which nobody's custody is recorded, by the entry that ends them.

    There is a gap where somebody gives the exhibit who is not recorded to have had it.
    """
    gaps: dict[int, float] = {}
    holder, since, corrected = "", None, times_corrected(events)
    for event in events:
        giver, at = _named(event, "giver"), corrected.get(event.sequence) or moment_of(event)
        if giver and holder and since and not _same_person(giver, holder) and at > since:
            gaps[event.sequence] = (at - since).total_seconds()
        taker = next((_named(event, name) for name in ("receiver", "carrier", "court") if event.fact(name)), "")
        taker = taker or (
            event.fact("officer") or event.fact("seizing_officer") if event.action.endswith("seize") else ""
        )
        if taker or event.fact("to_state"):
            holder, since = taker or event.actor, at
    return gaps


def moment_of(event: CustodyEvent) -> datetime:
    """When it happened; when it was recorded where nothing else is told."""
    return event.occurred_at or event.recorded_at


def unread_time_words(event: CustodyEvent) -> str:
    """What is told as the time of an act and is none; the time beside it is then that of the record. Else empty."""
    if not event.unread_time:
        return ""
    return _tr("the time told, “{value}”, cannot be read").format(value=visible(event.unread_time))


def people_words(event: CustodyEvent) -> str:
    """Who acted, or who gave to whom."""
    giver, receiver = _named(event, "giver"), _named(event, "receiver")
    if giver and receiver:
        return f"{giver.split(', ')[0]} → {receiver.split(', ')[0]}"
    if event.action == "exhibit.add":  # it tells of the seizure, too, but whoever registered it acted
        return _tr("by {name}").format(name=event.actor)
    officer = event.fact("officer") or event.fact("seizing_officer")
    who = _tr("by {name}").format(name=officer or event.actor)
    signed = (one.name for one in event.signatures if one.role == "witness")
    witness = next(signed, event.fact("witness"))  # with a function behind it, which is told of nobody else here
    return _tr("{who}, witness {name}").format(who=who, name=witness) if witness else who


def correction_words(event: CustodyEvent) -> list[str]:
    """What an entry corrects, each with the old and the new value; empty when it corrects nothing."""
    return [
        _tr("{column} was “{old}”, is “{new}”").format(
            column=column_words(one.name), old=told_words(one.before), new=told_words(one.after)
        )
        for one in corrections_in(event)
    ]


def particulars_words(story: Story, event: CustodyEvent) -> str:
    """What was told of an entry, in one line."""
    if changes := correction_words(event):
        incident = [_tr("incident: {value}").format(value=event.fact("incident"))] if event.fact("incident") else []
        return "; ".join([*changes, *incident, _tr("reason: {reason}").format(reason=event.reason)])
    if event.action == "custody.refused":
        return event.fact("why")
    later = story.corrected_by.get(event.sequence)
    pointer = [_tr("corrected by entry {number}").format(number=later)] if later else []
    told = [part.rstrip(".") for part in _told(event)]
    words = "; ".join([*pointer, *told])
    named = told and not pointer and told[0] in (_value(event, "path"), _value(event, "file"))
    return words if named else words[:1].upper() + words[1:]  # a name is written as it is


def seal_words(event: CustodyEvent) -> str:
    """Number and condition of the seal."""
    number, check = event.fact("seal_number"), event.fact("seal_check")
    before = event.fact("seal_before")
    if number and before and number != before:
        number = _tr("{new}, before {old}").format(new=number, old=before)
    return ": ".join(part for part in (number, check) if part)


def digest_of_event(event: CustodyEvent) -> str:
    """The SHA-256 that an entry tells of, hex; empty when there is none."""
    return next((event.fact(name) for name in _DIGEST_FACTS if event.fact(name)), "")


def signature_marks(event: CustodyEvent, tone: Tone) -> tuple[tuple[Tone, str], ...]:
    """A mark and a word for each party; what was signed without a key was not checked here."""
    marks = [(tone, role_words(one.role)) for one in event.signatures]
    if [one.role for one in event.signatures] == ["actor", "receiver"]:
        marks = [(tone, _tr("By order; receiver signed"))]  # two marks have room, and who gave did not sign
    without_key = (
        ("giver", ON_PAPER, Tone.NONE, _tr("Giver, on paper")),
        ("giver", ON_SCREEN, Tone.NONE, _tr("Giver, on the screen")),
        ("giver", NOT_SIGNED, Tone.WARN, _tr("Giver did not sign")),
        ("receiver", ON_PAPER, Tone.NONE, _tr("Receiver, on paper")),
        ("receiver", ON_SCREEN, Tone.NONE, _tr("Receiver, on the screen")),
        ("receiver", NOT_SIGNED, Tone.WARN, _tr("Receiver did not sign")),
    )
    told = [(mark, words) for role, how, mark, words in without_key if event.fact(role).endswith(how)]
    if event.fact(UNSIGNED) and not told:
        told = [(Tone.WARN, _tr("Not signed outside"))]
    return (*reversed(told), *marks)


def _named(event: CustodyEvent, role: str) -> str:
    """Who gave or received, without how they signed."""
    return bare_name(event.fact(role))


def _row(story: Story, event: CustodyEvent, tone: Tone) -> Event:
    digest, old = digest_of_event(event), corrected_entry(story, event)
    title = title_of(event)
    return Event(
        key=event.sequence,
        sequence=event.sequence,
        icon=icon_of_event(event),
        title=_tr("{act} of entry {number}").format(act=title, number=old) if old else title,
        occurred_at=moment_of(event),
        people=people_words(event),
        particulars=particulars_words(story, event),
        state=state_change(event),
        signatures=signature_marks(event, tone),
        seal=seal_words(event),
        digest=text.short_digest_text(digest, groups=4) if digest else "",
        tone=_node_tone(event),
        struck=event.sequence in story.corrected_by,
    )


def _node_tone(event: CustodyEvent) -> Tone:
    if is_deviation(event):
        return Tone.WARN
    if event.action == "image.check":
        return Tone.OK if event.fact("result").startswith("equal") else Tone.BAD
    if event.action == "image.check_part" and "damage lies in" in event.fact("result"):
        return Tone.BAD
    return Tone.NONE


def _told(event: CustodyEvent) -> list[str]:
    facts = [
        (_tr("incident: {value}"), "incident"),
        (_tr("deviation: {value}"), "deviation"),
        (_tr("not signed outside: {value}"), UNSIGNED),
        (_tr("the name means {value}"), NAME_MEANS),
        (_tr("purpose: {value}"), "purpose"),
        (_tr("shelf {value}"), "shelf"),
        (_tr("at {value}"), "place"),
        (_tr("expected back {value}"), "expected_return"),
        (_tr("condition: {value}"), "condition"),
        (_tr("carried by {value}"), "carrier"),
        (_tr("seal: {value}"), "seal_remarks"),
        (_tr("{value}"), "result"),
        (_tr("{value} bytes of media"), "media_bytes"),
        (_tr("write blocker {value}"), "write_blocker"),
        (_tr("no write blocker: {value}"), "no_write_blocker_reason"),
        (_tr("image made: {value}"), "image_made"),
        (_tr("{value} entries"), "entries"),
        (_tr("note {value}"), "note"),
        (_tr("adds to note {value}"), "addendum_to"),
        (_tr("volume {value}"), "volume"),
        (_tr("by {value}"), "key_kind"),
        (_tr("{value}"), "path"),
        (_tr("{value}"), "file"),
        (_tr("view: {value}"), "view"),
        (_tr("{value}"), "particulars"),
        (_tr("doubtful: {value}"), "doubts"),
        (_tr("reason: {value}"), "reason"),
        (_tr("court: {value}"), "court"),
        (_tr("hearing: {value}"), "hearing"),
        (_tr("{value}"), "decision"),
        (_tr("agency: {value}"), "agency"),
        (_tr("due {value}"), "due"),
        (_tr("disposal: {value}"), "way"),
        (_tr("method: {value}"), "method"),
        (_tr("authority: {value}"), "authority"),
        (_tr("to {value}"), "recipient"),
        (_tr("approved by {value}"), "approved_by"),
        (_tr("check: {value}"), "legal_hold_check"),
        (_tr("receipt {value}"), "receipt"),
        (_tr("form {value}"), "form"),
        (_tr("{value}"), "remarks"),
    ]
    told = [words.format(value=_value(event, name)) for words, name in facts if event.fact(name)]
    if event.unread_time:
        told.insert(0, unread_time_words(event))
    if event.reason:
        told.append(_tr("reason: {value}").format(value=event.reason))
    return told


def _value(event: CustodyEvent, name: str) -> str:
    value = event.facts.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return text.count_text(value)
    if name in ("expected_return", "due"):
        try:
            return text.time_text(datetime.fromisoformat(event.fact(name)), to_minute=True)
        except ValueError:
            return event.fact(name)
    return step_words(event.fact(name)) if name == "way" else visible(event.fact(name))


def _same_person(one: str, other: str) -> bool:
    return same_name(one.partition(",")[0], other.partition(",")[0])


def _tr(words: str) -> str:
    return QCoreApplication.translate("Custody", words)
