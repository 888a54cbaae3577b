"""The devices of a system, as Linux tells of them."""

import os
from pathlib import Path

import pytest

from evidence.acquisition.devices import can_list_devices, list_devices
from evidence.acquisition.identity import System
from tests.evidence.acquisition.fake_system import GIB, made_system


def test_devices_are_listed_by_name_without_what_lies_in_memory_or_has_no_medium(tmp_path: Path) -> None:
    devices = list_devices(made_system(tmp_path))
    names = [device.identity.path for device in devices]
    assert names == [tmp_path / "dev" / name for name in ("mapper/vault", "loop9", "loop10", "nvme0n1", "sdb")]


def test_a_device_is_described_by_what_the_system_says_of_it(tmp_path: Path) -> None:
    stick = list_devices(made_system(tmp_path))[-1]
    said = stick.identity
    assert (said.vendor, said.model, said.serial, said.wwn) == ("SanDisk", "Ultra Fit", "4C530001240513", "0x5001")
    assert (said.size_bytes, said.logical_sector_bytes, said.physical_sector_bytes) == (32 * GIB, 512, 4096)
    assert (said.read_only, said.removable, said.rotational, stick.bus) == (True, True, True, "USB")
    assert said.mounted_at == ("/media/ana/OLD STICK (ro)",)


def test_partitions_stand_in_the_order_in_which_they_lie_on_the_device(tmp_path: Path) -> None:
    first, second = list_devices(made_system(tmp_path))[-1].partitions
    assert (first.identity.path.name, second.identity.path.name) == ("sdb1", "sdb2")
    assert (first.identity.size_bytes, first.identity.partition) == (16 * GIB, True)
    assert first.identity.model == "Ultra Fit"
    assert (first.identity.mounted_at, second.identity.mounted_at) == (("/media/ana/OLD STICK (ro)",), ())


def test_a_disk_whose_encrypted_volume_is_in_use_counts_as_mounted(tmp_path: Path) -> None:
    own = next(one for one in list_devices(made_system(tmp_path)) if one.identity.path.name == "nvme0n1")
    assert own.identity.mounted_at == ("/ (rw)",)
    assert [part.identity.mounted_at for part in own.partitions] == [(), ("/ (rw)",)]


def test_a_loop_device_names_the_file_behind_it(tmp_path: Path) -> None:
    loop = next(one for one in list_devices(made_system(tmp_path)) if one.identity.path.name == "loop10")
    assert loop.backing == "/home/ana/old disk.img"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_device_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    system = made_system(tmp_path)
    (tmp_path / "dev/sdb").chmod(0)
    assert not list_devices(system)[-1].readable


def test_a_system_that_tells_nothing_has_no_devices(tmp_path: Path) -> None:
    assert list_devices(System(root=tmp_path)) == ()
    assert not can_list_devices(System(root=tmp_path))
