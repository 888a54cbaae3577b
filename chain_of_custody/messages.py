"""What a judge and its worker processes say to each other: frames of plain values, nothing that could run.

Both ends are the same program under the same Python, so the frames are written by `marshal`, which knows numbers,
texts, bytes, and tuples and lists of these. The first frame to a worker holds the keys, each other one a run of
entries; each answer says what was found in one run.
"""

from __future__ import annotations

import marshal
import struct
from collections import Counter
from collections.abc import Mapping
from operator import index as as_int
from typing import IO, Any, Final, get_args

from chain_of_custody.blocks import Block, Task, Use
from chain_of_custody.entry import Entry
from chain_of_custody.frame import Slot
from chain_of_custody.signing import PublicKey
from chain_of_custody.verdict import Answer, Finding, Question, finding

_LENGTH: Final = struct.Struct(">Q")
_MAX_FRAME_BYTES: Final = 2**31 - 1


def write_frame(stream: IO[bytes], frame: bytes) -> None:
    """Write one frame.

    Raises:
        OSError: nobody reads it any more.
        ValueError: it is too long.
    """
    if len(frame) > _MAX_FRAME_BYTES:
        raise ValueError("the frame is too long")
    stream.write(_LENGTH.pack(len(frame)))
    stream.write(frame)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Read one frame; None where the stream ends between two.

    Raises:
        OSError: the stream cannot be read.
        ValueError: it ends inside a frame.
    """
    head = stream.read(_LENGTH.size)
    if not head:
        return None
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else _MAX_FRAME_BYTES + 1
    frame = stream.read(size) if size <= _MAX_FRAME_BYTES else b""
    if len(frame) != size:
        raise ValueError("the stream holds no whole frame")
    return frame


def from_keys(public_keys: Mapping[str, PublicKey]) -> bytes:
    """Return the frame of the keys of a lab, by key id."""
    return marshal.dumps([(key, public_key.raw) for key, public_key in public_keys.items()])


def to_keys(frame: bytes) -> dict[str, PublicKey]:
    """Return the keys in a frame, by key id."""
    return {key: PublicKey(raw) for key, raw in marshal.loads(frame)}


def from_task(task: Task) -> bytes:
    """Return the frame of a run of entries and the entry before it."""
    before = None if task.predecessor is None else _parts(task.predecessor)
    return marshal.dumps((task.first_index, before, [*map(_parts, task.entries)], task.chain))


def to_task(frame: bytes) -> Task:
    """Return the run of entries in a frame."""
    first_index, before, entries, chain = marshal.loads(frame)
    return Task(first_index, None if before is None else Entry(*before), [Entry(*one) for one in entries], chain)


def from_block(task: Task, block: Block) -> bytes:
    """Return the frame of what was found in a run of entries. Signers are named once; most entries have the same."""
    signers: dict[tuple[Slot, ...], int] = {}
    uses = [(*one[:3], signers.setdefault(one.signers, len(signers))) for one in block.uses]
    return marshal.dumps(
        (
            (task.first_index, block.entry_count, block.head),
            block.signature_count,
            [*map(_plain, block.findings)],
            [*map(_plain, block.notices)],
            uses,
            [[tuple(slot) for slot in slots] for slots in signers],
        )
    )


def to_block(task: Task, frame: bytes) -> Block:
    """Return what a worker found in a run of entries.

    Raises:
        ValueError: it is no answer about these entries, or does not tell of each of them once.
    """
    try:
        about, signature_count, findings, notices, uses, signers = marshal.loads(frame)
        slots = [tuple(Slot(*map(_text, slot)) for slot in of_one) for of_one in signers]
        block = Block(
            findings=[*map(_finding, findings)],
            notices=[*map(_finding, notices)],
            uses=[Use(as_int(at), as_int(no), _text(when), slots[_place(signer)]) for at, no, when, signer in uses],
            entry_count=len(task.entries),
            signature_count=as_int(signature_count),
            head=task.entries[-1].digest,
        )
    except (EOFError, IndexError, TypeError, ValueError) as error:
        raise ValueError("it is no answer") from error
    if about != (task.first_index, block.entry_count, block.head):
        raise ValueError("it is an answer about other entries")
    if not _tells_of_each_once(task, block):
        raise ValueError("it is an answer that does not hold together")
    return block


def _parts(entry: Entry) -> tuple[bytes, tuple[bytes, ...], bytes | None]:
    return entry.body, entry.signatures, entry.withheld


def _tells_of_each_once(task: Task, block: Block) -> bool:
    """Whether each entry was used or is unreadable, in order, and each signature fits or has a finding."""
    unreadable = [one.entry_index for one in block.findings if one.sequence is None and one.answer == "intact"]
    used = [use.entry_index for use in block.uses]
    withheld = [index for index, one in enumerate(task.entries, task.first_index) if one.withheld is not None]
    every = range(task.first_index, task.first_index + len(task.entries))
    if used != sorted(used) or sorted([*used, *unreadable, *withheld]) != [*every]:
        return False
    if any(one.entry_index not in every for one in (*block.findings, *block.notices)):
        return False
    wrong = Counter(one.entry_index for one in block.findings if one.answer == "signed")
    if any(wrong[index] != 1 for index in unreadable):
        return False
    fitting = 0
    for use in block.uses:
        asked, there = len(use.signers), len(task.entries[use.entry_index - task.first_index].signatures)
        if wrong[use.entry_index] > asked or (asked != there and wrong[use.entry_index] != 1):
            return False
        fitting += asked - wrong[use.entry_index] if asked == there else 0
    return fitting == block.signature_count


def _place(number: Any) -> int:
    """A place in a list; none is counted from its end."""
    place = as_int(number)
    if place < 0:
        raise IndexError(place)
    return place


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(value)
    return value


def _plain(one: Finding) -> tuple[int, int | None, str, str, str]:
    return one.entry_index, one.sequence, str(one.answer), one.state.value, one.what


def _finding(plain: tuple[Any, ...]) -> Finding:
    index, sequence, question, state, what = plain
    if question not in get_args(Question):
        raise ValueError(question)
    number = None if sequence is None else as_int(sequence)
    return finding(as_int(index), number, question, Answer(state), _text(what))
