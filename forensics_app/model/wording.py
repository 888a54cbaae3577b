"""The words for what happened: one list for screens, forms and reports."""

from __future__ import annotations

from forensics_app.model.custody import CustodyEvent

ACTS = {
    "case.open": "Case opened",
    "case.change": "Case changed",
    "case.close": "Case closed",
    "case.legal_basis": "Authority recorded",
    "case.anchor": "Case chain anchored",
    "exhibit.add": "Registered",
    "exhibit.correct": "Correction",
    "exhibit.correct_step": "Correction",
    "exhibit.photo": "Photograph added",
    "exhibit.particulars": "Particulars recorded",
    "image.acquire": "Image acquired",
    "image.acquire_cancelled": "Acquisition stopped",
    "image.acquire_failed": "Acquisition failed",
    "image.acquire_folders": "Folders acquired",
    "image.intake": "Image taken in",
    "image.intake_cancelled": "Intake cancelled",
    "image.intake_refused": "Intake refused",
    "image.check": "Image read back",
    "image.check_part": "Parts of an image read back",
    "image.decision": "Decision on a failed integrity",
    "image.catalogue": "Catalogue built",
    "volume.unlock": "Volume unlocked",
    "key.keep": "Key of a volume kept",
    "key.remove": "Key of a volume removed",
    "file.choose": "File chosen for the report",
    "file.withdraw": "File taken back from the report",
    "file.export": "File exported",
    "report.issue": "Report issued",
    "job.interrupted": "Interrupted operation settled",
    "case.assign": "Examiner assigned",
    "person.training": "Training recorded",
    "person.training_withdrawn": "Training withdrawn",
    "tool.add": "Tool registered",
    "tool.validate": "Tool validated",
    "desk.approve": "Approved by the supervisor",
    "desk.return": "Returned by the supervisor",
    "note.add": "Note written",
    "note.addendum": "Addendum to a note",
    "custody.refused": "Illegal step refused",
    "transfer.offer": "Transfer offered",
    "transfer.refuse": "Offered transfer refused",
    "transfer.withdraw": "Offered transfer withdrawn",
    "room.audit": "Room audited",
    "hold.place": "Legal hold placed",
    "hold.lift": "Legal hold lifted",
    "disposal.approve": "Disposal approved",
    "incident.raise": "Incident raised",
    "incident.close": "Incident closed",
    "lab.verify": "Lab verified",
    "time_authority.set": "Time-stamp authority named",
    "time_stamp.request": "Time stamp asked for",
    "time_stamp.attach": "Time stamp attached",
    "schedule.set": "Interval of verification set",
    "person.enrol": "Person enrolled",
    "place.add": "Place added",
    "place.change": "Place corrected",
    "place.close": "Place closed",
    "outsider.add": "Outside person added",
    "outsider.change": "Outside person corrected",
    "outsider.end": "Outside person taken off the list",
    "person.revoke": "Key ended",
    "person.sign_in_failures": "Failed sign-ins",
}

EVENTS = {
    "seize": "Seized",
    "dispatch": "Dispatched",
    "receive": "Received at the laboratory",
    "store": "Stored",
    "check_out": "Checked out",
    "hand_over": "Handed over",
    "return_to_store": "Returned to store",
    "image": "Imaged",
    "begin_examination": "Examination begun",
    "transfer_out": "Transferred to another agency",
    "confirm_receipt": "Receipt confirmed by the agency",
    "call_back": "Called back",
    "propose_disposal": "Disposal proposed",
    "reject_disposal": "Disposal rejected",
    "return_to_owner": "Returned to the owner",
    "destroy": "Destroyed",
    "forfeit": "Forfeited",
    "archive": "Archived",
}


def act_words(event: CustodyEvent) -> str:
    """What happened, in two or three words."""
    if event.is_step:
        name = event.fact("event")
        return EVENTS.get(name, name.replace("_", " ").capitalize())
    return ACTS.get(event.action, event.action.replace(".", " ").replace("_", " ").capitalize())
