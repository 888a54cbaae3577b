"""Judging a run of entries without looking at the rest of the chain, so that several runs can be judged at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from chain_of_custody.entry import Entry, message_of
from chain_of_custody.errors import BodyError
from chain_of_custody.frame import Place, Slot, read_frame, read_frames
from chain_of_custody.links import (
    START,
    Before,
    breaks,
    clock_notice,
    follows,
    unreadable,
    withheld_notice,
    withheld_place,
)
from chain_of_custody.signing import PublicKey
from chain_of_custody.verdict import Answer, Finding, finding

READ_TOGETHER: Final = 8
"""Bodies that are read before their signatures are checked. Reading more at once is a little faster, but keeps other
threads from Python, while checking does not: other cores shall not finish a signature meanwhile and wait."""


class Task(NamedTuple):
    """A run of entries to be judged, and the entry before it. `chain` is id and kind, None when not one can be read."""

    first_index: int
    predecessor: Entry | None
    entries: list[Entry]
    chain: tuple[str, str] | None


class Use(NamedTuple):
    """An entry and who signed it, as far as its own body says."""

    entry_index: int
    sequence: int
    recorded_at: str
    signers: tuple[Slot, ...]


@dataclass(slots=True)
class Block:
    """What is known of a run of entries without looking at the others."""

    findings: list[Finding]
    notices: list[Finding]
    uses: list[Use]
    entry_count: int
    signature_count: int = 0
    head: bytes = b""


def place_of(entry: Entry) -> Place | None:
    """Return the place that a body states, after reading all of it; None when it is not a body."""
    try:
        return read_frame(entry.body).place
    except BodyError:
        return None


def link(
    index: int,
    place: Place,
    before: Before,
    chain: tuple[str, str],
    findings: list[Finding],
    notices: list[Finding],
) -> None:
    """Add what is wrong, and what is worth knowing, about the place of an entry after another."""
    if not follows(index, place, before, chain):
        findings.extend(breaks(index, place, before, chain))
    if before.place is not None and place.recorded_at < before.place.recorded_at:
        notices.append(clock_notice(index, place, before.place))


def judge_block(task: Task, public_keys: Mapping[str, PublicKey], read_together: int = READ_TOGETHER) -> Block:
    """Check form, links and signatures of a run of entries; trust is left to whoever joins the runs.

    Args:
        task: the run.
        public_keys: by key id.
        read_together: how many bodies are read before their signatures are checked; the judgement is the same.
    """
    block = Block([], [], [], len(task.entries))
    before = _before(task)
    for start in range(0, len(task.entries), read_together):
        signed: list[tuple[Entry, Use]] = []
        entries = task.entries[start : start + read_together]
        frames = read_frames([entry.body for entry in entries])
        for index, (entry, frame) in enumerate(zip(entries, frames, strict=True), task.first_index + start):
            digest = entry.digest.hex()
            if entry.withheld is not None:
                block.notices.append(withheld_notice(index))
                before = Before(digest, withheld_place(index, before, task.chain))
                continue
            if isinstance(frame, BodyError):
                block.findings.extend(_all_questions(index, frame))
                before = Before(digest, None)
                continue
            place, signers = frame
            chain = task.chain or (place.chain, place.chain_kind)
            link(index, place, before, chain, block.findings, block.notices)
            signed.append((entry, Use(index, place.sequence, place.recorded_at, signers)))
            before = Before(digest, place)
        for entry, use in signed:
            fitting, wrong = _signatures(entry, use, public_keys)
            block.signature_count += fitting
            block.findings += wrong
            block.uses.append(use)
    block.head = bytes.fromhex(before.digest)
    return block


def _before(task: Task) -> Before:
    entry = task.predecessor
    if entry is None:
        return START
    if entry.withheld is not None:
        return Before(entry.digest.hex(), withheld_place(task.first_index - 1, START, task.chain))
    return Before(entry.digest.hex(), place_of(entry))


def _all_questions(index: int, error: BodyError) -> Iterator[Finding]:
    yield unreadable(index, error)
    yield finding(index, None, "signed", Answer.UNKNOWN, f"Who signed the entry at place {index + 1} cannot be read.")
    yield finding(
        index, None, "trusted", Answer.UNKNOWN, f"Whose keys the entry at place {index + 1} used cannot be read."
    )


def _signatures(entry: Entry, use: Use, public_keys: Mapping[str, PublicKey]) -> tuple[int, list[Finding]]:
    """Return how many signatures fit, and a finding for each that does not or cannot be checked."""
    index, sequence, signers = use.entry_index, use.sequence, use.signers
    if len(signers) != len(entry.signatures):
        what = f"Entry {sequence} asks for {len(signers)} signatures and has {len(entry.signatures)}."
        return 0, [finding(index, sequence, "signed", Answer.NO, what)]
    message = message_of(entry.body)
    wrong: list[Finding] = []
    for slot, signature in zip(signers, entry.signatures, strict=True):
        public_key = public_keys.get(slot.key)
        if public_key is None:
            what = f"cannot be checked: the key {slot.key[:16]}... is not in the lab chain"
            wrong.append(_about_signature(index, sequence, slot, Answer.UNKNOWN, what))
        elif not public_key.fits(message, signature):
            what = "does not fit: the entry was changed, or another key signed it"
            wrong.append(_about_signature(index, sequence, slot, Answer.NO, what))
    return len(signers) - len(wrong), wrong


def _about_signature(index: int, sequence: int, slot: Slot, state: Answer, what: str) -> Finding:
    words = f"The signature of {slot.name} ({slot.role}) under entry {sequence} {what}."
    return finding(index, sequence, "signed", state, words)
