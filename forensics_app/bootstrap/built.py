"""Use cases that are built when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from forensics_app.bootstrap.lab_core import LabCore

T = TypeVar("T")


class Built(Generic[T]):
    """A use case of a lab, built once, with what it needs loaded then: a start loads only what it shows."""

    def __init__(self, build: Callable[[Any], T]) -> None:
        """Let ``build`` make it of the lab."""
        self._build, self._name = build, ""

    def __set_name__(self, owner: type[LabCore], name: str) -> None:
        """Keep it under its own name."""
        self._name = name

    def __get__(self, lab: LabCore, owner: type[LabCore]) -> T:
        """The one of this lab, whichever thread asks."""
        with lab.building:
            if self._name not in lab.__dict__:
                lab.__dict__[self._name] = self._build(lab)
            made: T = lab.__dict__[self._name]
            return made
