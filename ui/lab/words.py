"""The words of the Lab page: roles, states of operations."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from forensics_app.model.lab import Job, JobState
from forensics_app.model.person import Person, Role
from forensics_app.model.register import OutsiderKind, PlaceKind
from ui.tones import Tone


def role_words(role: Role) -> str:
    """What a role is called."""
    return {
        Role.ADMINISTRATOR: _tr("Administrator"),
        Role.EXAMINER: _tr("Examiner"),
        Role.EXHIBITS_OFFICER: _tr("Exhibits officer"),
        Role.SUPERVISOR: _tr("Supervisor"),
        Role.AUDITOR: _tr("Auditor"),
        Role.PROSECUTOR: _tr("Prosecutor view"),
    }[role]


def role_sentence(role: Role) -> str:
    """What somebody with a role may do."""
    return {
        Role.ADMINISTRATOR: _tr("Enrols people, replaces and ends keys, opens cases."),
        Role.EXAMINER: _tr(
            "Opens and changes cases, records authorities, takes in and examines images, issues reports."
        ),
        Role.EXHIBITS_OFFICER: _tr(
            "Opens cases, registers exhibits, takes in images, keeps exhibits and hands them over."
        ),
        Role.SUPERVISOR: _tr("Opens, changes and closes cases, records authorities, decides on failed integrity."),
        Role.AUDITOR: _tr("Reads and verifies everything; changes nothing."),
        Role.PROSECUTOR: _tr("Reads cases, custody and reports; changes nothing."),
    }[role]


def roles_words(person: Person) -> str:
    """A person's roles in the order in which the lab lists them."""
    return ", ".join(role_words(role) for role in Role if role in person.roles)


def key_mark(person: Person) -> tuple[Tone, str]:
    """Whether a key is in force."""
    return (Tone.LOCK, _tr("Ended")) if person.revoked_at else (Tone.DONE, _tr("In force"))


def why_not_administer(person: Person) -> str:
    """Why a person may neither enrol people nor end keys; empty when they may."""
    return "" if Role.ADMINISTRATOR in person.roles else _tr("Only an administrator enrols people and ends keys.")


def why_not_renew(actor: Person, person: Person) -> str:
    """Why somebody may not make a new key for a person; empty when they may."""
    if Role.ADMINISTRATOR in actor.roles or actor.id == person.id:
        return ""
    return _tr("Only an administrator makes a new key for somebody else.")


def why_not_places(person: Person) -> str:
    """Why a person may not change the places; empty when they may."""
    if person.roles & {Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER}:
        return ""
    return _tr("Only an administrator or an exhibits officer changes the places.")


def alone_words(administrator: Person, reader: Person) -> str:
    """What follows where the lab has one administrator only, and what to do."""
    who = _tr("You are") if administrator.id == reader.id else _tr("{name} is").format(name=administrator.name)
    return _tr(
        "{who} the only administrator. Without that passphrase nobody can be enrolled, and no key be given or ended. "
        "Enrol a second administrator."
    ).format(who=who)


def why_not_outsiders(person: Person) -> str:
    """Why a person may not add people who are not users; empty when they may."""
    return "" if person.roles - {Role.AUDITOR} else _tr("An auditor reads and changes nothing.")


def place_words(kind: PlaceKind) -> str:
    """What a kind of place is called."""
    return {
        PlaceKind.SITE: _tr("Site"),
        PlaceKind.ROOM: _tr("Room"),
        PlaceKind.CABINET: _tr("Cabinet"),
        PlaceKind.SHELF: _tr("Shelf"),
    }[kind]


def outsider_words(kind: OutsiderKind) -> str:
    """What somebody outside the lab is called."""
    return {
        OutsiderKind.COURIER: _tr("Courier"),
        OutsiderKind.OWNER: _tr("Owner"),
        OutsiderKind.COUNSEL: _tr("Counsel"),
        OutsiderKind.COURT: _tr("Court"),
        OutsiderKind.INVESTIGATOR: _tr("Investigator"),
        OutsiderKind.OTHER: _tr("Other"),
    }[kind]


def operation_title(job: Job) -> str:
    """What an operation does, and to what."""
    words = {
        "acquisition": _tr("Acquisition of {subject}"),
        "folder copy": _tr("Folders of {subject} copied"),
        "intake": _tr("Intake of {subject}"),
        "catalogue": _tr("Catalogue of {subject}"),
        "recheck": _tr("Recheck of {subject}"),
        "report": _tr("Report: {subject}"),
        "hash set": _tr("Import of the hash set {subject}"),
        "hash sets": _tr("Look-up of {subject} in the hash sets"),
        "search": _tr("Search of {subject}"),
    }
    return words.get(job.kind, f"{job.kind.capitalize()}: {{subject}}").format(subject=job.subject)


def operation_mark(job: Job) -> tuple[Tone, str]:
    """How an operation stands."""
    return {
        JobState.RUNNING: (Tone.RUN, _tr("Running")),
        JobState.DONE: (Tone.DONE, _tr("Done")),
        JobState.FAILED: (Tone.BAD, _tr("Failed")),
        JobState.CANCELLED: (Tone.NONE, _tr("Stopped")),
        JobState.INTERRUPTED: (Tone.WARN, _tr("Interrupted")),
        JobState.SETTLED: (Tone.DONE, _tr("Settled")),
    }[job.state]


def operation_message(job: Job) -> str:
    """What is said of an operation besides its state."""
    if job.message or job.state is not JobState.RUNNING:
        return job.message
    return _tr("Runs on {host}").format(host=job.host)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Lab", words)
