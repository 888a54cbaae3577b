"""The journeys of the tests with the packaged program: at its window from outside, and within it.

From outside keys and clicks go through the display server and parts are found as a screen reader finds them, so that
it is the program as installed that works. Within it, an executable that is never shipped runs pytest over the same
archive and libraries.
"""

import json
import os
import shutil
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError, quietly
from build_spec.workshop.environment import PYTHON
from build_spec.workshop.frozen import BUILD, WORK
from build_spec.workshop.trial_window import screen

PICTURES = BUILD / "pictures"
RUNNER = WORK / "forensics" / "journeys"
WITHIN = ("test_first_day.py", "test_seized_laptop.py", "test_workbench.py", "test_video.py")
_JOURNEYS = Path("tests", "journeys")
_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")


def from_outside(command: Sequence[str], work: Path, inside: str, resources: str) -> str:
    """Go from a first start to a signed report at the window of an installed program.

    Args:
        command: Opens the window; ``env -i`` is in it.
        work: Folder for what is made, as it is found here.
        inside: The same folder as the program sees it.
        resources: The program's folder of resources, as it sees it.

    Returns:
        What pytest said.

    Raises:
        StepError: A station was not reached; its picture is the last one in build/package/pictures.
    """
    shutil.rmtree(PICTURES, ignore_errors=True)
    told = json.dumps({"command": list(command), "work": str(work), "inside": inside, "resources": resources})
    return _all_of(
        quietly(
            f"A first day at the window, by keys and clicks; pictures in {PICTURES.relative_to(ROOT).as_posix()}",
            [PYTHON, *_PYTEST, _JOURNEYS / "test_first_day_from_outside.py"],
            env={"FORENSICS_PACKAGED": told, "FORENSICS_JOURNEY_SHOTS": str(PICTURES), "PYTHONPATH": str(ROOT)},
        )
    )


def within(program: Path, name_of_work: str) -> str:
    """Run the journeys of the sources within the packaged program, in a copy of its folder.

    Args:
        program: Folder of the program as it was installed.
        name_of_work: Name of the folder for what is made.

    Returns:
        What pytest said.

    Raises:
        StepError: A test failed, or a module came from elsewhere.
    """
    copy, work = BUILD / "journeys", BUILD / name_of_work
    for folder in (copy, work):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(program, copy, symlinks=True)
    shutil.copy(RUNNER, copy)
    asks = "import sysconfig; print(sysconfig.get_path('platlib'))"
    site = quietly("Asking where pytest lies", [PYTHON, "-c", asks]).strip()
    stdlib = Path(sysconfig.get_path("stdlib"))
    paths = (site, str(stdlib), str(stdlib / "lib-dynload"), str(ROOT))
    with screen(BUILD / "screen") as shown:
        return _all_of(
            quietly(
                "The journeys of the sources, within the packaged program",
                [copy / RUNNER.name, "-q", f"--basetemp={work}", *(_JOURNEYS / name for name in WITHIN)],
                env={
                    "DISPLAY": f":{shown.number}",
                    "QT_QPA_PLATFORM": "xcb",
                    "FORENSICS_JOURNEY_PATHS": os.pathsep.join(paths),
                },
            )
        )


def _all_of(told: str) -> str:
    """What pytest said; a journey that it skipped was not gone.

    Raises:
        StepError: One was skipped.
    """
    if " skipped" in told or " passed" not in told:
        raise StepError(f"{told}\nNot every journey was gone to its end", 3)
    return told


def what_is_missing() -> list[str]:
    """The tools without which nobody works at a window from outside; Debian's packages are those of dev.py setup."""
    return [
        tool for tool in ("xdotool", "dbus-daemon", "matchbox-window-manager", "pdfsig") if shutil.which(tool) is None
    ]
