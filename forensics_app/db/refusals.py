"""Words for what a database refuses."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError

from forensics_app.errors import AppError, LabLockedError, LabMovedError, LabUnusableError, RefusedError

NO_LOCK: Final = "55P03"
MOVED: Final = "this lab was moved to "
"""How the guard of a lab that was moved begins its refusal; the place follows."""


def words_for(error: Exception) -> AppError:
    """What to tell a person about an error of SQLite or PostgreSQL."""
    original = getattr(error, "orig", None) or error
    text = str(original).strip()
    if isinstance(error, DBAPIError) and hasattr(original, "sqlstate"):
        return _from_server(error, original.sqlstate, text)
    if MOVED in text:
        return LabMovedError(f"The lab was moved to {text.partition(MOVED)[2]}; nothing is recorded here any more.")
    if "locked" in text or "busy" in text:
        return LabLockedError("Another program is writing to the lab's database and has not let go of it.")
    if "full" in text:
        return LabUnusableError("The disk that holds the lab is full.", then="Make room on the disk, then try again.")
    if "readonly" in text or "read-only" in text:
        return LabUnusableError("The lab's database may only be read here, not written.")
    return _otherwise(error, text)


def _from_server(error: DBAPIError, state: str | None, text: str) -> AppError:
    """By the code of the error (PostgreSQL, appendix A); there is none where the server was not reached."""
    if error.connection_invalidated or (state or "").startswith(("08", "57P")):
        return LabUnusableError(
            "The connection to the lab's server was lost before this was recorded.",
            kept="Nothing was recorded.",
            then="See that the network and the server are there, then try again.",
        )
    match state:
        case "55P03" | "40P01":
            return LabLockedError("Another workstation is writing to the lab and has not finished.")
        case "53100":
            return LabUnusableError("The disk of the lab's server is full.", then="Tell who looks after the server.")
        case "25006":
            return LabUnusableError("The lab's server may only be read now, not written.")
        case "42501":
            return LabUnusableError(
                f"The login of this computer may not do that in the lab's database: {text.splitlines()[0]}.",
                then="Let the administrator of the server make the login a member of the lab's role, or let somebody "
                "do it whose login owns the database.",
            )
        case None if "NUL" in text:
            return RefusedError(
                "The text holds a character of the value zero, which cannot be recorded.",
                then="Give the file or the text a name that can be written.",
            )
        case None:
            return LabUnusableError(
                f"The lab's server cannot be reached: {' '.join(text.split())}",
                then="See that the network and the server are there, and that this computer may log in; then try "
                "again.",
            )
    return _otherwise(error, text)


def _otherwise(error: Exception, text: str) -> AppError:
    if isinstance(error, IntegrityError):
        return LabUnusableError(f"The lab's database refused the change, which breaks a rule of the record: {text}.")
    return LabUnusableError(f"The lab's database cannot be used: {text}.")
