"""Runs pytest within the packaged program: the trial of the package builds an executable of this over its archive.

It lies beside the packaged program in a copy of its folder, never in a package. Modules of the program and all its
libraries come out of the archive and that folder; pytest, its plugins and the tests come from the paths in
``FORENSICS_JOURNEY_PATHS``, and are looked for behind. The processes
that read evidence are the packaged program itself.
"""

import os
import sys
from pathlib import Path

OURS = ("chain_of_custody", "evidence", "forensics_app", "resources", "ui")


def main() -> int:
    """Run the tests that the arguments name; 5 where a module of ours came from elsewhere."""
    inside = Path(sys._MEIPASS)  # type: ignore[attr-defined]
    behind = os.environ["FORENSICS_JOURNEY_PATHS"].split(os.pathsep)
    sys.path += behind
    sys.executable = str(Path(sys.executable).with_name("forensics-app"))
    import PySide6
    import pytest

    PySide6.__path__ += [str(found) for path in behind if (found := Path(path, "PySide6")).is_dir()]  # for QtTest
    status = int(pytest.main(["-p", "no:cacheprovider", "-p", "no:randomly", "-o", "pythonpath=", *sys.argv[1:]]))
    ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    foreign = [one.__name__ for one in ours if not Path(str(one.__file__)).is_relative_to(inside)]
    print(f"{len(ours)} modules of the packaged program were used; not of it: {foreign}")
    return status or (5 if foreign or not ours else 0)


if __name__ == "__main__":
    sys.exit(main())
