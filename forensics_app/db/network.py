"""Whether a path lies on a network share, where SQLite's locks cannot be relied on."""

from __future__ import annotations

import sys
from pathlib import Path

NETWORK_KINDS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "fuse.sshfs", "webdav", "davfs"}
)
DRIVE_REMOTE = 4

if sys.platform == "win32":
    import ctypes

    def is_network_path(path: Path) -> bool:
        """Whether ``path`` is on a mapped or named share."""
        anchor = path.resolve().anchor
        return anchor.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(anchor) == DRIVE_REMOTE
else:

    def is_network_path(path: Path) -> bool:
        """Whether the mount that holds ``path`` is of a network file system; False where mounts cannot be listed."""
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            return False
        return kind_of_mount(path.resolve(), mounts) in NETWORK_KINDS


def kind_of_mount(path: Path, mounts: list[str]) -> str:
    """The file system type of the innermost mount above ``path``.

    Args:
        path: Absolute and without links.
        mounts: Lines of ``/proc/self/mounts`` (proc(5)): device, mount point with octal escapes, type ...
    """
    best, kind = -1, ""
    for line in mounts:
        _, point, found, *_ = line.split(" ")
        place = Path(point.encode().decode("unicode_escape"))
        if path.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), found
    return kind
