"""What goes wrong, and how it is told: the only place that words an error for a person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chain_of_custody.errors import CustodyError
from evidence.errors import (
    AcquisitionError,
    AcquisitionRefusedError,
    ChildDiedError,
    ChildFailedError,
    ChildHungError,
    ChildMemoryError,
    ChildProtocolError,
    DamagedContainerError,
    EvidenceError,
    HashSetError,
    MissingSegmentError,
    NotAnImageError,
    ShortReadError,
    SourceChangedError,
    SourceEndedError,
    SourceGoneError,
    TargetError,
    UnreadableRegionError,
    UnsupportedContainerError,
)

NOTHING = "Nothing was recorded."
FINDING, WRONG_USE, UNKNOWN = 1, 2, 3
_ARCHIVES = ("a ZIP", "a tar", "a file packed with")
_EMPTY = "an empty file"


class AppError(Exception):
    """A use case was refused or could not be finished. The message is a sentence for a person.

    Attributes:
        kept: What was kept or recorded all the same.
        then: What the person can do next.
    """

    kept = NOTHING
    then = "Correct what is said above, then try again."

    def __init__(self, what: str, *, kept: str | None = None, then: str | None = None) -> None:
        """Keep the words.

        Args:
            what: What happened, to what: one or two sentences.
            kept: What was kept; the class's own words when left out.
            then: What to do next; the class's own words when left out.
        """
        super().__init__(what)
        self.kept = kept or self.kept
        self.then = then or self.then


class SelfTestFailedError(AppError):
    """A digest, cipher or signature gives another answer than the published one.

    Attributes:
        wrong: Which ones.
    """

    kept = "Nothing was opened, and nothing was recorded."
    then = (
        "Do not use the program on this computer. Install it again from the file that the laboratory keeps; if "
        "the same is said then, the computer itself computes wrongly: have its processor and memory tested."
    )

    def __init__(self, wrong: tuple[str, ...]) -> None:
        """Keep what is wrong."""
        super().__init__(f"This program computes wrongly here: {', '.join(wrong)} differ from the published answers.")
        self.wrong = wrong


class NotALabError(AppError):
    """The folder is no lab folder."""

    then = "Choose the folder that holds lab.db, or create a new lab in an empty folder."


class NewerLabError(AppError):
    """The lab was written by a newer program."""

    kept = "The lab was not opened and not changed."
    then = "Install the newer version of the program on this computer, or open the lab where it is installed."


class OlderLabError(AppError):
    """The lab was written by an older program, and is only to be looked at."""

    kept = "The lab was not changed, and nothing of it was verified."
    then = (
        "Verify it with the version of the program that wrote it. Or copy the whole lab folder, keep the copy, and "
        "open the lab once, as with: forensics-app lab info --lab DIR. That brings its record up to date; then verify "
        "it again."
    )


class LabLockedError(AppError):
    """Somebody else holds the lab's database."""

    kept = "The lab was not changed."
    then = "Wait until the other program has finished, or close it there, then try again."


class LabUnusableError(AppError):
    """The lab's database or folder cannot be read or written."""

    kept = "The lab was not changed."
    then = "Check that the disk is there, has room and lets you write; then try again, or restore a backup."


class LabMovedError(LabUnusableError):
    """The lab was moved to a server or into another folder; what is left here is its old record."""

    kept = "The lab that was moved was not changed."
    then = "Close the lab and open its folder again: it leads to the server, or says which folder it is in now."


class StoreLockedError(LabUnusableError):
    """The lab folder is encrypted, and nobody has unlocked it."""

    kept = "Nothing of the lab was read or changed."
    then = "Unlock it with the name and the passphrase of somebody who is enrolled in it."


class StoreRefusedError(AppError):
    """Name and passphrase open no slot of an encrypted lab folder."""

    kept = "Nothing of the lab was read; the attempt is kept beside the record, and enters it when somebody unlocks it."
    then = (
        "Check name and passphrase. Who has not signed in since the lab was encrypted or got a new key needs somebody "
        "else to unlock it first (--unlock-as on the command line). A key that has ended opens nothing any more."
    )


