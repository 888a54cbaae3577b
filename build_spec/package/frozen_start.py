"""Runs first in the packaged program: its own libmagic and database are found, never those of the system.

python-magic asks the system's loader by ctypes.util.find_library, which starts other programs; a child that reads
evidence may start none.
"""

import ctypes.util
import os
import sys
from pathlib import Path


def _own_libmagic() -> None:
    inside = Path(sys._MEIPASS)  # type: ignore[attr-defined]
    database = inside / "magic" / "magic.mgc"
    if not database.is_file():  # a wheel brought its own, beside itself
        return
    os.environ["MAGIC"] = str(database)
    find = ctypes.util.find_library
    ctypes.util.find_library = lambda name: "libmagic.so.1" if name == "magic" else find(name)


_own_libmagic()
