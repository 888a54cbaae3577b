"""Hash one image in one process, as a benchmark runs it: ``hash_once.py IMAGE ALGORITHMS [--plain]``.

``--plain`` reads the file into one reused buffer and hashes it in one thread with hashlib: the limit to hold against.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from evidence.digest import hash_media
from evidence.images import open_image


def hash_plain(path: Path, algorithms: list[str]) -> dict[str, bytes]:
    """Hash a file in one thread."""
    states = [hashlib.new(name) for name in algorithms]
    buffer = memoryview(bytearray(1 << 20))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            for state in states:
                state.update(buffer[:count])
    return {name: state.digest() for name, state in zip(algorithms, states, strict=True)}


def main() -> int:
    """Print the digests."""
    path, algorithms = Path(sys.argv[1]), sys.argv[2].split(",")
    if "--plain" in sys.argv:
        digests = dict(hash_plain(path, algorithms))
    else:
        image = open_image([path])
        digests = dict(hash_media(image, algorithms=algorithms).digests)
        image.close()
    for name, digest in digests.items():
        print(name, digest.hex())
    return 0


if __name__ == "__main__":
    sys.exit(main())
