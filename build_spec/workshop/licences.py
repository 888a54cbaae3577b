"""Licences of what is shipped: the table that a person filled, and whether an expression of SPDX lets us ship."""

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from build_spec.workshop.console import ROOT, StepError

TABLE = ROOT / "build_spec" / "package" / "licences.toml"
TEXTS = ROOT / "build_spec" / "package" / "texts"
_WORD = re.compile(r"\(|\)|[A-Za-z0-9.+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of what is shipped.

    Attributes:
        kind: "distribution", "bundled", "debian", "font" or "data": a table of licences.toml.
        name: As its origin calls it.
        version: Empty where the origin states none.
        sha256: Of the wheel it came in, or of its file; hex, empty where it is neither.
        licence: Expression of SPDX.
        texts: Files with the texts of its licence.
        purl: Package URL; empty where there is no scheme for its origin.
        files: Its shared libraries, and what names a distribution, by their paths below the program's folder.
    """

    kind: str
    name: str
    version: str
    sha256: str
    licence: str
    texts: tuple[Path, ...]
    purl: str = ""
    files: tuple[str, ...] = ()


@cache
def table() -> dict[str, Any]:
    """What licences.toml says."""
    return tomllib.loads(TABLE.read_text("utf-8"))


def licence_of(kind: str, name: str) -> Any:
    """What the table says of a part: an expression, or with bundled libraries that and where its text is.

    Raises:
        StepError: The part is not in the table: nobody has read its licence.
    """
    rows = table()[kind]
    if kind in {"bundled", "fonts"}:
        found = max((start for start in rows if name.startswith(start)), key=len, default=None)
    else:
        found = name if name in rows else None
    if found is None:
        raise StepError(
            f"Nobody has read the licence of {name} yet, which would be shipped. Read it, then add it to [{kind}] of "
            f"{TABLE.relative_to(ROOT).as_posix()}; or leave the part out in contents.toml.",
            3,
        )
    return rows[found]


def refuse(parts: Collection[Part]) -> None:
    """Refuse parts whose licence does not let us ship them, such as those under the GPL or AGPL alone.

    Raises:
        StepError: The message names every such part.
    """
    refused = [f"{part.name}: {part.licence}" for part in parts if not may_ship(part.licence)]
    if refused:
        raise StepError(
            "These parts may not be shipped in a program under Apache-2.0:\n    " + "\n    ".join(refused), 3
        )
    bare = [part.name for part in parts if not part.texts]
    if bare:
        raise StepError(f"The texts of the licences of these parts were not found: {', '.join(sorted(bare))}", 3)


def may_ship(expression: str) -> bool:
    """Whether an SPDX expression is one of the allowed licences, or offers one.

    Raises:
        StepError: It is no expression.
    """
    words = iter([*_WORD.findall(expression), ""])
    answer, rest = _either(next(words), words)
    if rest:
        raise StepError(f"No expression of SPDX: {expression!r} from {rest!r}", 3)
    return answer


def _either(word: str, words: Iterator[str]) -> tuple[bool, str]:
    answer, word = _both(word, words)
    while word == "OR":
        other, word = _both(next(words), words)
        answer = answer or other
    return answer, word


def _both(word: str, words: Iterator[str]) -> tuple[bool, str]:
    answer, word = _one(word, words)
    while word == "AND":
        other, word = _one(next(words), words)
        answer = answer and other
    return answer, word


def _one(word: str, words: Iterator[str]) -> tuple[bool, str]:
    if word == "(":
        answer, word = _either(next(words), words)
        if word != ")":
            raise StepError("An expression of SPDX lacks a closing bracket", 3)
        return answer, next(words)
    if word in {"", ")", "AND", "OR", "WITH"}:
        raise StepError(f"An expression of SPDX lacks an identifier before {word!r}", 3)
    following = next(words)
    if following == "WITH":
        return next(words) in table()["allowed_exceptions"], next(words)
    return word in table()["allowed"], following
