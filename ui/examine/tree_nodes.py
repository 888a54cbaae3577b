"""The lines of the two trees: images, volumes and folders; and the views by type, by extension and by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from forensics_app.model.areas import KEEPS_NO_RECORD, has_unallocated
from forensics_app.model.catalogue import CatalogueMissingError
from forensics_app.model.logical import is_members, volume_around
from ui import text
from ui.examine.case_reading import Branch, ImageShown
from ui.examine.places import Place, View
from ui.examine.words import (
    SEPARATOR,
    entry_icon,
    entry_name,
    image_facts,
    is_orphanage,
    tr,
    type_name,
    visible,
    volume_facts,
    volume_icon,
    volume_name,
)
from ui.models.node_tree import Node

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, TypeCount, Volume
    from forensics_app.model.filter_language.vocabulary import Vocabulary
    from forensics_app.model.image import ImageId

METADATA = "metadata"
SIZES, TAGS, SETS = "sizes", "tags", "sets"
SIZE_STEPS = (1, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20, 4 << 30)
"""Where one view by size ends and the next begins, in bytes; the first is of empty entries."""
EXTENSIONS_SHOWN = 500
_FAMILIES = ("image", "video", "audio", "text", "message", "application")


@dataclass(frozen=True, slots=True)
class MoreKey:
    """The line that says how many folders are only in the list."""

    place: Place


@dataclass(frozen=True, slots=True)
class GroupKey:
    """A heading among the views, which lists nothing itself."""

    image_id: ImageId
    name: str


Key: TypeAlias = Place | MoreKey | GroupKey
Branches: TypeAlias = dict[Key, list[Node]]


def image_node(shown: ImageShown) -> Node:
    """An image: its number, size and partition table, or why it cannot be opened."""
    image = shown.image
    icon, colour, state = "disk", "text2", ""
    if not image.may_be_examined:
        icon, colour, state = "verify-broken", "bad", tr("integrity failed")
    elif isinstance(shown.refusal, CatalogueMissingError):
        icon, state = "pending", tr("no catalogue yet")
    elif shown.refusal:
        icon, colour, state = "verify-warning", "warn", tr("catalogue cannot be used")
    facts = image_facts(image, shown.volumes)
    second = SEPARATOR + SEPARATOR.join(part for part in (state, facts) if part)
    return Node(
        key=Place(image_id=image.id),
        words=image.number,
        second=second,
        icon=icon,
        colour=colour,
        opens=shown.content is not None,
    )


def volume_nodes(shown: ImageShown, parent: str | None) -> list[Node]:
    """The volumes directly in another; for None, those of the image, whose whole media is the image itself."""
    whole = next((volume for volume in shown.volumes if volume.parent is None), None)
    if parent is None and whole is not None and whole.file_system is None:
        parent = whole.id
    inner = [volume for volume in shown.volumes if volume.parent == parent and not is_members(volume)]
    nodes = [_volume_node(shown, volume) for volume in inner if volume.kind != METADATA]
    tables = [volume for volume in inner if volume.kind == METADATA]
    if tables:
        words = text.plural(len(tables), tr("1 part"), tr("{n} parts"))
        key = table_key(shown, parent)
        second = SEPARATOR + words
        nodes.append(
            Node(
                key=key, words=tr("Partition table"), second=second, icon="hash", colour="text3", faded=True, opens=True
            )
        )
    return nodes


def table_key(shown: ImageShown, volume_id: str | None) -> GroupKey:
    """The line that holds the parts of a volume's partition table."""
    return GroupKey(shown.image.id, f"table of {volume_id}")


def table_nodes(shown: ImageShown, key: GroupKey) -> list[Node]:
    """The parts of the partition table that a line stands for."""
    tables = (volume for volume in shown.volumes if volume.kind == METADATA)
    return [_volume_node(shown, volume) for volume in tables if table_key(shown, volume.parent) == key]


def _volume_node(shown: ImageShown, volume: Volume) -> Node:
    holds = any(other.parent == volume.id and not is_members(other) for other in shown.volumes)
    icon, colour = volume_icon(volume)
    if icon == "verify-warning" and holds:
        icon, colour = "volume", "text2"
    quiet = volume.kind in ("metadata", "unallocated")
    return Node(
        key=Place(image_id=shown.image.id, volume_id=volume.id),
        words=volume_name(volume),
        second=SEPARATOR + volume_facts(volume, holds),
        icon=icon,
        colour=colour,
        faded=quiet,
        opens=holds or (volume.file_system is not None and not volume.locked),
        tip=f"{volume.id}, {visible(volume.description)}, {text.bytes_text(volume.length_bytes)}",
    )


