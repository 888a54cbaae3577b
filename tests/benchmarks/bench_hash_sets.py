"""Hash sets: 100,000 look-ups in a set of 10,000,000, and its import, against hfind of The Sleuth Kit.

``FORENSICS_BENCH_DIGESTS`` is the number of digests (10,000,000), ``FORENSICS_BENCH_ROUNDS`` the number of rounds (3).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.measure import Comparison, compare, machine, not_measured, peers

_ONCE = str(Path(__file__).with_name("hash_set_once.py"))
_ASKED = 100_000
_AT_ONCE = 100_000
_WIDTH = 16


def make_lists(folder: Path, count: int) -> tuple[Path, Path]:
    """A list as md5sum writes it, and the digests to ask for: one half of them is in it."""
    source, listed, asked = random.Random(8), folder / "list.md5", folder / "asked"
    step, wanted = max(1, 2 * count // _ASKED), list[str]()
    with listed.open("w", encoding="ascii") as out:
        for at in range(0, count, _AT_ONCE):
            text = source.randbytes(_WIDTH * min(_AT_ONCE, count - at)).hex()
            digests = [text[start : start + 2 * _WIDTH] for start in range(0, len(text), 2 * _WIDTH)]
            out.writelines(f"{digest}  file{number}.bin\n" for number, digest in enumerate(digests, at))
            wanted += digests[::step]
    wanted += [source.randbytes(_WIDTH).hex() for _ in range(_ASKED - len(wanted))]
    source.shuffle(wanted)
    asked.write_text("".join(f"{digest}\n" for digest in wanted), encoding="ascii")
    return listed, asked


def run(folder: Path, count: int, rounds: int) -> list[Comparison]:
    """Measure both; the import first, which makes what is asked."""
    listed, asked = make_lists(folder, count)
    index = f"rm -f '{listed}'-md5.idx*; hfind -i md5sum '{listed}'"
    found = compare(
        "import / hfind -i", [sys.executable, _ONCE, "import", str(listed), str(folder / "set")], ["sh", "-c", index],
        rounds, limit=0.60, needs="hfind",
    )  # fmt: skip
    if not found:
        not_measured("look-up / hfind -f", "hfind is not installed")
        return []
    _agree(folder, listed, asked)
    stored = str(folder / "set" / "md5.hashes")
    theirs = ["hfind", "-f", str(asked), str(listed)]
    ours = [sys.executable, _ONCE, "find", stored, str(asked)]
    found += compare(f"look-up of {_ASKED:,} / hfind -f", ours, theirs, rounds, limit=1.0)
    name = f"look-up of {_ASKED:,}, set verified first / hfind -f"
    return found + compare(name, [*ours, "--whole"], theirs, rounds, limit=1.0)


def _agree(folder: Path, listed: Path, asked: Path) -> None:
    """Both find the same, or nothing was measured."""
    ours = [sys.executable, _ONCE, "find", str(folder / "set" / "md5.hashes"), str(asked)]
    told = [
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
        for command in (ours, ["hfind", "-f", str(asked), str(listed)])
    ]
    if ["Not Found" in line for line in told[0]] != ["Not Found" in line for line in told[1]]:
        raise RuntimeError("hfind finds something else")


def main() -> int:
    """Print the rows; 1 if a limit was missed."""
    count = int(os.environ.get("FORENSICS_BENCH_DIGESTS", "10000000"))
    rounds = int(os.environ.get("FORENSICS_BENCH_ROUNDS", "3"))
    print(f"a set of {count:,} MD5 digests on {machine()}", flush=True)
    print(peers("hfind"), flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-hash-sets-") as folder:
        return int(not all(result.reached for result in run(Path(folder), count, rounds)))


if __name__ == "__main__":
    sys.exit(main())
