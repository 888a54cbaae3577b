"""References to readers that are imported when they are first called: a child loads only what its image needs."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Later:
    """A function or class of another module, named in a table.

    That every reference of the tables can be resolved is held by ``tests/evidence/test_later.py``. A program that is
    packed into one file has to be given ``module`` by name, for no import statement names it.

    Attributes:
        module: Full name of the module.
        name: Of the function or class in it.
    """

    module: str
    name: str

    def __call__(self, *arguments: Any) -> Any:
        """Call it, with its own result and errors."""
        return self.resolve()(*arguments)

    def resolve(self) -> Any:
        """The function or class itself."""
        return getattr(import_module(self.module), self.name)