def unallocated_nodes(shown: ImageShown, volume: Volume) -> list[Node]:
    """The line for what no file of a volume uses, where that is known, or where no record of it is kept."""
    system = volume.file_system
    if not volume.locked and system is not None and system.type in KEEPS_NO_RECORD:
        key = GroupKey(shown.image.id, f"unallocated of {volume.id}")
        second = SEPARATOR + tr("this file system keeps no record of it")
        return [Node(key=key, words=tr("Unallocated space"), second=second, icon="gap", colour="text3", faded=True)]
    if volume.locked or system is None or not has_unallocated(system.type, volume.kind):
        return []
    place = Place(image_id=shown.image.id, volume_id=volume.id, unallocated=True)
    return [Node(key=place, words=tr("Unallocated space"), second="", icon="gap", colour="text3", faded=True)]


def folder_nodes(shown: ImageShown, place: Place, branch: Branch) -> list[Node]:
    """The folders of a branch, and how many are not in the tree."""
    nodes = [_folder_node(shown, folder, folder.id in branch.openable) for folder in branch.folders]
    if branch.left_out:
        words = text.plural(branch.left_out, tr("1 more folder"), tr("{n} more folders"))
        nodes.append(Node(key=MoreKey(place), words=words, second=tr("  ·  see the list"), icon="more", faded=True))
    return nodes


def _folder_node(shown: ImageShown, folder: CatalogueEntry, opens: bool) -> Node:
    second = ""
    if is_orphanage(folder):
        volume = shown.volume(folder.volume_id)
        counts = volume.file_system.counts if volume and volume.file_system else None
        second = SEPARATOR + text.count_text(counts.orphans) if counts else ""
    elif not folder.allocated:
        second = tr(" (deleted)")
    quiet = not folder.allocated or is_orphanage(folder)
    return Node(
        key=Place(image_id=shown.image.id, volume_id=volume_around(folder.volume_id), folder_id=folder.id),
        words=entry_name(folder),
        second=second,
        icon=entry_icon(folder),
        colour="text3" if quiet else "text2",
        faded=quiet,
        opens=opens,
    )


def view_nodes(shown: ImageShown, words: Vocabulary) -> tuple[Node, Branches]:
    """The views of one image: a line for the image, and what stands under each line that opens."""
    image_id, content = shown.image.id, shown.content
    top = GroupKey(image_id, "views")
    line = Node(key=top, words=shown.image.number, second="", icon="disk", opens=content is not None)
    if content is None:
        return line, {}
    files = [count for count in content.types if count.kind != "directory"]
    deleted = sum(count.entries for count in content.types if not count.allocated)
    branches: Branches = {}
    types, extensions, sizes = (GroupKey(image_id, name) for name in ("types", "extensions", SIZES))
    branches[top] = [
        _view(image_id, View(title=tr("Deleted"), deleted=True), deleted, "file-deleted"),
        _view(image_id, View(title=tr("Orphan files"), orphan=True), content.orphans, "folder-deleted"),
        _view(image_id, View(title=tr("Type differs"), mismatch=True), content.mismatches, "verify-warning"),
        Node(key=GroupKey(image_id, TAGS), words=tr("Tagged"), icon="tag", opens=True),
        Node(key=GroupKey(image_id, SETS), words=tr("In hash sets"), icon="hash", opens=True),
        Node(key=types, words=tr("By content"), icon="examine", opens=bool(files)),
        Node(key=extensions, words=tr("By extension"), icon="file", opens=bool(files)),
        Node(key=sizes, words=tr("By size"), icon="disk", opens=bool(files)),
    ]
    branches |= outside_nodes(image_id, words)
    _add_types(branches, image_id, types, content.types)
    _add_extensions(branches, image_id, extensions, content.types)
    return line, branches


def outside_nodes(image_id: ImageId, words: Vocabulary) -> Branches:
    """The views by tag and by kind of hash set, with how many entries each lists."""
    tags = [_view(image_id, View(title=name, tag=name), count, "tag") for name, count in words.tags.items() if count]
    none = Node(key=GroupKey(image_id, "no tags"), words=tr("Nothing bears a tag yet; press T on a file"), faded=True)
    sets = [
        _sets_view(image_id, words, "alert", tr("In alert sets"), "verify-warning"),
        _sets_view(image_id, words, "known", tr("In known sets"), "check"),
    ]
    unknown = Node(key=GroupKey(image_id, "no sets"), words=tr("Not looked up in the hash sets"), faded=True)
    return {
        GroupKey(image_id, TAGS): tags or [none],
        GroupKey(image_id, SETS): sets if words.looked_up else [unknown],
    }


