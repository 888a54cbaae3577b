"""The folders that the paths of an archive's members describe; only some of them are members themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.filesystems.listing import Node
from evidence.images.base import Problem

FOLDERS_MAX = 1_000_000
DEPTH_MAX = 512
NOT_LISTED = "members that are not listed"
"""``Problem.about`` of a member that has no place among them."""
SAME_PATH = "members with the same path"
"""``Problem.about`` of a member whose path another one has."""


class TooManyFoldersError(OSError):
    """The paths describe more folders, or deeper ones, than are followed."""


@dataclass(slots=True)
class Folder:
    """A folder.

    Attributes:
        members: Numbers of the members in it, in their order.
        folders: Those in it, by the bytes of their name.
        own: Number of the member that describes it; None where none does.
    """

    members: list[int] = field(default_factory=list)
    folders: dict[bytes, int] = field(default_factory=dict)
    own: int | None = None


class Folders:
    """All folders; number 0 is the root."""

    def __init__(self) -> None:
        """Start with the root."""
        self.all = [Folder()]

    def add(self, path: tuple[bytes, ...], member: int, *, is_folder: bool) -> int | None:
        """Put a member where its path says.

        Returns:
            The number of the member that has been the same folder before; None where there is none.

        Raises:
            TooManyFoldersError: It cannot be put there.
        """
        if is_folder:
            folder = self.all[self.find(path)]
            before, folder.own = folder.own, member
            return before
        self.all[self.find(path[:-1])].members.append(member)
        return None

    def find(self, path: tuple[bytes, ...]) -> int:
        """The number of a folder, which is made where it is not yet known; raises TooManyFoldersError."""
        if len(path) > DEPTH_MAX:
            raise TooManyFoldersError(f"its path has {len(path)} levels")
        at = 0
        for name in path:
            inner = self.all[at].folders.get(name)
            if inner is None:
                if len(self.all) >= FOLDERS_MAX:
                    raise TooManyFoldersError(f"the archive has more than {FOLDERS_MAX} folders")
                inner = self.all[at].folders[name] = len(self.all)
                self.all.append(Folder())
            at = inner
        return at


def components(path: bytes) -> tuple[tuple[bytes, ...], str | None]:
    """The parts of a path, and what is to be known about it: it may begin at a root, or lead out of the archive."""
    parts = tuple(part for part in path.split(b"/") if part not in (b"", b"."))
    told = []
    if path.startswith(b"/"):
        told.append("its path begins at the root of a system")
    if b".." in parts:
        told.append("its path leads out of the folder it is unpacked to")
    return parts, "; ".join(told) or None


def own_name(archive: str, ending: str) -> bytes:
    """What a member without a name is listed as, and unpacked to by 7-Zip: the name of its archive without the ending.

    Args:
        archive: The archive's name; empty where it has none.
        ending: What its kind is named by, with the dot.
    """
    stem, dot = archive[: -len(ending)], archive.lower().endswith(ending)
    return (stem if dot and stem else f"{archive or 'content'}~").replace("/", "_").encode("utf-8", "surrogatepass")


def named(path: bytes, own: bytes) -> tuple[tuple[bytes, ...], str | None]:
    """As :func:`components`, with the own name of the archive for a path that names nothing, and that told."""
    parts, told = components(path)
    if parts:
        return parts, told
    how = f"its name in the archive is {path[:80]!r}" if path else "it has no name in the archive"
    return (own,), f"{how}: it is listed by the name of the archive"


def undescribed(number: int, name: str, name_bytes: bytes | None) -> Node:
    """A folder that no member describes, as it is listed."""
    address, note = f"d{number}", "no member describes this folder; it is in the paths of others"
    return Node(name=name, name_bytes=name_bytes, kind="directory", address=address, enter=address, note=note)


def same_path(taken: dict[bytes, bool], name: bytes, said: str, offset_bytes: int | None) -> Iterator[Problem]:
    """That a member has the path of a folder, or of another member; its name is taken from then on.

    Args:
        taken: The names in its folder so far, and whether each is a folder's.
        name: Its name.
        said: The name as it is shown.
        offset_bytes: Where in the archive it is told of; None where that is not known.
    """
    if name in taken:
        what = f"The member {said} has the same path as {'a folder' if taken[name] else 'another member'}."
        yield Problem(what=what, where="", offset_bytes=offset_bytes, about=SAME_PATH)
    taken.setdefault(name, False)
