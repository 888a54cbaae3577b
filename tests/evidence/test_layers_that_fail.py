"""What cannot be read for one layer that a volume may hold keeps nothing else of the volume back, and is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.errors import UnreadableContentError, UnreadableRegionError
from evidence.filesystems.reading import FileReader
from evidence.keys import NO_KEYS
from evidence.volumes.base import Volume, Window
from evidence.volumes.layers import ALONE
from evidence.volumes.tables import LAYERS, layers_of
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import ext, need, run, source_tree

LUKS_1 = b"LUKS\xba\xbe\0\1"


class Scratched(PlainImage):
    """An image of which a region cannot be read."""

    region = (512, 1024)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        start, end = self.region
        if offset_bytes < end and offset_bytes + size_bytes > start:
            raise UnreadableRegionError(start, end - start, "a bad sector")
        return super().read_at(offset_bytes, size_bytes)


@pytest.fixture(scope="module")
def scratched(tmp_path_factory: pytest.TempPathFactory) -> Scratched:
    """The magic of LUKS before a file system, and behind the magic what cannot be read."""
    folder = tmp_path_factory.mktemp("scratched")
    path = ext(folder / "disk.raw", source_tree(folder / "tree"))
    with path.open("r+b") as file:
        file.write(LUKS_1)
    return Scratched(path)


def test_a_layer_that_cannot_be_read_does_not_hide_the_file_system_beside_it(scratched: Scratched) -> None:
    found = document(scratched, hash_files=False)
    assert {"/hello.txt", "/docs/large.bin"} <= {file["path"] for file in found["files"]}
    said = [item for item in found["warnings"] if "a bad sector" in str(item)]
    assert len(said) == 1
    assert "could be looked for" in str(said[0])


def test_the_other_layers_of_a_volume_are_found_where_one_fails(tmp_path: Path) -> None:
    need("genisoimage")
    tree = source_tree(tmp_path / "tree")
    run("genisoimage", "-quiet", "-o", tmp_path / "disc.iso", tree)
    with (tmp_path / "disc.iso").open("r+b") as file:
        file.write(LUKS_1)
    image = Scratched(tmp_path / "disc.iso")
    window = Window(image, 0, image.media_bytes)
    whole = Window(PlainImage(tmp_path / "disc.iso"), 0, image.media_bytes)
    readable = [layer for look in LAYERS if (layer := look(whole, NO_KEYS, ALONE)) is not None]
    layers, unread = layers_of(window, NO_KEYS, ALONE)
    assert [layer.encryption for layer in layers] == [layer.encryption for layer in readable if not layer.encryption]
    assert layers
    assert [str(error) for error in unread] == [str(UnreadableRegionError(512, 512, "a bad sector"))]


def test_whether_a_volume_is_locked_is_not_answered_where_it_cannot_be_read(scratched: Scratched) -> None:
    volume = Volume(
        id="v0", parent=None, kind="whole", start_bytes=0, length_bytes=scratched.media_bytes, description=""
    )
    with pytest.raises(UnreadableContentError, match="a bad sector"):
        FileReader(scratched).is_locked((volume,))
