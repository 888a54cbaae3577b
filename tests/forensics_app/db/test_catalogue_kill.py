"""Cataloguing of a real file system, killed at random moments, comes to the catalogue of an uninterrupted one."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evidence.attempts import Avoid
from evidence.examination import examine_isolated
from forensics_app.db.catalogue import Catalogue, content_digest, write_catalogue
from forensics_app.db.catalogue_unfinished import UnfinishedCatalogue
from forensics_app.db.catalogue_writer import building_catalogue
from forensics_app.model.catalogue import CatalogueError, CatalogueQuery
from tests.evidence import made_images
from tests.forensics_app.db.catalogue_rows import HEADER

FOLDERS, FILES = 70, 100
ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made_images.need("mkfs.ext4", "debugfs")
    folder = tmp_path_factory.mktemp("kill")
    tree = folder / "tree"
    for number in range(FOLDERS):
        (tree / f"d{number:02}").mkdir(parents=True)
        for file in range(FILES):
            (tree / f"d{number:02}" / f"{file}.txt").write_bytes(b"%d of %d\n" % (file, number) * (file * 3))
    path = made_images.blank(folder / "image.raw", 64 << 20)
    made_images.run("mkfs.ext4", "-q", "-N", "9000", "-d", tree, path)
    made_images.run("debugfs", "-w", "-R", "rm /d03/7.txt", path)
    return path


@pytest.fixture(scope="module")
def digest(image: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    whole = tmp_path_factory.mktemp("whole") / "catalogue"
    write_catalogue(whole, examine_isolated([image], hash_files=True, processes=1), HEADER)
    return content_digest(whole)


def build(path: Path, image: Path) -> int:
    with building_catalogue(path, HEADER, commit_every_s=0) as building:
        before = building.done_batches
        building.take(
            examine_isolated([image], hash_files=True, processes=2, avoid=Avoid(done_batches=before))
            if not building.is_walked
            else ()
        )
        building.index()
        building.publish()
    return before


def program(path: Path, image: Path) -> str:
    return (
        "from pathlib import Path\n"
        "from tests.forensics_app.db.test_catalogue_kill import build\n"
        f"build(Path({str(path)!r}), Path({str(image)!r}))\n"
    )


def entries_so_far(path: Path) -> int:
    try:
        with UnfinishedCatalogue(path) as catalogue:
            assert len(catalogue.page(CatalogueQuery(), limit=10).entries) > 0
            return catalogue.summary.entries
    except CatalogueError:
        return 0


@pytest.mark.parametrize("seed", range(2))
def test_a_building_killed_at_random_moments_comes_to_the_same_catalogue(
    image: Path, digest: bytes, tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "catalogue"
    chance = random.Random(seed)
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", program(path, image)], cwd=ROOT) as process:
            time.sleep(chance.uniform(0.3, 2.5))
            process.kill()
    build(path, image)
    assert content_digest(path) == digest
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_committed_before_a_kill_is_read_and_not_examined_again(
    image: Path, digest: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "catalogue"
    with subprocess.Popen([sys.executable, "-c", program(path, image)], cwd=ROOT) as process:
        while (found := entries_so_far(path)) < 2000 and process.poll() is None:
            time.sleep(0.02)
        process.kill()
    assert 0 < found < FOLDERS * FILES
    assert entries_so_far(path) >= found
    assert build(path, image) > 0
    assert content_digest(path) == digest
    with Catalogue(path) as catalogue:
        assert catalogue.summary.entries > FOLDERS * FILES
