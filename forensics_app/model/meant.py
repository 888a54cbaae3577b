"""Names that could be those of somebody of the laboratory or of somebody else: who is meant has to be said."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from chain_of_custody.hand_rules import one_person
from chain_of_custody.names import names

NAME_MEANS: Final = "name_means"
"""The field of a step that says who is meant by the name of a carrier or of a seizing officer."""


class NameMeans(StrEnum):
    """Who is meant by a name that somebody of the laboratory bears, or that holds theirs."""

    OURS = "the person of the laboratory"
    OTHER = "somebody else, or a firm"


def holds_name(told: str, enrolled: Iterable[str]) -> str:
    """The name of somebody enrolled that stands in what is told among other words, such as a rank; empty for none."""
    return next((name for name in enrolled if names(told, name) and not one_person(told, name)), "")


def near_name(told: str, enrolled: Iterable[str]) -> str:
    """The name of somebody enrolled that stands in what is told, or in which that stands; empty for none."""
    apart = [name for name in enrolled if not one_person(told, name)]
    return next((name for name in apart if names(told, name) or names(name, told)), "")


def written_apart(told: str, name: str) -> str:
    """What is told of somebody with their name first, as everybody is found by: "Otto Officer, Sgt."."""
    known = {word.casefold().strip(".,;") for word in name.split()}
    rest = " ".join(word for word in told.split() if word.casefold().strip(".,;") not in known)
    return f"{name}, {rest}".rstrip(", ")
