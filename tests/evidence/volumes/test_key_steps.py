"""Before every slow derivation of a key a sign of life is given, so that many keys are no hang and can be cancelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence.keys import Keys
from evidence.volumes.apfs import open_apfs
from evidence.volumes.bitlocker import open_bitlocker
from evidence.volumes.corestorage import open_core_storage
from evidence.volumes.layers import Beside, Opener
from evidence.volumes.luks import open_luks
from tests.evidence.volumes import apfs_writer, bitlocker_builder, corestorage_builder, luks_images
from tests.evidence.volumes.media import Media

WRONG = Keys(passwords=("wrong 1", "wrong 2", "wrong 3"))


def steps(look: Opener, media: Media) -> int:
    told: list[None] = []
    layer = look(media, WRONG, Beside(on_step=lambda: told.append(None)))
    assert layer is not None
    assert layer.locked or any(inner.locked for inner in layer.volumes)
    return len(told)


def test_core_storage_tells_every_passphrase_that_it_tries() -> None:
    assert steps(open_core_storage, corestorage_builder.Volume().media()) >= len(WRONG.passwords)


def test_bitlocker_tells_every_password_that_it_tries() -> None:
    assert steps(open_bitlocker, bitlocker_builder.Volume(kinds=(0x2000,)).media()) == len(WRONG.passwords)


def test_apfs_tells_every_password_that_it_tries() -> None:
    media = Media(0)
    media.data = apfs_writer.encrypted(bytes(32), bytes(32), 0).data
    assert steps(open_apfs, media) == len(WRONG.passwords)


@luks_images.needs_cryptsetup
def test_luks_tells_every_passphrase_that_it_tries(tmp_path: Path) -> None:
    media = luks_images.media_of(luks_images.luks2(tmp_path))
    assert steps(open_luks, media) >= len(WRONG.passwords)


def test_a_cancel_reaches_the_trying_of_keys() -> None:
    def cancel() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_bitlocker(bitlocker_builder.Volume(kinds=(0x2000,)).media(), WRONG, Beside(on_step=cancel))
