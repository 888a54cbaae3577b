"""What is known of one thing in the queue: what was checked, what differs, what was not."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.disposal import Disposal
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import EvidenceImage, ImageCheck
from forensics_app.model.incident import Incident
from forensics_app.model.lab import Job
from forensics_app.model.schedule import Due
from ui import text
from ui.custody.further import way_words
from ui.custody.offer_words import offer_facts
from ui.custody.words import state_words
from ui.review.matters import matter_card
from ui.review.queue import Item, incident_words, late_words, named
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import card, hbox, plain, vbox
from ui.widgets.notes import facts, note

REGIONS_SHOWN = 20
_NAMES = {"md5": "MD5 (legacy)", "sha1": "SHA-1 (legacy)", "sha256": "SHA-256"}
_MARGINS = (Space.L, Space.S + 2, Space.L, Space.M)


def detail_cards(item: Item, zone: tzinfo) -> list[QWidget]:
    """The cards about ``item``, times in ``zone``."""
    if item.image:
        return [_what_was_checked(item, item.image, zone), _digests(item), *_unreadable(item.image)]
    if item.incident:
        return [_incident(item.incident, zone)]
    if item.disposal:
        return [_disposal(item.disposal, zone)]
    if item.exhibit:
        return [_late(item.exhibit, zone)]
    if item.offer:
        shown = plain(facts(offer_facts(item.offer, zone)))
        return [card(vbox(label(_tr("What was offered"), "section"), shown, margins=_MARGINS))]
    if item.matter:
        return [matter_card(item.matter, zone)]
    if item.scheduled:
        return [_scheduled(item.scheduled, zone)]
    return [_interrupted(item.job, zone)] if item.job else []


def _what_was_checked(item: Item, image: EvidenceImage, zone: tzinfo) -> QWidget:
    rows = []
    if all(check.agrees for check in item.checks) or image.unreadable:  # else a reading below says the same
        rows.append(_line(Tone.BAD, _tr("Integrity failed"), item.second))
    when = _tr("Read whole {time}; {size} of media").format(
        time=text.time_text(image.ended_at, zone), size=text.bytes_text(image.source.media_bytes)
    )
    rows.append(_line(Tone.INFO, _tr("Taken in with {tool}").format(tool=image.tool), when))
    rows += [_check(image, check, zone) for check in item.checks]
    blocker = image.write_blocker.device or _tr("None: {why}").format(why=image.write_blocker.reason_for_none)
    rows.append(_line(Tone.INFO, _tr("Write blocker"), blocker))
    rows += [
        _line(Tone.WARN, _tr("Found in the container"), f"{one.where}: {one.what}") for one in image.source.problems
    ]
    rows.append(
        _line(Tone.NONE, _tr("Not checked: why it differs"), _tr("That is what the decision and its reason are about"))
    )
    return card(vbox(label(_tr("What was checked"), "section"), *rows, margins=_MARGINS))


def _check(image: EvidenceImage, check: ImageCheck, zone: tzinfo) -> QWidget:
    at_intake = check.started_at == image.started_at
    words = _tr("Read at the intake {time}") if at_intake else _tr("Read again {time}")
    tone = Tone.BAD if not check.agrees else Tone.OK if image.source.stored_digests or not at_intake else Tone.NONE
    what = named(check.what)
    return _line(tone, words.format(time=text.time_text(check.ended_at, zone)), what[:1].upper() + what[1:])


def _digests(item: Item) -> QWidget:
    image = item.image
    assert image is not None
    differing = [check for check in item.checks if check.digests != image.digests]
    parts: list[QWidget] = []
    for name, computed in image.digests.items():
        known = _NAMES.get(name, name)
        stored = image.source.stored_digests.get(name)
        if stored is not None:
            parts.append(DigestView(_tr("{name}, stored in the image").format(name=known), stored))
        verdict = _verdict(stored, computed)
        parts.append(DigestView(_tr("{name}, computed at the intake").format(name=known), computed, verdict))
        parts += [
            DigestView(_tr("{name}, read again").format(name=known), again, _verdict(computed, again))
            for again in (check.digests[name] for check in differing if name in check.digests)
        ]
    return card(vbox(label(_tr("Digests of the media"), "section"), *parts, margins=_MARGINS))


def _verdict(expected: bytes | None, found: bytes) -> Badge:
    if expected is None:
        return Badge(Tone.NONE, _tr("None stored"))
    return Badge(Tone.OK, _tr("Equal")) if expected == found else Badge(Tone.BAD, _tr("Differs"))


def _unreadable(image: EvidenceImage) -> list[QWidget]:
    if not image.unreadable:
        return []
    rows: list[QWidget] = [
        label(
            _tr("Offset {offset}, {size}").format(
                offset=text.count_text(one.offset_bytes), size=text.bytes_text(one.length_bytes)
            ),
            "mono",
            select=True,
        )
        for one in image.unreadable[:REGIONS_SHOWN]
    ]
    rest = len(image.unreadable) - REGIONS_SHOWN
    if rest > 0:
        rows.append(label(text.plural(rest, _tr("and 1 more"), _tr("and {n} more")), "small"))
    why = note(Tone.WARN, _tr("These parts could not be read; they were hashed as zeros and are listed."))
    return [card(vbox(label(_tr("Unreadable regions"), "section"), why, *rows, margins=_MARGINS))]


def _late(exhibit: Exhibit, zone: tzinfo) -> QWidget:
    due = text.time_text(exhibit.due_at, zone, to_minute=True) if exhibit.due_at else ""
    rows = [
        (_tr("State"), state_words(exhibit.state)),
        (_tr("With"), exhibit.holder),
        (_tr("Place"), exhibit.place),
        (_tr("Since"), text.time_text(exhibit.state_since, zone, to_minute=True)),
        (_tr("Was due"), due),
        (_tr("Seal"), exhibit.seal_number),
    ]
    told = [(name, value) for name, value in rows if value]
    return card(vbox(label(late_words(exhibit), "section"), facts(told), margins=_MARGINS))


def _incident(incident: Incident, zone: tzinfo) -> QWidget:
    rows = [
        (_tr("Exhibit"), incident.number),
        (_tr("Kind"), incident_words(incident.kind)),
        (_tr("What"), incident.what),
        (_tr("Raised by"), incident.raised_by),
        (_tr("Raised"), text.time_text(incident.raised_at, zone, to_minute=True)),
    ]
    return card(vbox(label(_tr("What was found"), "section"), facts(rows), margins=_MARGINS))


def _disposal(disposal: Disposal, zone: tzinfo) -> QWidget:
    rows = [
        (_tr("Exhibit"), disposal.number),
        (_tr("How it ends"), way_words(disposal.way)),
        (_tr("Method"), disposal.method),
        (_tr("Authority"), disposal.authority),
        (_tr("Receives it"), disposal.recipient),
        (_tr("Proposed by"), disposal.proposed_by),
        (_tr("Proposed"), text.time_text(disposal.proposed_at, zone, to_minute=True)),
        (_tr("Approved by"), disposal.decided_by),
        (_tr("Words"), disposal.decision),
    ]
    told = [(name, value) for name, value in rows if value]
    warned = [
        note(Tone.WARN, _tr("An incident of it is open: {what}").format(what=one), name="openIncident")
        for one in disposal.open_incidents
    ]
    return card(vbox(label(_tr("What was proposed"), "section"), facts(told), *warned, margins=_MARGINS))


def _scheduled(due: Due, zone: tzinfo) -> QWidget:
    found = {None: "", True: _tr("Nothing was found"), False: _tr("It differed")}[due.last_agreed]
    rows = [
        (_tr("What"), due.subject),
        (_tr("Last verified"), text.time_text(due.last_at, zone, to_minute=True) if due.checks else _tr("Never")),
        (_tr("Then"), found),
        (_tr("Verified so far"), text.plural(due.checks, _tr("once"), _tr("{n} times")) if due.checks else ""),
        (_tr("Was due"), text.time_text(due.due_at, zone, to_minute=True)),
    ]
    told = [(name, value) for name, value in rows if value]
    return card(vbox(label(_tr("To be verified again"), "section"), facts(told), margins=_MARGINS))


def _interrupted(job: Job, zone: tzinfo) -> QWidget:
    rows = [
        (_tr("Work"), job.kind),
        (_tr("On"), job.subject),
        (_tr("Began"), text.time_text(job.started_at, zone)),
        (_tr("Computer"), job.host),
        (_tr("Said"), job.message),
    ]
    told = [(name, value) for name, value in rows if value]
    kept = label(_tr("The record is written in whole steps: nothing of it is half done."), "small", wrap=True)
    return card(vbox(label(_tr("Interrupted work"), "section"), facts(told), kept, margins=_MARGINS))


def _line(tone: Tone, words: str, second: str) -> QWidget:
    return plain(vbox(hbox(Badge(tone, words, bare=True), None), label(second, "caption", wrap=True), gap=0))


def _tr(words: str) -> str:
    return QCoreApplication.translate("ReviewDetails", words)
