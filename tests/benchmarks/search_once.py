"""One search in processes of its own: ``search_once.py IMAGE TERMS media|files plain|wide``.

``media`` looks through the bytes of the image as ``grep`` does, ``files`` lists the file system and looks through every
content and what no file uses; ``plain`` looks for the terms as they stand in UTF-8, ``wide`` in any case and in all the
usual encodings. Written is how often each term was found.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from evidence.examination import examine_isolated
from evidence.filesystems.base import FILE_COLUMNS
from evidence.isolation import Child
from evidence.search.characters import USUAL_ENCODINGS
from evidence.search.finder import Wanted
from evidence.search.searching import Piece, Unit, search_isolated
from evidence.volumes.base import Volume

PART_BYTES = 32 * 1024 * 1024
_AT_ONCE = 400
_KIND, _ADDRESS, _SIZE = (FILE_COLUMNS.index(name) for name in ("kind", "address", "size_bytes"))


def pieces_of_space(volume_id: str, address: str, kind: str, size: int) -> Iterator[tuple[Piece, int]]:
    """Bytes that are no file's, in parts."""
    for begin in range(0, size, PART_BYTES):
        length = min(PART_BYTES, size - begin)
        yield (0, volume_id, address, kind, begin, begin + length, "", 0), length


def pieces_of_files(image: Path) -> tuple[Volume, list[tuple[Piece, int]]]:
    """The only volume of an image and every content in it."""
    found, last = list[tuple[Piece, int]](), None
    for item in examine_isolated((image,), hash_files=False):
        if isinstance(item, Volume):
            last = item
        elif isinstance(item, tuple):
            for row in item:
                if row[_KIND] == "file" and row[_SIZE]:
                    found.append(((0, row[1], row[_ADDRESS], "file", 0, -1, "", 0), row[_SIZE]))
    assert last is not None
    return last, found


def units_of(pieces: list[tuple[Piece, int]]) -> Iterator[Unit]:
    """Pieces as units of work."""
    held, size, number = list[Piece](), 0, 0
    for piece, length in pieces:
        if held and (size + length > PART_BYTES or len(held) >= _AT_ONCE):
            yield Unit(number=number, pieces=tuple(held), size_bytes=size)
            held, size, number = [], 0, number + 1
        held.append((len(held), *piece[1:]))
        size += length
    yield Unit(number=number, pieces=tuple(held), size_bytes=size)


def main() -> int:
    """Search, and tell how often each term was found."""
    image, terms = Path(sys.argv[1]), tuple(Path(sys.argv[2]).read_text(encoding="utf-8").split())
    is_wide = sys.argv[4] == "wide"
    wanted = Wanted(terms=terms, encodings=USUAL_ENCODINGS if is_wide else ("utf-8",), any_case=is_wide)
    size = image.stat().st_size
    if sys.argv[3] == "files":
        volume, pieces = pieces_of_files(image)
        with Child() as child:
            child.call("open", {"paths": (image,), "image": "free"})
            asked = {
                "image": "free",
                "volumes": (volume,),
                "address": "unallocated",
                "offset_bytes": 0,
                "size_bytes": 0,
            }
            free_bytes = child.call("stretches", asked)[0]
        pieces += pieces_of_space(volume.id, "unallocated", "unallocated", free_bytes)
    else:
        volume = Volume(id="v0", parent=None, kind="whole", start_bytes=0, length_bytes=size, description="media")
        pieces = list(pieces_of_space("v0", "", "volume", size))
    counts: Counter[int] = Counter()
    for found in search_isolated({"paths": (image,)}, wanted, {volume.id: (volume,)}, {volume.id: 0}, units_of(pieces)):
        for item in found.items:
            if item[0] == "hits":
                counts.update(hit[2] for hit in item[3])
    sys.stdout.writelines(f"{terms[term]} {counts[term]}\n" for term in sorted(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
