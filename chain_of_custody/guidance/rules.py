"""Rules of the guidance: where each comes from, how far it was checked, and when somebody has to look at it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any


class GuidanceError(Exception):
    """A file of the guidance does not say what the program needs; the sentence names file and place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document that rules follow.

    Attributes:
        read: How far its wording was read: ``whole``, ``partly`` or ``no``.
    """

    id: str
    title: str
    version: str
    read: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a rule comes from (REQ-03).

    Attributes:
        section: Of the source.
        version: Edition of the rule itself; it grows when the wording changes.
        checked: Whether somebody compared the rule with the wording of the source.
        review_by: The day by which somebody has to look at it again.
    """

    source: Source
    section: str
    version: str
    checked: bool
    review_by: date

    def is_overdue(self, today: date) -> bool:
        """Whether the day of its review has passed."""
        return today > self.review_by

    def words(self) -> str:
        """Where it comes from, in one line, as it is shown and printed."""
        follows = "from" if self.checked else "structured to follow"
        return f"{follows} {self.source.title} {self.source.version}, {self.section}; rule version {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that is shown in a list.

    Attributes:
        tier: Its place in the order of volatility, from 1; None for rules without one.
        events: The steps of custody at which it is to be thought of.
    """

    id: str
    title: str
    text: str
    origin: Origin
    tier: int | None = None
    events: tuple[str, ...] = ()


def origin_of(entry: Mapping[str, Any], sources: Mapping[str, Source], where: str) -> Origin:
    """The origin that an entry of a file names.

    Raises:
        GuidanceError: Something is missing, or the source is unknown.
    """
    try:
        source, review_by = sources[entry["source"]], entry["review_by"]
        checked = entry["checked"]
        if not isinstance(review_by, date) or not isinstance(checked, bool):
            raise GuidanceError(f"{where}: review_by must be a day, and checked true or false.")
        return Origin(
            source=source,
            section=str(entry["section"]),
            version=str(entry["version"]),
            checked=checked,
            review_by=review_by,
        )
    except KeyError as error:
        raise GuidanceError(f"{where}: {error} is missing or unknown.") from error


def rule_of(entry: Mapping[str, Any], sources: Mapping[str, Source], where: str) -> Rule:
    """A rule out of an entry of a file.

    Raises:
        GuidanceError: Something is missing.
    """
    try:
        return Rule(
            id=entry["id"],
            title=entry.get("title", ""),
            text=entry["text"],
            origin=origin_of(entry, sources, where),
            tier=entry.get("tier"),
            events=tuple(str(event) for event in entry.get("events", ())),
        )
    except KeyError as error:
        raise GuidanceError(f"{where}: {error} is missing.") from error