class OutcomeUnknownError(LabUnusableError):
    """The server was lost in the very moment of recording, and has not answered since."""

    kept = "It is not known whether the act was recorded."
    then = "When the server is there again, look at the history: repeat the act only if it does not stand there."


class RecordDamagedError(AppError):
    """A row of the record holds what the program never wrote."""

    kept = "The lab was not changed."
    then = "Verify the lab: it compares every row with the signed entries and names what was changed."


class PermissionRefusedError(AppError):
    """The person's roles do not allow the act."""

    then = "Ask somebody who holds the role that the message names."


class SignInRefusedError(AppError):
    """Name and passphrase do not open a key, or it is too early to try again.

    Attributes:
        retry_after_s: Seconds until the next attempt is looked at.
    """

    kept = "The attempt was recorded."
    then = "Check name and passphrase."

    def __init__(self, retry_after_s: int) -> None:
        """Keep the waiting time in seconds."""
        wait = f" The next attempt is possible in {retry_after_s} s." if retry_after_s else ""
        super().__init__(f"Name and passphrase do not belong together.{wait}")
        self.retry_after_s = retry_after_s


class RefusedError(AppError):
    """A rule of the record refuses what was asked; the message names the rule."""


class UnclearNameError(RefusedError):
    """A name could be that of somebody of the laboratory or of somebody else, and it is not said who is meant."""


class HiddenContentError(RefusedError):
    """A mark hides the content; it is there, and can be read."""


class FolderRefusedError(RefusedError):
    """A folder was to be taken in as it is.

    Attributes:
        path: The folder.
    """

    then = "Copy it into a container with a manifest first ('acquire-folder'), and take that in."

    def __init__(self, path: Path) -> None:
        """Keep the folder."""
        super().__init__(
            f"{path} is a folder. It has no bytes of its own that could be read again and compared, and its times "
            "and names change with the next program that opens it."
        )
        self.path = path


class BackupDamagedError(AppError):
    """A backup is not what it was when it was made."""

    kept = "Nothing was restored, and no lab was changed."
    then = "Take another backup, and find out what happened to this one: its SHA-256 is in the lab that made it."


class UsageError(AppError):
    """A command was called wrongly."""

    kept = ""
    then = "See the command's --help."


class NotFoundError(AppError):
    """Nothing by that name is in the lab."""

    then = "Check the name or number; the list commands show what there is."


class CancelledError(Exception):
    """Somebody asked a long operation to stop; raised by its ``on_progress``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The words for one error: what happened, what was kept, what to do.

    Attributes:
        exit_status: Of the command line: 1 a finding, 2 wrong use, 3 could not find out.
    """

    what: str
    kept: str
    then: str
    exit_status: int

    def text(self) -> str:
        """All sentences, each on a line of its own."""
        return "\n".join(part for part in (self.what, self.kept, self.then) if part)


def explain(error: BaseException) -> Explanation | None:
    """Words for a known error; None for a bug, which gets the crash dialog.

    Args:
        error: Anything that a service raised.
    """
    match error:
        case AppError():
            asked_wrongly = isinstance(error, (RefusedError, PermissionRefusedError, UsageError, NotFoundError))
            is_finding = isinstance(error, (RecordDamagedError, BackupDamagedError))
            status = WRONG_USE if asked_wrongly else FINDING if is_finding else UNKNOWN
            return Explanation(what=str(error), kept=error.kept, then=error.then, exit_status=status)
        case AcquisitionError() | SourceEndedError():
            return _about_acquisition(error)
        case EvidenceError():
            what, then = _about_evidence(error)
            return Explanation(what=what, kept="The source was not changed. " + NOTHING, then=then, exit_status=UNKNOWN)
        case CustodyError():
            return Explanation(what=str(error), kept=NOTHING, then=AppError.then, exit_status=UNKNOWN)
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return Explanation(
                what=f"The system refused: {where}{error.strerror or error}.",
                kept=NOTHING,
                then="Check that the file or disk is there, has room, and lets you read or write; then try again.",
                exit_status=UNKNOWN,
            )
    return None


