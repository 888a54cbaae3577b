"""Sentences that the program put into the record in English, known again so that a report can say them in its language.

The record keeps a sentence as it was written; only what has the shape of one of these is said in other words, with its
values as they stand. What people wrote, and what no shape fits, is printed as it was recorded.
"""

from __future__ import annotations

import re
from functools import cache

from evidence import unshown
from evidence.filesystems import row_notes
from forensics_app.model.told import Count, Told, told_list

SENTENCES = (
    "{number} is recorded with {holder}, and was handed over by {giver}.",
    "{number} was dispatched with {holder}, and was handed over by {giver}.",
    "The seal {number} was found broken or opened.",
    "The seal {number} was found broken or opened: {remarks}.",
    "The seal {number} was found missing.",
    "The seal {number} was found missing: {remarks}.",
    "The seal was recorded as {number} and found as {found}.",
    "The seal was recorded as {number} and found as {found}: {remarks}.",
    "The seal {number} was found with another number.",
    "The seal {number} was found with another number: {remarks}.",
    "The seal {number} was found replaced.",
    "The seal {number} was found replaced: {remarks}.",
    "The seal of {exhibit} was recorded as {number}; the record was corrected to {found}.",
    "This is logical evidence: files that were chosen and copied, without the volume they came from. It has no "
    "partitions and no file system.",
    "It stores no digests of its files: only the digests of the file itself show that it stays the same.",
    "{equal} of {compared} files with digests in {place} were read and equal them.",
    "Image of {number}: {container}, 1 file",
    "Image of {number}: {container}, {count} files",
    row_notes.REUSED,
    row_notes.WITHOUT_METADATA,
    row_notes.WITHOUT_ATTRIBUTES,
    row_notes.WITHOUT_CONTENT,
    row_notes.NAME_AS_SHOWN,
    row_notes.NOTHING_STORED,
)
"""Their shapes; each is a text of the catalogues of reports. A value holds no space but where it is free text."""
UNSHOWN = (*unshown.PICTURES, *unshown.REMARKS, *unshown.VIDEOS)
"""Why a picture or video is not shown as it is stored; texts of the catalogues, too."""
_COUNT = re.compile(r"\d{1,3}(,\d{3})*")
_FREE = frozenset({"holder", "giver", "remarks", "place", "error", "codec", "container"})


def retold(words: str) -> str:
    """A recorded sentence, told again where the program wrote it; others as they are."""
    told = _known(words, SENTENCES)
    container = told.values.get("container") if isinstance(told, Told) else None
    if isinstance(told, Told) and container is not None:
        return Told(told.template, **{**told.values, "container": _named(str(container))})
    return told


def _named(name: str) -> str:
    """What kind of image it is, as catalogues name it; no template, whatever somebody typed."""
    return name if set("{}") & set(name) else Told(name)


def retold_unshown(words: str) -> str:
    """Why a picture or video is not shown as it is stored; what decoders say stands as they said it."""
    told = _known(words, UNSHOWN)
    if not isinstance(told, Told):
        rest, mark, last = words.rpartition("; ")
        known = [retold_unshown(one) for one in (rest, last)] if mark else []
        return told_list(known, "; ") if known and all(isinstance(one, Told) for one in known) else words
    if "error" in told.values:
        return Told(told.template, error=_known(str(told.values["error"]), UNSHOWN))
    return Told(told.template, **{name: _counted(value) for name, value in told.values.items()})


def _known(words: str, sentences: tuple[str, ...]) -> str:
    for template, shape in _shapes(sentences):
        if found := shape.fullmatch(words):
            return Told(template, **found.groupdict())
    return words


def retold_notes(words: str) -> str:
    """Notes of the row of a catalogue, which stand behind each other."""
    return told_list([retold(one) for one in words.split("; ")], "; ")


def _counted(value: object) -> object:
    """A count with its thousands separated, so that another language separates them in its own way."""
    words = str(value)
    return Count(int(words.replace(",", ""))) if _COUNT.fullmatch(words) else value


@cache
def _shapes(sentences: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one, re.compile(re.sub(r"\\{(\w+)\\}", _value, re.escape(one)), re.DOTALL)) for one in sentences)


def _value(found: re.Match[str]) -> str:
    value = ".+?" if found[1] in _FREE else r"\S+?"
    return f"(?P<{found[1]}>{value})"
