"""What goes wrong, and how it is told: the only place that words an error for a person."""

from __future__ import annotations

from dataclasses import dataclass


class AppError(Exception):
    """A use case was refused or could not be finished. The message is a sentence for a person.

    Attributes:
        kept: What was kept or recorded all the same.
        then: What the person can do next.
    """

    kept = "Nothing was recorded."
    then = "Mend what the message names, then try again."

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


class NotALabError(AppError):
    """The folder is no lab folder."""

    then = "Choose the folder that holds lab.db, or create a new lab in an empty folder."


class NewerLabError(AppError):
    """The lab was written by a newer program."""

    kept = "The lab was not opened and not changed."
    then = "Install the newer version of the program on this computer, or open the lab where it is installed."


class LabLockedError(AppError):
    """Somebody else holds the lab's database."""

    kept = "The lab was not changed."
    then = "Wait until the other program has finished, or close it there, then try again."


class LabUnusableError(AppError):
    """The lab's database or folder cannot be read or written."""

    kept = "The lab was not changed."
    then = "Check that the disk is there, has room and lets you write; then try again, or restore a backup."


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


class NotFoundError(AppError):
    """Nothing by that name is in the lab."""

    then = "Check the name or number; the list commands show what there is."


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The words for one error."""

    what: str
    kept: str
    then: str

    def text(self) -> str:
        """All three sentences on lines of their own."""
        return "\n".join(part for part in (self.what, self.kept, self.then) if part)


class CancelledError(Exception):
    """Somebody asked a long operation to stop; raised by its ``on_progress``."""
