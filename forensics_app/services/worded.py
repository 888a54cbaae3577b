"""Whether who explains something says anything: a full stop and an `x` explain nothing (REQ-12, REQ-22)."""

from __future__ import annotations

from chain_of_custody.reasons import LEAST_CHARACTERS, is_in_words
from forensics_app.errors import RefusedError

WORDS_ASKED = f"Say it in words, with {LEAST_CHARACTERS} letters or digits at least."


def check_reason_told(reason: str, what: str) -> None:
    """Refuse a deviation whose reason says nothing.

    Args:
        reason: As it is told.
        what: What is to be explained, in a sentence.

    Raises:
        RefusedError: The reason has less than three letters or digits.
    """
    if not is_in_words(reason):
        told = f'"{reason.strip()}" explains nothing' if reason.strip() else "No reason is given"
        raise RefusedError(f"{told}. What has to be explained: {what}", then=f"Say why. {WORDS_ASKED}")


def check_happened(what: str) -> None:
    """Refuse an incident of which it is not said what happened.

    Raises:
        RefusedError: The sentence has less than three letters or digits.
    """
    if not is_in_words(what):
        raise RefusedError("It is not said what happened.", then=f"Say what happened. {WORDS_ASKED}")
