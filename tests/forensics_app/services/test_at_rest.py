"""Whether the disk under a lab is encrypted is read off the system's devices, and not guessed where they are silent."""

import os
import sys
from pathlib import Path

import pytest

from forensics_app.services.at_rest import at_rest_words

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="devices as Linux tells them")


def device(place: Path, uuid: str = "", *below: Path) -> Path:
    """A block device as the system describes it, on top of others."""
    (place / "slaves").mkdir(parents=True)
    if uuid:
        (place / "dm").mkdir()
        (place / "dm" / "uuid").write_text(f"{uuid}\n")
    for one in below:
        (place / "slaves" / one.name).symlink_to(one)
    return place


def under(tmp_path: Path) -> Path:
    number = tmp_path.stat().st_dev
    if os.major(number) == 0:
        pytest.skip("the temporary folder lies on no block device")
    return tmp_path / "devices" / f"{os.major(number)}:{os.minor(number)}"


@pytest.mark.req("REQ-70")
def test_a_volume_group_on_luks_is_encrypted(tmp_path: Path) -> None:
    disk = device(tmp_path / "sda2")
    luks = device(tmp_path / "dm-0", "CRYPT-LUKS2-0f7e-crypt", disk)
    device(under(tmp_path), "LVM-abcdef", luks)
    assert "lies on an encrypted disk" in at_rest_words(tmp_path, tmp_path / "devices")


@pytest.mark.req("REQ-70")
def test_a_volume_group_of_which_one_disk_is_plain_is_not(tmp_path: Path) -> None:
    luks = device(tmp_path / "dm-0", "CRYPT-LUKS2-0f7e-crypt", device(tmp_path / "sda2"))
    device(under(tmp_path), "LVM-abcdef", luks, device(tmp_path / "sdb1"))
    assert "does not lie on a disk that this system encrypts" in at_rest_words(tmp_path, tmp_path / "devices")


def test_a_plain_disk_is_not_and_an_unknown_one_is_said_to_be_unknown(tmp_path: Path) -> None:
    assert "cannot be told" in at_rest_words(tmp_path, tmp_path / "devices")
    device(under(tmp_path))
    assert "does not lie on" in at_rest_words(tmp_path, tmp_path / "devices")
