"""Which entries do not leave with a report: those that name hidden content which it does not name itself (REQ-40)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
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

    def names_one(entry: Entry) -> bool:
        if not hidden or is_judged(entry.body):
            return False
        try:
            return any(map(hidden.are_in, set(_texts(parse(entry.body)))))
        except CanonicalError:
            return True

    return names_one


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
