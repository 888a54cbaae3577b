"""Turns the tree of a filter into SQL over a catalogue: a condition that is 1, 0, or NULL where it cannot be told.

Values are always parameters; column names come from the tree, whose makers take them from tables. LIKE takes ASCII
letters in either case and is quick; a text with other letters goes through GLOB, which knows no cases, with a class
such as ``[éÉ]`` for each letter.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final

from forensics_app.db.catalogue_condition import Condition, escaped
from forensics_app.model.filter_language import tree

_NULLABLE: Final = frozenset({"note", "entropy_head_millibits"})
INDEXED: Final = frozenset({"name", "path"})
"""Columns whose texts lie together in an index, so that to look at all of them reads little."""

_DAY_NS: Final = 86_400 * 1_000_000_000
_MD5_DIGITS, _SHA256_DIGITS = 32, 64
_GLOB_SPECIAL: Final = frozenset("*?[")


def condition_of_filter(
    expression: tree.Expression, *, is_whole: bool = False, local_fields: frozenset[str] = frozenset()
) -> Condition:
    """The condition that an expression is.

    Args:
        expression: The filter.
        is_whole: Whether all that it finds is wanted, not a page. Then texts are looked for among all names or paths
            first, which an index holds together, so that less is read.
        local_fields: The times of which some volume of the catalogue has another basis than UTC.
    """
    return _Compiler(is_whole, local_fields).condition(expression)


class _Compiler:
    """Makes the parts, one method for each kind of them."""

    def __init__(self, is_whole: bool, local_fields: frozenset[str]) -> None:
        self._is_whole, self._local_fields = is_whole, local_fields
        self._makers: dict[type, Callable[[Any], Condition]] = {
            tree.Both: lambda part: _joined(" AND ", map(self.condition, part.parts)),
            tree.Either: lambda part: _joined(" OR ", map(self.condition, part.parts)),
            tree.Opposite: self._opposite,
            tree.Words: self._words,
            tree.OneOf: _one_of,
            tree.ContentType: _content_type,
            tree.NumberRange: _number_range,
            tree.TimeRange: self._time_range,
            tree.Is: lambda part: Condition(text=part.column, values=()),
            tree.Marked: _marked,
            tree.Digest: _digest,
            tree.InVolume: _in_volume,
            tree.Among: _among,
        }

    def condition(self, expression: tree.Expression) -> Condition:
        """Any of them."""
        return self._makers[type(expression)](expression)

    def _opposite(self, part: tree.Opposite) -> Condition:
        inner = self.condition(part.part)
        return Condition(text=f"NOT ({inner.text})", values=inner.values)

    def _words(self, part: tree.Words) -> Condition:
        forms = dict.fromkeys((part.text, *(unicodedata.normalize(form, part.text) for form in ("NFC", "NFD"))))
        found = _joined(" OR ", (_one_form(part.column, form, part.wild) for form in forms))
        if self._is_whole and part.column in INDEXED:
            return Condition(text=f"id IN (SELECT id FROM files WHERE {found.text})", values=found.values)
        return found

    def _time_range(self, part: tree.TimeRange) -> Condition:
        column, utc, wall = f"{part.field}_ns", part.utc, part.wall
        among = f"{column} IS NOT NULL AND {column} >= ? AND {column} <= ?"
        if part.field not in self._local_fields:
            return Condition(text=f"({among})", values=(utc.low_ns, utc.high_ns))
        basis = "(SELECT basis FROM time_rules AS r WHERE r.volume_id = files.volume_id AND r.field = ?)"
        if wall is None:
            text = (
                f"CASE WHEN {column} IS NULL THEN 0 WHEN {basis} IN ('local', 'date') THEN NULL"
                f" ELSE {column} >= ? AND {column} <= ? END"
            )
            return Condition(text=text, values=(part.field, utc.low_ns, utc.high_ns))
        of_date = tree.Span(low_ns=max(wall.low_ns - _DAY_NS + 1, -(2**63)), high_ns=wall.high_ns)
        spans = (utc, wall, of_date)
        widest = (min(span.low_ns for span in spans), max(span.high_ns for span in spans))
        text = (
            f"({among} AND CASE {basis} WHEN 'local' THEN {column} >= ? AND {column} <= ?"
            f" WHEN 'date' THEN {column} >= ? AND {column} <= ? ELSE {column} >= ? AND {column} <= ? END)"
        )
        bounds = (bound for span in (wall, of_date, utc) for bound in (span.low_ns, span.high_ns))
        return Condition(text=text, values=(*widest, part.field, *bounds))


def _joined(word: str, parts: Iterable[Condition]) -> Condition:
    conditions = tuple(parts)
    text = word.join(condition.text for condition in conditions)
    values = tuple(value for condition in conditions for value in condition.values)
    return Condition(text=text if len(conditions) == 1 else f"({text})", values=values)


def _known(column: str, text: str, values: tuple[object, ...]) -> Condition:
    """A condition on a column that is 0, not NULL, where the column has no value."""
    return Condition(text=f"({column} IS NOT NULL AND {text})" if column in _NULLABLE else text, values=values)


def _one_form(column: str, text: str, wild: bool) -> Condition:
    if not text.isascii():
        pattern = "".join(_any_case(char, wild) for char in text)
        letters = _cases(next(char for char in text if not char.isascii()))
        has_one = " OR ".join(f"instr({column}, ?)" for _ in letters)  # quick, and few names have such a letter
        return _known(column, f"(({has_one}) AND {column} GLOB ?)", (*letters, pattern if wild else f"*{pattern}*"))
    plain = escaped(text)
    pattern = plain.replace("*", "%").replace("?", "_") if wild else f"%{plain}%"
    like = f"{column} LIKE ?" if plain == text else f"{column} LIKE ? ESCAPE '\\'"  # it takes time for each row
    return _known(column, like, (pattern,))


def _any_case(char: str, wild: bool) -> str:
    if char in _GLOB_SPECIAL:
        return char if wild and char != "[" else f"[{char}]"
    cases = _cases(char)
    return f"[{''.join(cases)}]" if len(cases) > 1 else char


def _cases(char: str) -> tuple[str, ...]:
    return tuple(sorted({case for case in (char, char.lower(), char.upper()) if len(case) == 1}))


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _one_of(part: tree.OneOf) -> Condition:
    return Condition(text=f"{part.column} IN ({_marks(len(part.values))})", values=part.values)


def _content_type(part: tree.ContentType) -> Condition:
    parts = [Condition(text="mime IS NULL", values=())] if part.unknown else []
    if part.types:
        types = tuple(sorted(part.types))
        text = f"(mime IS NOT NULL AND mime COLLATE NOCASE IN ({_marks(len(types))}))"
        parts.append(Condition(text=text, values=types))
    parts += [
        Condition(text="(mime IS NOT NULL AND mime LIKE ? ESCAPE '\\')", values=(f"{escaped(prefix)}%",))
        for prefix in sorted(part.prefixes)
    ]
    return _joined(" OR ", parts)


def _number_range(part: tree.NumberRange) -> Condition:
    bounds = [(sign, bound) for sign, bound in ((">=", part.low), ("<=", part.high)) if bound is not None]
    text = " AND ".join(f"{part.column} {sign} ?" for sign, _ in bounds)
    if part.column == "size_bytes":
        text = f"{text} AND kind <> 'directory'"
    return _known(part.column, f"({text})", tuple(bound for _, bound in bounds))


def _marked(part: tree.Marked) -> Condition:
    return Condition(text="instr(' ' || marks || ' ', ?) > 0", values=(f" {part.mark} ",))


def _digest(part: tree.Digest) -> Condition:
    columns = (("md5", _MD5_DIGITS), ("sha256", _SHA256_DIGITS))
    return _joined(
        " OR ",
        (
            Condition(
                text=f"({column} IS NOT NULL AND {column} >= ? AND {column} <= ?)",
                values=tuple(bytes.fromhex(part.digits.ljust(length, fill)) for fill in "0f"),
            )
            for column, length in columns
            if len(part.digits) <= length
        ),
    )


def _among(part: tree.Among) -> Condition:
    """Ids that came from outside the catalogue; as one value, for there may be hundreds of thousands."""
    if part.ids is None:
        return Condition(text="NULL", values=())
    return Condition(text="id IN (SELECT value FROM json_each(?))", values=(json.dumps(part.ids),))


def _in_volume(part: tree.InVolume) -> Condition:
    """Behind the id of a volume stands ``.`` before what tells one in it, ``!`` before that of an archive."""
    own = part.volume_id
    text = "(volume_id = ? OR (volume_id >= ? AND volume_id < ?) OR (volume_id >= ? AND volume_id < ?))"
    return Condition(text=text, values=(own, f"{own}.", f"{own}/", f"{own}!", f'{own}"'))
