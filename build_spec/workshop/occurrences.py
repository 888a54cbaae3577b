"""Of which part each file of the package is: so that the bill of materials can be held against the folder."""

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from build_spec.workshop import frozen
from build_spec.workshop.console import StepError

WITHIN = "_internal"
LOCATED = "METADATA"
"""Of what is no code only this file of each distribution is located: it names and dates the distribution."""
_ELF = b"\x7fELF"


def is_elf(path: Path) -> bool:
    """Whether a file is an executable or a shared library of Linux."""
    with path.open("rb") as file:
        return file.read(4) == _ELF


def distribution_of(source: Path, site: Path) -> str:
    """Lower-case name of the distribution that installed a file, as its RECORD says.

    Raises:
        StepError: None did, so that nobody can say under which licence it is.
    """
    found = _records(site).get(source.relative_to(site).as_posix())
    if found is None:
        raise StepError(f"{source} would be shipped, and no distribution says that it installed it", 3)
    return found


def every_module_is_of(named: set[str], site: Path) -> None:
    """See that everything taken from the installed distributions is of those that the bill of materials names.

    Raises:
        StepError: The message names the distributions that it lacks.
    """
    found = {distribution_of(one.source, site) for one in frozen.taken() if one.source.is_relative_to(site)}
    if lacking := sorted(found - named):
        raise StepError(f"The bill of materials lacks what the package holds: {', '.join(lacking)}", 3)


def files_of(bill: str) -> set[str]:
    """The files of the package's folder that the parts of a bill of materials say are theirs."""
    components = json.loads(bill)["components"]
    return {spot["location"] for one in components for spot in one.get("evidence", {}).get("occurrences", ())}


def of_nobody(program: Path, bill: str, own: set[str]) -> list[str]:
    """Shared libraries and distributions in the folder of a program that its bill of materials does not locate.

    Args:
        program: The folder.
        bill: Its bill of materials.
        own: Names of the program's own executables, directly in the folder.

    Returns:
        Paths below the folder, sorted; and those that the bill locates and the folder lacks.
    """
    located = files_of(bill)
    held = {
        path.relative_to(program).as_posix()
        for path in program.rglob("*")
        if path.is_file() and not path.is_symlink() and (path.name == LOCATED or is_elf(path))
    }
    return sorted((held - own) ^ located)


def libraries() -> Iterator[frozen.Taken]:
    """The files of the folder that are located, with their sources; the executable is nobody's but ours."""
    if sys.platform != "linux":
        return
    for one in frozen.taken():
        if (
            not one.source.is_relative_to(frozen.WORK)
            and one.source.is_file()
            and (one.source.name == LOCATED or is_elf(one.source))
        ):
            yield one


@cache
def _records(site: Path) -> Mapping[str, str]:
    told = {}
    for record in site.glob("*.dist-info/RECORD"):
        name = record.parent.name.partition("-")[0].lower().replace("_", "-").replace(".", "-")
        for line in record.read_text("utf-8").splitlines():
            path = line.rsplit(",", 2)[0].strip('"')
            told[path] = name
    return told
