"""The XFS that several modules list, damage and look for free space in."""

from pathlib import Path

import pytest

from tests.evidence.filesystems.xfs_images import made


@pytest.fixture(scope="session")
def newer(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """XFS of version 5 with every form of directory and file, made once; a module may put another in its place."""
    return made(tmp_path_factory.mktemp("xfs")).read_bytes()


@pytest.fixture
def image(newer: bytes, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    path = tmp_path / "xfs.img"
    path.write_bytes(newer)
    return path
