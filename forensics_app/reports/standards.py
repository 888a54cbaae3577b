"""The table of what the standards of reports ask for: data under `resources/report`."""

from __future__ import annotations

import tomllib
from functools import cache

import resources
from forensics_app.model.completeness import Item


@cache
def standard_items() -> tuple[Item, ...]:
    """The table of the standards, in its order."""
    content = tomllib.loads(resources.path("report/standards.toml").read_text(encoding="utf-8"))
    names = {one["id"]: one["name"] for one in content["standard"]}
    return tuple(
        Item(
            id=one["id"],
            standard=names[one["standard"]],
            clause=one["clause"],
            asks=one["asks"],
            records=tuple(one["records"]),
            is_stated=one.get("stated", False),
        )
        for one in content["item"]
    )


def statable() -> frozenset[str]:
    """Ids of the items that an author can state."""
    return frozenset(item.id for item in standard_items() if item.is_stated)