def _sets_view(image_id: ImageId, words: Vocabulary, kind: str, title: str, icon: str) -> Node:
    """Entries may be in several sets, so that their numbers do not add up: what is told is how many sets there are."""
    sets = words.sets.get(kind, {})
    told = text.plural(len(sets), tr("1 set"), tr("{n} sets"))
    key = Place(image_id=image_id, view=View(title=title, in_sets=kind))
    return Node(key=key, words=title, second=SEPARATOR + told, icon=icon, faded=not any(sets.values()))


def _view(image_id: ImageId, view: View, count: int, icon: str, words: str = "", opens: bool = False) -> Node:
    return Node(
        key=Place(image_id=image_id, view=view),
        words=words or view.title,
        second=SEPARATOR + text.count_text(count),
        icon=icon,
        opens=opens,
    )


def _families() -> dict[str, tuple[str, str]]:
    return {
        "image": (tr("Pictures"), "image"),
        "video": (tr("Videos"), "play"),
        "audio": (tr("Sound"), "active"),
        "text": (tr("Text"), "text"),
        "message": (tr("Messages"), "import"),
        "application": (tr("Documents and data"), "file"),
    }


def _add_types(branches: Branches, image_id: ImageId, key: Key, counts: tuple[TypeCount, ...]) -> None:
    by_mime: Counter[str] = Counter()
    for count in counts:
        by_mime[count.mime or ""] += count.entries
    nodes: list[Node] = []
    for family, (words, icon) in _families().items():
        members = {mime: n for mime, n in by_mime.items() if mime.startswith(f"{family}/")}
        if members:
            node = _view(image_id, View(title=words, mime_prefix=f"{family}/"), sum(members.values()), icon, opens=True)
            nodes.append(node)
            branches[Place(image_id=image_id, view=View(title=words, mime_prefix=f"{family}/"))] = [
                _mime_node(image_id, mime, n) for mime, n in sorted(members.items(), key=_most_first)
            ]
    others = {mime: n for mime, n in by_mime.items() if mime.split("/")[0] not in (*_FAMILIES, "")}
    nodes += [_mime_node(image_id, mime, n) for mime, n in sorted(others.items(), key=_most_first)]
    if by_mime[""]:
        nodes.append(_view(image_id, View(title=tr("Content not looked at"), mime=""), by_mime[""], "pending"))
    branches[key] = nodes


def _mime_node(image_id: ImageId, mime: str, count: int) -> Node:
    name = type_name(mime)
    words = name if name == mime else f"{name}, {mime}"
    return _view(image_id, View(title=name, mime=mime), count, "file", words)


def _add_extensions(branches: Branches, image_id: ImageId, key: Key, counts: tuple[TypeCount, ...]) -> None:
    by_extension: Counter[str] = Counter()
    for count in counts:
        by_extension[count.extension] += count.entries
    nodes = []
    for extension, n in by_extension.most_common(EXTENSIONS_SHOWN):
        title = f".{visible(extension)}" if extension else tr("No extension")
        nodes.append(_view(image_id, View(title=title, extension=extension), n, "file"))
    branches[key] = nodes


def size_nodes(image_id: ImageId, counts: Sequence[int]) -> list[Node]:
    """One for each stretch between SIZE_STEPS, of which ``counts`` tells the entries; empty ones are left out."""
    nodes = []
    for low, high, count in zip((None, *SIZE_STEPS), (*SIZE_STEPS, None), counts, strict=True):
        if high is None:
            words = tr("{size} and more").format(size=_binary(low or 0))
        elif low is None:
            words = tr("Empty")
        else:
            words = tr("{low} to less than {high}").format(low=_binary(low), high=_binary(high))
        view = View(title=words, min_size_bytes=low, max_size_bytes=None if high is None else high - 1)
        if count:
            nodes.append(_view(image_id, view, count, "file"))
    return nodes


def _binary(size_bytes: int) -> str:
    """A step in powers of 1,024."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size_bytes >= 1 << power:
            return f"{size_bytes >> power} {unit}"
    return text.bytes_text(size_bytes)


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
