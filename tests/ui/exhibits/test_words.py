from pathlib import Path

import pytest

from forensics_app.model.image import ImageDescription
from ui.exhibits.words import container_words


def source(container: str, *names: str, **metadata: str) -> ImageDescription:
    return ImageDescription(
        container=container,
        paths=tuple(Path("/evidence") / name for name in names),
        media_bytes=512,
        container_bytes=512,
        sector_bytes=512,
        metadata=metadata,
        stored_digests={},
        problems=(),
    )


@pytest.mark.parametrize(
    ("container", "names", "words"),
    [
        ("ewf", ("disk.E01", "disk.E02"), "EnCase image (E01)"),
        ("ewf", ("disk.Ex01",), "EnCase image (Ex01)"),
        ("ewf", ("files.L01",), "EnCase logical evidence (L01)"),
        ("ewf", ("files.Lx01",), "EnCase logical evidence (Lx01)"),
        ("ewf", ("disk.s01",), "SMART image (S01)"),
        ("ewf", ("disk.bin",), "EnCase image (EWF)"),
        ("raw", ("disk.dd",), "Raw image"),
        ("raw", ("disk.001", "disk.002"), "Raw image, split"),
        ("qcow", ("disk.qcow2",), "QEMU disk image (QCOW)"),
        ("vhd", ("disk.vhd",), "Virtual hard disk (VHD)"),
        ("vhdx", ("disk.vhdx",), "Virtual hard disk (VHDX)"),
        ("vmdk", ("disk.vmdk",), "VMware disk image (VMDK)"),
        ("udif", ("disk.dmg",), "Apple disk image (UDIF)"),
        ("parallels", ("disk.hdd",), "Parallels disk image"),
        ("aff4", ("disk.aff4",), "Advanced Forensic Format 4 (AFF4)"),
        ("unheard", ("disk.x",), "unheard"),
    ],
)
def test_every_container_has_a_name_that_people_know(container: str, names: tuple[str, ...], words: str) -> None:
    assert container_words(source(container, *names)) == words


def test_logical_evidence_under_another_name_is_told_by_what_the_container_says() -> None:
    assert container_words(source("ewf", "x.bin", media_type="logical evidence")) == "EnCase logical evidence"
