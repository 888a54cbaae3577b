"""The text in which LVM2 keeps its metadata: sections in braces, and names with numbers, texts and lists of them.

Source: the description of the format in lvm(8) and vgcfgbackup(8), and the files that the tools write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias, cast

from evidence.errors import EvidenceError

Value: TypeAlias = "int | str | list[int | str]"
Section: TypeAlias = "dict[str, Value | Section]"

MAX_DEPTH = 8
_MAX_TOKENS = 4_000_000
_TOKEN = re.compile(
    r"""(?:\s|\#[^\n]*+)*+(?:(?P<text>"(?:[^"\\]|\\.)*+")|(?P<number>-?[0-9]+(?![\w.+-]))|(?P<name>[A-Za-z0-9_.+-][\w.+/-]*)"""
    r"""|(?P<mark>[{}=\[\],]))""",
    re.DOTALL,
)


class LvmError(EvidenceError):
    """Metadata of LVM2 cannot be used."""

    def __init__(self, what: str, offset_bytes: int | None = None, *, is_damage: bool = True) -> None:
        """Keep what is wrong, a sentence, and where; ``is_damage`` is False for what this version does not read."""
        super().__init__(what)
        self.what, self.offset_bytes, self.is_damage = what, offset_bytes, is_damage


def parse(text: str) -> Section:
    """The outermost section.

    Raises:
        LvmError: It is no such text, or too large or too deep for one.
    """
    tokens = _tokens(text)
    root: Section = {}
    open_sections = [root]
    for kind, token in tokens:
        if token == "}" and kind == "mark" and len(open_sections) > 1:
            open_sections.pop()
            continue
        if kind not in ("name", "number"):
            raise LvmError(f"The metadata is no text of LVM2: {token[:40]!r} stands where a name has to.")
        _entry(token, tokens, open_sections)
    if len(open_sections) > 1:
        raise LvmError("The metadata ends inside a section.")
    return root


def _entry(name: str, tokens: Iterator[tuple[str, str]], open_sections: list[Section]) -> None:
    """What follows a name: a section, which is opened, or a value, which is kept."""
    mark = next(tokens, ("", ""))
    here = open_sections[-1]
    if mark == ("mark", "{"):
        if len(open_sections) >= MAX_DEPTH:
            raise LvmError(f"The sections of the metadata lie more than {MAX_DEPTH} deep.")
        inner = here.setdefault(name, {})
        if not isinstance(inner, dict):
            raise LvmError(f"{name[:40]} stands twice in the metadata, as a value and as a section.")
        open_sections.append(inner)
    elif mark == ("mark", "="):
        here[name] = _value(name, tokens)
    else:
        raise LvmError(f"The metadata is no text of LVM2: nothing is said of {name[:40]!r}.")


def _value(name: str, tokens: Iterator[tuple[str, str]]) -> Value:
    kind, token = next(tokens, ("", ""))
    if (kind, token) != ("mark", "["):
        return _single(name, kind, token)
    items: list[int | str] = []
    for kind, token in tokens:
        if (kind, token) == ("mark", "]"):
            return items
        if (kind, token) != ("mark", ","):
            items.append(_single(name, kind, token))
    raise LvmError(f"The list {name[:40]!r} of the metadata does not end.")


def _single(name: str, kind: str, token: str) -> int | str:
    if kind == "number" and len(token) <= 20:
        return int(token)
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)
    if kind == "name":
        return token
    raise LvmError(f"The value of {name[:40]!r} in the metadata is neither a number nor a text.")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, count, end = 0, 0, len(text.rstrip("\0 \t\r\n"))
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            if _is_trailing_comment(text[at:end]):
                return
            raise LvmError(f"The metadata is no text of LVM2 from character {at} on.")
        count += 1
        if count > _MAX_TOKENS:
            raise LvmError(f"The metadata has more than {_MAX_TOKENS} words.")
        at = match.end()
        kind = cast("str", match.lastgroup)
        yield kind, match.group(kind)


def _is_trailing_comment(rest: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in rest.splitlines())


def section(parent: Section, name: str) -> Section:
    """The section of that name in ``parent``; empty where there is none."""
    found = parent.get(name, {})
    if not isinstance(found, dict):
        raise LvmError(f"{name[:40]} of the metadata is no section.")
    return found


def number(parent: Section, name: str, default: int | None = None) -> int:
    """The number of that name, not negative.

    Raises:
        LvmError: It is none, or missing without a ``default``.
    """
    found = parent.get(name, default)
    if not isinstance(found, int) or not 0 <= found < 1 << 63:
        raise LvmError(f"{name[:40]} of the metadata is no number, or no possible one.")
    return found


def text(parent: Section, name: str, default: str | None = None) -> str:
    """The text of that name.

    Raises:
        LvmError: It is none, or missing without a ``default``.
    """
    found = parent.get(name, default)
    if not isinstance(found, str):
        raise LvmError(f"{name[:40]} of the metadata is no text.")
    return found


def items(parent: Section, name: str) -> list[int | str]:
    """The list of that name; a single value is a list of one, nothing is an empty one."""
    found = parent.get(name, [])
    if isinstance(found, dict):
        raise LvmError(f"{name[:40]} of the metadata is no list.")
    return found if isinstance(found, list) else [found]
