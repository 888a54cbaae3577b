"""What an exhibit needs to be registered, and to be recorded as seized (guidance section 2.2)."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy import Connection, func, select

from chain_of_custody.states import TERMINAL
from forensics_app.db.tables import EXHIBIT, PHOTO
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import AT_HAND, REGISTRABLE, Exhibit, ExhibitType, NewDerived, NewExhibit, State
from forensics_app.model.names import looks
from forensics_app.model.person import SignedIn
from forensics_app.services.told_times import check_told

LONGEST_NUMBER_CHARACTERS = 100
LONGEST_WORDS_CHARACTERS = 10_000
_CONTROLS = ("Cc", "Cs")
_NOT_CHECKED_OUT = frozenset({State.RECEIVED, State.STORED, State.DISPOSAL_PENDING})


def check_new(new: NewExhibit, photos: int, now: datetime) -> None:
    """Refuse what no exhibit can be registered with, as far as it shows without the record.

    What is seized was identified first: so a seizure needs what asks for both, place and photographs or the reason why
    there are none among them.

    Args:
        new: The exhibit.
        photos: How many photographs are registered with it.
        now: The present moment.

    Raises:
        RefusedError: Something is missing or cannot be.
    """
    number = new.number.strip()
    if not (number and new.description.strip()):
        raise RefusedError("An exhibit needs a number and a description.")
    check_number("The exhibit", number)
    for words in (new.description, new.make, new.model, new.serial, new.condition, new.seal_number, new.place):
        check_words(f"Exhibit {number}", words)
    check_words(f"Exhibit {number}", new.no_photo_reason)
    if new.type is ExhibitType.IMAGE:
        raise RefusedError("An image becomes an exhibit by taking it in, not by registering it.")
    if new.type is ExhibitType.MEDIUM:
        raise RefusedError(
            f"{number} is said to be a medium of the laboratory; those have a register of their own.",
            then="Register it among the media of the lab.",
        )
    if new.seizure is None:
        return
    check_told(f"The seizure of {number}", new.seizure.seized_at, now)
    if not new.seal_number.strip():
        raise RefusedError(
            f"{number}: a seizure needs the number of the seal.",
            then="Give the number, or register it without the seizure until it is sealed.",
        )
    if not new.seizure.place.strip():
        raise RefusedError(f"{number}: state where it was seized.", then="Fill in the place.")
    _check_photos(number, new.type, photos, new.no_photo_reason)


def check_free(connection: Connection, case_id: CaseId, number: str, *, may_look_alike: bool = False) -> None:
    """Refuse a number that a case has, and one that nobody could tell from it on a label or a form (REQ-09).

    Raises:
        RefusedError: It is one of these.
    """
    numbers = connection.scalars(select(EXHIBIT.c.number).where(EXHIBIT.c.case_id == str(case_id))).all()
    if number in numbers:
        raise RefusedError(f"The exhibit number {number!r} is already in use in this case.")
    if may_look_alike:
        return
    as_seen = looks(number)
    if alike := next((one for one in numbers if looks(one) == as_seen), ""):
        raise RefusedError(f"The exhibit number {number!r} looks on paper like {alike!r}, which this case has.")


def check_number(what: str, number: str) -> None:
    """Refuse a number that no list, label or form could show as it is.

    Raises:
        RefusedError: It is longer than any number, or holds what controls or cannot be seen.
    """
    if len(number) > LONGEST_NUMBER_CHARACTERS:
        raise RefusedError(f"{what}: a number has at most {LONGEST_NUMBER_CHARACTERS} characters, not {len(number):,}.")
    if any(unicodedata.category(char) in (*_CONTROLS, "Cf", "Zl", "Zp") for char in number):
        raise RefusedError(f"{what}: the number {number!r} holds control characters.")


def check_words(what: str, words: str) -> None:
    """Refuse words that no field is made for.

    Raises:
        RefusedError: They are too long, or hold what controls other than tabs and ends of lines.
    """
    if len(words) > LONGEST_WORDS_CHARACTERS:
        raise RefusedError(f"{what}: a field has at most {LONGEST_WORDS_CHARACTERS:,} characters, not {len(words):,}.")
    if any(unicodedata.category(char) in _CONTROLS and char not in "\t\r\n" for char in words):
        raise RefusedError(f"{what}: {words[:40]!r} holds control characters.")


def check_identified(connection: Connection, exhibit: Exhibit, place: str) -> None:
    """Refuse to record an identified exhibit as seized while what identifies it is missing.

    Args:
        connection: Of the open transaction.
        exhibit: As it is recorded.
        place: What is told of the place with the seizure.

    Raises:
        RefusedError: No place is recorded or told, or there is neither a photograph nor the reason why.
    """
    if not (place.strip() or exhibit.place or exhibit.seized_place):
        raise RefusedError(f"{exhibit.number}: state where it was found.", then="Fill in the place.")
    count = select(func.count()).select_from(PHOTO).where(PHOTO.c.exhibit_id == str(exhibit.id))
    _check_photos(exhibit.number, exhibit.type, connection.scalar(count) or 0, exhibit.no_photo_reason)


def check_derived(actor: SignedIn, parent: Exhibit, new: NewDerived) -> None:
    """Refuse to derive from an exhibit what is not made of such a one, or by who has it not in their hands.

    Raises:
        RefusedError: It is no part and no export, something is missing, or the parent is not at hand.
    """
    if not (new.number.strip() and new.description.strip() and new.tool.strip()):
        raise RefusedError("What is derived needs a number, a description, and the tool with which it was made.")
    if parent.state in TERMINAL:
        raise RefusedError(
            f"{parent.number} is {parent.state.value.replace('_', ' ')}; nothing is made of it any more."
        )
    if parent.type is ExhibitType.EXPORT:
        raise RefusedError(f"{parent.number} is an export; another one is made of the image.")
    if parent.type is ExhibitType.IMAGE:
        if new.type is not ExhibitType.EXPORT:
            raise RefusedError(f"{parent.number} is an image; what is made of it is an export.")
        if new.manifest is None:
            raise RefusedError(
                "An export needs the list of its files, whose SHA-256 stands in the record.",
                then="Name the manifest that the program wrote beside the exported files.",
            )
        return
    if new.manifest is not None:
        raise RefusedError(f"{parent.number} is no image; what is taken out of it has no manifest of an export.")
    if new.type not in REGISTRABLE:
        raise RefusedError(f"A part of {parent.number} is of the type {new.type}, which no part has.")
    if parent.type is ExhibitType.MEDIUM:
        raise RefusedError(f"{parent.number} belongs to the laboratory; nothing is taken out of it as evidence.")
    if parent.state not in AT_HAND or parent.holder_id != actor.person.id:
        raise RefusedError(
            f"{parent.number} is {parent.state.value.replace('_', ' ')}, held by {parent.holder}; nothing can be taken "
            "out of it.",
            then="Check it out first; who has it in their hands takes the part out.",
        )


def check_in_hand(actor: SignedIn, exhibit: Exhibit) -> None:
    """Refuse to image an exhibit of the laboratory that the actor has not in their hands.

    Raises:
        RefusedError: It is in store or at the reception, or somebody else has checked it out.
    """
    if exhibit.state in _NOT_CHECKED_OUT and exhibit.holder_id is not None:
        where = f", place {exhibit.place}" if exhibit.place else ""
        raise RefusedError(
            f"{exhibit.number} is {exhibit.state.value.replace('_', ' ')}, held by {exhibit.holder}{where}; no image "
            "can be made of it there.",
            then="Check it out first.",
        )
    if exhibit.state in AT_HAND and exhibit.holder_id != actor.person.id:
        raise RefusedError(
            f"{exhibit.number} is checked out and held by {exhibit.holder}, not by {actor.person.name}.",
            then=f"Let {exhibit.holder} take the image in, or hand the exhibit over first.",
        )


def _check_photos(number: str, kind: ExhibitType, photos: int, reason: str) -> None:
    if not photos and not reason.strip() and kind is not ExhibitType.ACCOUNT:
        raise RefusedError(
            f"{number}: a seizure needs a photograph, or the reason why there is none.",
            then="Add a photograph; where it is registered with the seizure, the reason can be written instead.",
        )
