"""Which entries do not leave with a report: those that name hidden content which it does not name itself (REQ-40)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from chain_of_custody.canonical import Json, parse
from chain_of_custody.errors import CanonicalError
from chain_of_custody.ledger import Entry
from chain_of_custody.rules import is_judged
from forensics_app.db.hash_matches import MatchesError
from forensics_app.model.catalogue import CatalogueError
from forensics_app.services.hidden_names import HiddenNames

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
    paths: set[str] = set()
    try:
        for image in images:
            hidden = _hidden_names(examine, image)
            if hidden.may_be_any:
                return _all_but_judged
            paths |= hidden.paths
    except (CatalogueError, MatchesError):
        return _all_but_judged
    shown = {_read(path) for path in printed}
    whole = {_read(path) for path in paths} - shown
    names = {_name(path) for path in whole} - {_name(path) for path in shown} - {""}

    def names_one(entry: Entry) -> bool:
        if not whole or is_judged(entry.body):
            return False
        try:
            said = {_read(text) for text in _texts(parse(entry.body))}
        except CanonicalError:
            return True
        if not said.isdisjoint(whole) or not names.isdisjoint(map(_name, said)):
            return True
        return any(name in text for text in said if any(map(str.isspace, text)) for name in (*names, *whole))

    return names_one


def _all_but_judged(entry: Entry) -> bool:
    return not is_judged(entry.body)


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


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _read(words: str) -> str:
    return unicodedata.normalize("NFC", words).casefold()