def is_archive(error: BaseException) -> bool:
    """Whether a source was refused as an image because it is an archive, whose files may be the evidence."""
    return isinstance(error, NotAnImageError) and error.found.startswith(_ARCHIVES)


def _about_acquisition(error: AcquisitionError | SourceEndedError) -> Explanation:
    """What happened, what was kept and what to do, for an image that could not be made."""
    what, kept = _as_sentence(error), "The source was not changed. What was written of the image was kept."
    match error:
        case AcquisitionRefusedError():
            kept = "The source was not changed, and nothing was written."
            return Explanation(what=what, kept=kept, then=AppError.then, exit_status=WRONG_USE)
        case TargetError():
            what = f"{error.path} cannot be written: {error.why}."
            kept = (
                f"The source was not changed. The first {error.kept_bytes:,} bytes of the media are safe in the image."
            )
            then = "See that the disk is there and has room, then take the acquisition up again (--resume)."
        case SourceEndedError():
            what = f"The source {error.path} ends after {error.read_bytes:,} of {error.declared_bytes:,} bytes."
            then = (
                "See that it is connected and has the size that it tells of, then take the acquisition up again "
                "(--resume). If it stays shorter, begin a new one under another name."
            )
        case _:
            then = "Begin a new acquisition under another name; the files of this one stay where they are."
    return Explanation(what=what, kept=kept, then=then, exit_status=UNKNOWN)


def _as_sentence(error: BaseException) -> str:
    text = str(error).rstrip(".")
    if isinstance(error, HashSetError):
        return f"{text}."  # it begins with the name of a file, which has its own letters
    return f"{text[:1].upper()}{text[1:]}."


def _about_evidence(error: EvidenceError) -> tuple[str, str]:
    """What happened, and what to do, for an error of the evidence engine."""
    match error:
        case MissingSegmentError():
            missing, here = ", ".join(error.missing), len(error.found)
            words = "1 of its files is" if here == 1 else f"{here} of its files are"
            return (
                f"The image is not whole: {words} there, missing: {missing}.",
                "Put the missing files beside the others and take the image in again.",
            )
        case UnsupportedContainerError():
            return (
                f"{error.path.name} is a container of the kind {error.container}, which this version does not read.",
                "Convert it with the tool that made it to E01 or raw, and check that the media digests agree.",
            )
        case NotAnImageError():
            if is_archive(error):
                then = "If the files in it are the evidence, take it in as logical evidence (--logical)."
            elif error.found == _EMPTY:
                then = "Look whether it was copied to its end, and copy it again from its source."
            else:
                then = "Choose the first file of the image."
            return f"{error.path.name} is not an image: it is {error.found}.", then
        case DamagedContainerError():
            place = "" if error.offset_bytes is None else f" at byte {error.offset_bytes:,}"
            return (
                f"{error.path.name} is damaged{place}: {error.what}.",
                "Copy it again from its source, or ask for another copy, and compare the digests of the files.",
            )
        case UnreadableRegionError():
            return (
                f"{error.length_bytes:,} bytes of the media at {error.offset_bytes:,} cannot be read: {error.why}.",
                "What lies elsewhere can still be read. Compare with another copy of the image.",
            )
        case ShortReadError():
            return (
                f"The image ends after {error.read_bytes:,} of {error.declared_bytes:,} bytes.",
                "Check that every file of the image is there and was copied to its end.",
            )
        case SourceGoneError():
            return (
                f"{error.path} is not there any more: {error.why}.",
                "Connect it again; an acquisition is then taken up again where it stopped (--resume).",
            )
        case SourceChangedError():
            return (
                f"{error.path.name} was changed while it was read ({error.what}).",
                "Find out what writes to the source, protect it, then start again.",
            )
        case ChildMemoryError() | ChildHungError() | ChildDiedError() | ChildFailedError() | ChildProtocolError():
            return (
                f"The process that reads the evidence was stopped: {error}.",
                "The program is unharmed. Try again; if it stops at the same place, the evidence there is damaged or "
                "made to break readers: note the place, and use a second tool for it.",
            )
    return _as_sentence(error), "Check the source, then try again."
