"""The states a badge or a mark can tell, each with an outline of its own besides its colour."""

from __future__ import annotations

from enum import StrEnum

from ui.theme import Theme


class Tone(StrEnum):
    """What a state means; the outline differs for each, so that black and white print still reads."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    LATE = "late"
    INFO = "info"
    RUN = "run"
    NONE = "none"
    STORE = "store"
    DONE = "done"
    LOCK = "lock"


_ICONS = {
    Tone.OK: "verify-ok",
    Tone.WARN: "verify-warning",
    Tone.BAD: "verify-broken",
    Tone.LATE: "clock",
    Tone.INFO: "info",
    Tone.RUN: "active",
    Tone.NONE: "pending",
    Tone.STORE: "shelf",
    Tone.DONE: "check",
    Tone.LOCK: "lock",
}


def icon_of(tone: Tone) -> str:
    """The icon whose outline says ``tone``."""
    return _ICONS[tone]


def colours_of(tone: Tone, theme: Theme) -> tuple[str, str]:
    """The colour of the word and its soft ground."""
    match tone:
        case Tone.OK:
            return theme.ok, theme.ok_soft
        case Tone.WARN | Tone.LATE:
            return theme.warn, theme.warn_soft
        case Tone.BAD:
            return theme.bad, theme.bad_soft
        case Tone.INFO | Tone.RUN:
            return theme.accent, theme.accent_soft
    return theme.text2, theme.neutral_soft


def worst(tones: tuple[Tone, ...]) -> Tone:
    """The tone that a summary of ``tones`` must take."""
    for tone in (Tone.BAD, Tone.WARN, Tone.LATE, Tone.NONE):
        if tone in tones:
            return tone
    return Tone.OK
