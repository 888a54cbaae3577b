"""The words of custody on screens: acts, states, signatures, fields and what a step is called."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from forensics_app.model.custody import CustodyEvent, Event
from forensics_app.model.wording import act_words
from forensics_app.model.wording import field_words as field_words

_ICONS = {
    "seize": "case",
    "dispatch": "transfer",
    "receive": "transfer",
    "refuse": "cancel",
    "send_back": "return",
    "accept_refused": "check",
    "store": "shelf",
    "move": "shelf",
    "check_out": "transfer",
    "hand_over": "transfer",
    "take_over": "person",
    "return_to_store": "shelf",
    "image": "disk",
    "begin_examination": "examine",
    "go_to_court": "case",
}
_ACTION_ICONS = {
    "exhibit.add": "exhibit",
    "exhibit.derive": "exhibit",
    "exhibit.photo": "photo",
    "exhibit.correct": "verify-warning",
    "exhibit.correct_step": "verify-warning",
    "image.intake": "disk",
    "image.intake_cancelled": "cancel",
    "image.intake_refused": "verify-warning",
    "image.check": "hash",
    "image.check_part": "hash",
    "image.decision": "review",
    "image.catalogue": "folder",
    "volume.unlock": "key",
    "volume.compare": "verify-ok",
    "key.keep": "key",
    "key.remove": "key",
    "file.choose": "tag",
    "file.withdraw": "return",
    "file.export": "export",
    "timeline.make": "clock",
    "timeline.export": "export",
    "custody.refused": "verify-warning",
    "file.mark": "lock",
    "file.unmark": "unlock",
    "file.look": "eye",
    "picture.look": "eye",
    "tag.put": "tag",
    "tag.remove": "return",
    "finding.add": "tag",
    "finding.withdraw": "return",
    "transfer.offer": "transfer",
    "transfer.refuse": "cancel",
    "transfer.withdraw": "return",
    "room.audit": "shelf",
    "incident.raise": "verify-warning",
    "incident.close": "review",
    "hold.place": "lock",
    "hold.lift": "unlock",
    "case.deviation": "verify-warning",
    "case.override": "verify-warning",
    "case.assign": "person",
    "desk.approve": "review",
    "desk.return": "review",
    "disposal.approve": "review",
    "note.add": "text",
    "note.addendum": "text",
    "report.issue": "report",
}


def icon_of_event(event: CustodyEvent) -> str:
    """The icon of an entry."""
    return _ACTION_ICONS.get(event.action) or _ICONS.get(event.fact("event"), "custody")


def title_of(event: CustodyEvent) -> str:
    """The act in two or three words, with the image it made."""
    if event.action == "image.intake" and event.fact("image"):
        return _tr("Imaged to {image}").format(image=event.fact("image"))
    if event.action == "custody.refused":
        return _tr("Step refused: {step}").format(step=step_words(event.fact("event")).lower())
    return act_words(event)


def step_words(event: str) -> str:
    """What a step is called, as the verb on a button."""
    words = {
        Event.SEIZE: _tr("Seize"),
        Event.LEAVE_IN_PLACE: _tr("Leave in place"),
        Event.DISPATCH: _tr("Dispatch"),
        Event.RECEIVE: _tr("Receive"),
        Event.REPORT_LOST: _tr("Report as lost"),
        Event.REFUSE: _tr("Refuse"),
        Event.SEND_BACK: _tr("Send back"),
        Event.ACCEPT_REFUSED: _tr("Accept after all"),
        Event.STORE: _tr("Store"),
        Event.MOVE: _tr("Move to another shelf"),
        Event.CHECK_OUT: _tr("Check out"),
        Event.HAND_OVER: _tr("Hand over"),
        Event.TAKE_OVER: _tr("Have it taken over"),
        Event.RETURN_TO_STORE: _tr("Return to store"),
        Event.BEGIN_EXAMINATION: _tr("Begin examination"),
        Event.GO_TO_COURT: _tr("Take to court"),
        Event.TRANSFER_OUT: _tr("Transfer to another agency"),
        Event.CONFIRM_RECEIPT: _tr("Confirm the agency's receipt"),
        Event.CALL_BACK: _tr("Call back"),
        Event.PROPOSE_DISPOSAL: _tr("Propose disposal"),
        Event.REJECT_DISPOSAL: _tr("Reject the disposal"),
        Event.RETURN_TO_OWNER: _tr("Return to the owner"),
        Event.DESTROY: _tr("Destroy"),
        Event.FORFEIT: _tr("Forfeit"),
        Event.ARCHIVE: _tr("Archive"),
        Event.RETAIN_BY_COURT: _tr("Record that the court keeps it"),
    }
    return next((text for one, text in words.items() if one == event), event.replace("_", " ").capitalize())


def step_title(event: str, number: str) -> str:
    """A step of the exhibit with this number, as the title of a dialog."""
    words = {
        Event.LEAVE_IN_PLACE: _tr("Leave {exhibit} in place"),
        Event.REPORT_LOST: _tr("Report {exhibit} as lost"),
        Event.SEND_BACK: _tr("Send {exhibit} back to who brought it"),
        Event.ACCEPT_REFUSED: _tr("Accept {exhibit} after all"),
        Event.MOVE: _tr("Move {exhibit} to another shelf"),
        Event.TAKE_OVER: _tr("Have {exhibit} taken over"),
        Event.RETURN_TO_STORE: _tr("Return {exhibit} to store"),
        Event.BEGIN_EXAMINATION: _tr("Begin the examination of {exhibit}"),
        Event.GO_TO_COURT: _tr("Take {exhibit} to court"),
        Event.TRANSFER_OUT: _tr("Transfer {exhibit} to another agency"),
        Event.CONFIRM_RECEIPT: _tr("Confirm the agency's receipt of {exhibit}"),
        Event.CALL_BACK: _tr("Call {exhibit} back"),
        Event.PROPOSE_DISPOSAL: _tr("Propose the disposal of {exhibit}"),
        Event.REJECT_DISPOSAL: _tr("Reject the disposal of {exhibit}"),
        Event.RETURN_TO_OWNER: _tr("Return {exhibit} to the owner"),
        Event.RETAIN_BY_COURT: _tr("Record that the court keeps {exhibit}"),
    }
    found = next((text for one, text in words.items() if one == event), f"{step_words(event)} {{exhibit}}")
    return found.format(exhibit=number)


def step_icon(event: str) -> str:
    """The icon of a step's button."""
    return _ICONS.get(event, "custody")


