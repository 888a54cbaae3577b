"""Which entries do not leave with a report: those that name hidden content which it does not name itself (REQ-40)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from chain_of_custody.canonical import Json, parse
from chain_of_custody.errors import CanonicalError
from chain_of_custody.ledger import Entry
from chain_of_custody.rules import is_judged
from forensics_app.db.hash_matches import MatchesError
from forensics_app.model.catalogue import CatalogueError
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.hidden_words import HiddenWords

if TYPE_CHECKING:
    from forensics_app.model.image import EvidenceImage
    from forensics_app.services.examine import Examine

NAMING = (
    "These entries name marked or concealed content that the report does not print, and leave with it in the ledger "
    "inside, as no verifier could judge it without them:"
)
CANNOT_TELL = (
    "It cannot be told here which names are those of marked or concealed content: entries about drafts of reports, "
    "exhibits and decisions, which always leave with a report, may hold some."
)
_MOST_NAMED = 20

Withholds = Callable[[Entry], bool]


def nothing(entry: Entry) -> bool:
    """Let every entry go."""
    del entry
    return False


def naming_hidden(examine: Examine, images: Sequence[EvidenceImage], printed: Collection[str]) -> Withholds:
    """Whether an entry is withheld. Those that the rules of custody, reports and decisions judge never are.

    Where it cannot be told what is concealed, every other entry is.

    Args:
        examine: Knows what is marked and concealed.
        images: Of the case.
        printed: Paths of files that the report itself names.
    """
    hidden = hidden_words(examine, images, printed)

    if hidden is None:
        return lambda entry: not is_judged(entry.body)

    return lambda entry: bool(hidden) and not is_judged(entry.body) and _names_one(hidden, entry)


def naming_and_leaving(
    examine: Examine, images: Sequence[EvidenceImage], printed: Collection[str], entries: Iterable[Entry]
) -> str:
    """Which entries name hidden content and leave all the same, as the rules judge them, in a sentence; else empty.

    What people write into drafts of reports stands in such entries, also in wordings that were changed since.

    Args:
        examine: As for :func:`naming_hidden`.
        images: Of the case.
        printed: Paths of files that the report itself names.
        entries: Of the case.
    """
    hidden = hidden_words(examine, images, printed)
    if hidden is None:
        return CANNOT_TELL
    if not hidden:
        return ""
    judged = (one for one in entries if is_judged(one.body))
    found = [one.content for one in judged if _names_one(hidden, one)]
    named = ", ".join(f"entry {one.sequence} ({one.action}, {one.actor.name})" for one in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return f"{NAMING} {named}{more}." if found else ""


def hidden_words(examine: Examine, images: Sequence[EvidenceImage], printed: Collection[str]) -> HiddenWords | None:
    """What names hidden content of these images and is not ``printed``; None where it cannot be told."""
    paths: set[str] = set()
    try:
        for image in images:
            hidden = _hidden_names(examine, image)
            if hidden.may_be_any:
                return None
            paths |= hidden.paths
    except (CatalogueError, MatchesError):
        return None
    return HiddenWords(paths, printed)


def _names_one(hidden: HiddenWords, entry: Entry) -> bool:
    try:
        return any(map(hidden.are_in, set(_texts(parse(entry.body)))))
    except CanonicalError:
        return True


def _hidden_names(examine: Examine, image: EvidenceImage) -> HiddenNames:
    try:
        with examine.catalogues.open(image) as catalogue:
            return HiddenNames(examine, image, catalogue)
    except CatalogueError:
        return HiddenNames(examine, image, None)


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
