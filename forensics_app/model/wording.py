"""The words for what happened: one list for screens, forms and reports."""

from __future__ import annotations

from forensics_app.model.custody import CustodyEvent
from forensics_app.model.person import LeftBehind

NAMED = 12
"""How many things a sentence names before it counts the rest."""

ACTS = {
    "case.open": "Case opened",
    "case.change": "Case changed",
    "case.close": "Case closed",
    "case.legal_basis": "Authority recorded",
    "case.anchor": "Case chain anchored",
    "case.deviation": "Deviation recorded",
    "case.override": "Gone on without authority in force",
    "exhibit.add": "Registered",
    "exhibit.derive": "Derived",
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
    "volume.compare": "Volume compared by a second reader",
    "key.keep": "Key of a volume kept",
    "key.remove": "Key of a volume removed",
    "file.choose": "File chosen for the report",
    "file.withdraw": "File taken back from the report",
    "file.export": "File exported",
    "file.mark": "File marked",
    "file.unmark": "Mark of a file taken back",
    "file.look": "Marked file looked at",
    "tag.make": "Tag of the lab made",
    "tag.change": "Tag of the lab changed",
    "tag.retire": "Tag of the lab taken out of use",
    "tag.put": "Tag put on evidence",
    "tag.remove": "Tag taken off evidence",
    "finding.add": "Finding recorded",
    "finding.withdraw": "Finding taken back",
    "bookmark.add": "Bookmark set",
    "bookmark.withdraw": "Bookmark taken away",
    "picture.look": "Concealed pictures looked at",
    "report.draft": "Draft of a report begun",
    "report.edit": "Draft of a report changed",
    "report.submit": "Draft submitted for review",
    "report.recall": "Draft taken back from review",
    "report.return": "Draft returned to its author",
    "report.approve": "Draft approved",
    "report.discard": "Draft discarded",
    "report.refused": "Step of a report refused",
    "report.issue": "Report issued",
    "report.upgrade": "Signatures of a report upgraded",
    "report.export": "Report exported in other formats",
    "report.kit": "Defence kit made",
    "case.import": "Case imported",
    "certificate.authority": "Authority for certificates set up",
    "certificate.issue": "Certificate issued",
    "certificate.request": "Certificate asked for",
    "certificate.import": "Certificate from outside taken",
    "certificate.revocations": "Ended certificates listed",
    "job.interrupted": "Interrupted operation settled",
    "case.assign": "Examiner assigned",
    "person.training": "Training recorded",
    "person.training_withdrawn": "Training withdrawn",
    "tool.add": "Tool registered",
    "tool.validate": "Tool validated",
    "hash_set.add": "Hash set imported",
    "hash_set.remove": "Hash set removed",
    "image.look_up": "Image looked up in the hash sets",
    "image.search": "Image searched",
    "timeline.make": "Timeline made",
    "timeline.export": "Timeline exported",
    "secret.reveal": "Secret shown to two people",
    "desk.approve": "Approved by the supervisor",
    "desk.return": "Returned by the supervisor",
    "note.add": "Note written",
    "note.addendum": "Addendum to a note",
    "scene.begin": "Work at a scene begun",
    "scene.answer": "Question of a scene answered",
    "scene.photo": "Photograph of a scene added",
    "scene.capture": "Live capture recorded",
    "scene.close": "Scene closed",
    "custody.refused": "Step refused",
    "transfer.offer": "Transfer offered",
    "transfer.refuse": "Offered transfer refused",
    "transfer.withdraw": "Offered transfer withdrawn",
    "room.audit": "Room audited",
    "hold.place": "Legal hold placed",
    "hold.lift": "Legal hold lifted",
    "disposal.approve": "Disposal approved",
    "medium.wipe": "Medium wiped and verified",
    "medium.assign": "Medium assigned to a case",
    "medium.return": "Medium back from its case",
    "case.medium": "Medium of the laboratory",
    "incident.raise": "Incident raised",
    "incident.close": "Incident closed",
    "lab.verify": "Lab verified",
    "lab.move": "Lab moved to a server",
    "lab.encrypt": "Lab folder encrypted",
    "lab.unlock_failures": "Failed attempts to unlock the lab folder",
    "lab.renew_key": "Lab folder encrypted by a new key",
    "lab.backup": "Backup made",
    "lab.restore": "Lab restored from a backup",
    "lab.rules": "Rules of custody begun",
    "retention.set": "Retention period set",
    "erasure.propose": "Erasure proposed",
    "erasure.approve": "Erasure approved",
    "erasure.reject": "Erasure rejected",
    "erasure.carry_out": "Files of the case erased",
    "erasure.finish": "Erasure finished that was cut off",
    "backup.schedule": "Interval of backups set",
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
    "person.passphrase": "Passphrase changed",
    "key.replace": "New key given",
    "person.sign_in_failures": "Failed sign-ins",
}

