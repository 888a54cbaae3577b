#!/usr/bin/env python3
"""Sets the project up from a fresh clone, runs it, tests it.

Needs Python 3.11 or newer and nothing else: only the standard library is imported, and the parts that need a newer
language than this file are imported after the version was checked.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.14")
IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"
TOO_OLD = """\
This is Python {have}; the project needs Python {need} or newer, and none was found beside it.
Install one (on Debian 12 or newer and Ubuntu 24.04 or newer: apt-get install python3 python3-venv) and run
    python3 build_spec/dev.py {arguments}
again with it."""


def newer_python() -> str | None:
    """Finds another interpreter on the search path that is new enough and does start."""
    for name in CANDIDATES:
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", IS_NEW_ENOUGH], stderr=subprocess.DEVNULL) == 0:
            return found
    return None


def main(arguments: list[str]) -> int:
    """Runs one command with an interpreter that is new enough; returns the exit status."""
    if sys.version_info < OLDEST:
        other = newer_python()
        if other is None:
            have = ".".join(str(part) for part in sys.version_info[:3])
            need = ".".join(str(part) for part in OLDEST)
            print(TOO_OLD.format(have=have, need=need, arguments=" ".join(arguments)), file=sys.stderr)
            return 2
        return subprocess.call([other, str(Path(__file__).resolve()), *arguments])
    sys.path.insert(0, str(ROOT))
    from build_spec.workshop.commands import main as run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
