"""Makes a small record. Run with the code of the revision that it shall be of.

python -m tests.old_databases.make TARGET.db
"""

import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.builders import make_bench


def make(target: Path) -> None:
    """Write the record of a lab with a case, an exhibit, an image and two checks of it."""
    folder = Path(tempfile.mkdtemp(prefix="old-lab-"))
    source = folder / "disk.dd"
    source.write_bytes(bytes(range(256)) * 4096)
    bench = make_bench(folder / "lab")
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    image = bench.lab.intake.take_in(bench.examiner, request)
    bench.lab.intake.recheck(bench.examiner, image.id)
    source.write_bytes(bytes(1 << 20))
    bench.lab.intake.recheck(bench.examiner, image.id)
    assert bench.lab.verification.verify().ok
    bench.lab.close()
    with closing(sqlite3.connect(folder / "lab" / "lab.db")) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    shutil.rmtree(folder)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