EVENTS = {
    "identify": "Identified",
    "seize": "Seized",
    "register_seized": "Registered as seized",
    "image_on_scene": "Imaged at the scene",
    "leave_in_place": "Left in place",
    "dispatch": "Dispatched",
    "report_lost": "Reported lost",
    "receive": "Received at the laboratory",
    "refuse": "Refused",
    "send_back": "Sent back to the sender",
    "accept_refused": "Accepted after all",
    "derive": "Made of another exhibit",
    "store": "Stored",
    "move": "Moved to another shelf",
    "check_out": "Checked out",
    "hand_over": "Handed over",
    "take_over": "Taken over, key of the holder ended",
    "return_to_store": "Returned to store",
    "image": "Imaged",
    "begin_examination": "Examination begun",
    "go_to_court": "Taken to court",
    "retain_by_court": "Kept by the court",
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


FIELDS = {
    "agency": "Agency",
    "authority": "Authority",
    "carrier": "Carried by",
    "name_means": "The name means",
    "condition": "Condition",
    "court": "Court",
    "departed_at": "Departs",
    "due": "Arrival or receipt due",
    "expected_return": "Expected back",
    "form": "Signed form, scanned",
    "hash_pair": "Digests of source and copy",
    "hearing": "Reference of the hearing",
    "key_ended_at": "Key of the holder ended",
    "outside_party": "Other party, outside the lab",
    "place": "Place",
    "purpose": "Purpose",
    "receipt": "Signed receipt, scanned",
    "reason": "Reason",
    "seal_check": "Seal check",
    "seal_number": "Seal number",
    "seal_remarks": "Remarks on the seal",
    "seizing_officer": "Seized by",
    "shelf": "Shelf",
    "signature": "Signature on this screen",
    "stored_by": "Stored by, and not signed by",
    "unsigned_reason": "Why nobody signed",
    "witness": "Witness",
    "write_blocker": "Write blocker",
}


def field_words(field: str) -> str:
    """What a field of a step is called."""
    return FIELDS.get(field) or field.replace("_", " ").capitalize()


def event_words(event: str) -> str:
    """A step that was taken, in two or three words."""
    return EVENTS.get(event, event.replace("_", " ").capitalize())


def act_words(event: CustodyEvent) -> str:
    """What happened, in two or three words."""
    if event.is_step:
        return event_words(event.fact("event"))
    return ACTS.get(event.action, event.action.replace(".", " ").replace("_", " ").capitalize())


def left_behind_words(name: str, left: LeftBehind) -> list[str]:
    """A sentence for each kind of thing that stays with somebody whose key ends; none when nothing does."""
    said = []
    if left.exhibits:
        said.append(
            f"In the hands of {name}, or on a shelf under that name: {_listed(left.exhibits)}. "
            "What lies on a shelf any exhibits officer hands out; of anything else a supervisor orders who takes it."
        )
    if left.offers_made:
        said.append(f"Offered by {name}, and the receiver can still accept: {_listed(left.offers_made)}.")
    if left.offers_awaited:
        said.append(f"Offered to {name}, and the giver can withdraw: {_listed(left.offers_awaited)}.")
    return said


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
