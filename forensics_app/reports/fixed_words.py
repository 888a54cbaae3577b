"""Which words of a report a laboratory cannot correct: values, states, verdicts and markings are the program's.

A lab's own file could else turn "deleted" into "allocated", or a draft into a signed report. These words come from the
catalogues that are shipped alone, and in English by nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from forensics_app.model.dossier import Stationery, Text
from forensics_app.model.dossier_paper import LANGUAGES
from forensics_app.reports.wording import WORDS, catalogue

_VALUES = re.compile(
    r"\b(no|not|none|never|nothing|cannot|yes|whole|deleted|(un)?allocated|orphans?|slack|equal|differs?|(dis)?agrees?"
    r"|intact|altered|corrupt|incomplete|damaged|misinterpreted|wrongly|gap|(un)?signed|draft|(un)?reviewed|issued"
    r"|approved|returned|trusted|checked|(re)?compared|verified|verif(y|ies)|validated|fail(s|ed)?|refused|rejected"
    r"|(un)?locked|encrypted|unknown|unreadable|opinions?|facts?|used again|marked|concealed|corrected by|corrects"
    r"|lost|destroyed|stored|missing|recorded|calculated|supplied|replaces)\b",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\b(draft|unsigned|not signed|unreviewed|prevail|corrected by the laboratory)\b", re.IGNORECASE)


def is_fixed(language: str, name: str) -> bool:
    """Whether the word with this English text is a value, a state, a verdict or a marking.

    Sentences that say more than that can be translated by a laboratory; in English they stand as they are.
    """
    if _MARKS.search(name) or (name.isupper() and "{" not in name):
        return True
    return bool(_VALUES.search(name)) and (language == "en" or not name.endswith("."))


def misleading(language: str, texts: Sequence[Text]) -> Iterator[str]:
    """What a laboratory's words must not do, in sentences: change what is fixed, give two words one text."""
    shipped = _shipped(language)
    own = {text.name: text.paragraphs[0] for text in texts if text.part == WORDS}
    changed = {name: text for name, text in own.items() if text != shipped.get(name, name)}
    for name in changed:
        if is_fixed(language, name):
            yield f"“{name}” is a value, a state or a marking, which a laboratory's file cannot put into other words."
    names: dict[str, list[str]] = {}
    for name, text in ({one: one for one in _keys()} | dict(shipped) | own).items():
        names.setdefault(_folded(text), []).append(name)
    for name, text in changed.items():
        for other in names[_folded(text)]:
            if other != name and not _mean_the_same(name, other):
                yield f"“{name}” and “{other}” would both be printed as “{text}”."


def corrected(stationery: Stationery) -> int:
    """How many texts of the program the laboratory's own file changes."""
    language = stationery.language
    tables = {
        part: {**table, **catalogue(language).tables.get(part, {})} for part, table in catalogue("en").tables.items()
    }
    tables[WORDS] = dict(_shipped(language))
    return sum(
        _paragraphs(tables.get(one.part, {}).get(one.name, one.name)) != one.paragraphs for one in stationery.texts
    )


def _paragraphs(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list) else (str(text),)


def _shipped(language: str) -> Mapping[str, str]:
    return {name: str(text) for name, text in catalogue(language).tables.get(WORDS, {}).items()}


def _keys() -> set[str]:
    return {name for language in LANGUAGES for name in _shipped(language)}


def _mean_the_same(one: str, other: str) -> bool:
    """Whether two words differ in capitals alone, or a shipped catalogue prints both as one."""
    if _folded(one) == _folded(other):
        return True
    tables = map(_shipped, LANGUAGES)
    return any(one in table and other in table and _folded(table[one]) == _folded(table[other]) for table in tables)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