def state_words(state: str) -> str:
    """A custody state as it is printed: capitals, blanks between the words."""
    return state.replace("_", " ")


def state_change(event: CustodyEvent) -> str:
    """``STORED → CHECKED OUT``; the state alone where it did not change; empty where none is told."""
    before, after = state_words(event.from_state), state_words(event.to_state)
    return f"{before} → {after}" if before and after and before != after else after or before


def role_words(role: str) -> str:
    """What a signature says by its role."""
    words = {
        "giver": _tr("Giver signed"),
        "receiver": _tr("Receiver signed"),
        "witness": _tr("Witness signed"),
    }
    return words.get(role) or _tr("Signed")


def did_words(role: str) -> str:
    """What a signer did, after the name."""
    words = {"giver": _tr("gave"), "receiver": _tr("received"), "witness": _tr("witnessed")}
    return words.get(role) or _tr("acted")


def column_words(column: str) -> str:
    """What a column of the record is called in a sentence."""
    words = {
        "serial": _tr("Serial number"),
        "make": _tr("Make"),
        "model": _tr("Model"),
        "description": _tr("Description"),
        "condition": _tr("Condition"),
        "seized_place": _tr("Place of seizure"),
        "seized_by": _tr("Seized by"),
        "seizure_witness": _tr("Witness of the seizure"),
        "seized_at": _tr("Time of the seizure"),
        "occurred_at": _tr("Time"),
        "type": _tr("Type"),
        "remarks": _tr("Remarks"),
    }
    return words.get(column) or field_words(column)


def told_words(value: str) -> str:
    """A value as it is shown: of a time the day, the minute and the offset; anything else as it is."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if moment.utcoffset() is None else f"{moment:%Y-%m-%d %H:%M:%S} {moment.isoformat()[-6:]}"


def key_words(key_id: str) -> str:
    """The first eight digits of a key's id in two groups, as people compare them."""
    return f"{key_id[:4]} {key_id[4:8]}"


def _tr(words: str) -> str:
    return QCoreApplication.translate("Custody", words)
