"""Which modules of tokens (PKCS #11) somebody chose on this computer: these are loaded, and no others.

A module is a program that runs with the rights of who signs. The record tells where a token was found, and whoever can
write an entry can name any file there; so its path is only a proposal.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from forensics_app.errors import RefusedError
from forensics_app.model.proof import TokenPlace
from forensics_app.this_computer import program_folder

_NAME = "token-modules.json"


def chosen_modules() -> tuple[Path, ...]:
    """The modules that were chosen on this computer by the person who is logged in to it, oldest first.

    Raises:
        RefusedError: What is kept of them cannot be read.
    """
    path = program_folder() / _NAME
    try:
        return tuple(Path(str(one)) for one in json.loads(path.read_text(encoding="ascii")))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise RefusedError(
            f"{path}, which keeps the chosen modules of tokens, cannot be read.",
            then="Delete it, and take the certificate from the token again: certificate token.",
        ) from error


def choose(module: Path) -> None:
    """Keep that a module was chosen on this computer.

    Raises:
        RefusedError: It cannot be kept.
    """
    known = chosen_modules()
    if module in known:
        return
    path = program_folder() / _NAME
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps([str(one) for one in (*known, module)]), encoding="ascii")
        part.replace(path)
    except OSError as error:
        raise RefusedError(f"{path} cannot be written: {error.strerror}.") from error


def usable(place: TokenPlace) -> TokenPlace:
    """Where a token of the record is looked for on this computer: by the recorded module if it was chosen here.

    Another module takes its place where it is the only one that was chosen.

    Raises:
        RefusedError: No module that was chosen on this computer fits.
    """
    known = chosen_modules()
    if place.module in known:
        return place
    if len(known) == 1:
        return replace(place, module=known[0])
    raise RefusedError(
        f"The record names the module {place.module} for this token, and nobody chose it on this computer. "
        "It was not loaded: a module is a program that runs as you.",
        then="If you know it, take the certificate from the token on this computer: certificate token.",
    )
