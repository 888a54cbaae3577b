"""Judging a chain. A broken one is an answer here, not an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain as joined
from itertools import islice
from operator import length_hint
from typing import Final, TypeAlias

from chain_of_custody.blocks import Block, Task, Use, link, place_of
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError
from chain_of_custody.keyring import KeyRing
from chain_of_custody.links import START, Before, quick_place, unreadable
from chain_of_custody.verdict import Answer, Finding, Verdict, answer_of, finding, in_order, nothing
from chain_of_custody.workers import judge_all

OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with entries done and entries in all; what it raises ends the work and passes through."""

FEW_ENTRIES: Final = 4096
"""A chain of fewer is judged before processes have paid for their start."""

_BLOCK_ENTRIES: Final = 256


def _silent(_done: int, _total: int) -> None:
    return


def verify(
    entries: Iterable[Entry],
    keyring: KeyRing,
    on_progress: OnProgress = _silent,
    *,
    chain: str | None = None,
    worker: Sequence[str] = (),
) -> Verdict:
    """Judge a whole chain: intact, signed, trusted. Signatures are checked on all cores.

    Args:
        entries: the chain from its first entry, in order; read block by block, so that it may be streamed.
        keyring: the keys of the lab.
        on_progress: called in the caller's thread, several times a second; the total is 0 when `entries` cannot tell
            its length.
        chain: UUID that the chain must have; None takes what its first readable entry states.
        worker: command that starts a process to judge parts of a long chain, such as `workers.worker_command()`;
            without it threads judge, which takes longer. The verdict is the same.
    """
    judge = _Judge(keyring)
    total, source = length_hint(entries), iter(entries)
    first = [*islice(source, FEW_ENTRIES)] if worker else []
    command = worker if len(first) == FEW_ENTRIES else ()
    blocks = judge_all(
        _tasks(joined(first, source), chain),
        keyring.public_keys,
        command,
        on_tick=lambda: on_progress(judge.entry_count, total),
    )
    with closing(blocks):
        for task, block in blocks:
            judge.chain = judge.chain or task.chain
            judge.take(block)
            on_progress(judge.entry_count, total)
    return judge.verdict(chain)


def verify_links(entries: Iterable[Entry], *, chain: str | None = None) -> Verdict:
    """Judge the links alone: numbering, predecessors, one chain. Signatures and trust stay unknown.

    Of each body only its place in the chain is read, which makes it fast; `verify` reads the whole of it.

    Args:
        entries: the chain from its first entry, in order.
        chain: UUID that the chain must have; None takes what its first readable entry states.
    """
    findings: list[Finding] = []
    notices: list[Finding] = []
    before, known, count = START, None, 0
    for index, entry in enumerate(entries):
        count += 1
        try:
            place = quick_place(entry.body)
        except BodyError as error:
            findings.append(unreadable(index, error))
            before = Before(entry.digest.hex(), None)
            continue
        known = known or (chain or place.chain, place.chain_kind)
        link(index, place, before, known, findings, notices)
        before = Before(entry.digest.hex(), place)
    if not count:
        return nothing(chain)
    return Verdict(
        chain=known[0] if known else chain,
        intact=answer_of("intact", findings),
        signed=Answer.UNKNOWN,
        trusted=Answer.UNKNOWN,
        entry_count=count,
        signature_count=0,
        head=bytes.fromhex(before.digest),
        findings=tuple(findings),
        notices=tuple(notices),
    )


def _tasks(entries: Iterable[Entry], chain: str | None) -> Iterator[Task]:
    source = iter(entries)
    first_index, predecessor, known = 0, None, None
    while block := list(islice(source, _BLOCK_ENTRIES)):
        known = known or _chain_of(block, chain)
        yield Task(first_index, predecessor, block, known)
        first_index += len(block)
        predecessor = block[-1]


def _chain_of(block: list[Entry], chain: str | None) -> tuple[str, str] | None:
    for entry in block:
        place = place_of(entry)
        if place is not None:
            return chain or place.chain, place.chain_kind
    return None


class _Judge:
    """Joins the blocks, in order, and judges trust, which depends on what came before."""

    def __init__(self, keyring: KeyRing) -> None:
        self.chain: tuple[str, str] | None = None
        self.entry_count = 0
        self._keyring = keyring
        self._findings: list[Finding] = []
        self._notices: list[Finding] = []
        self._signature_count = 0
        self._head: bytes | None = None
        self._latest = ""

    def take(self, block: Block) -> None:
        self.entry_count += block.entry_count
        self._signature_count += block.signature_count
        self._head = block.head
        self._findings += block.findings
        self._notices += block.notices
        is_lab = self.chain is not None and self.chain[0] == self._keyring.lab_chain
        for use in block.uses:
            self._latest = max(self._latest, use.recorded_at)
            self._judge_trust(use, is_lab=is_lab)

    def _judge_trust(self, use: Use, *, is_lab: bool) -> None:
        for slot in use.signers:
            state, why = self._keyring.trust(
                slot.key, slot.person, position=use.entry_index + 1 if is_lab else None, at=self._latest
            )
            if state is not Answer.YES:
                what = f"{slot.name} ({slot.role}) under entry {use.sequence}: {why}."
                self._findings.append(finding(use.entry_index, use.sequence, "trusted", state, what))
        if is_lab and use.entry_index in self._keyring.objections:
            what = f"Entry {use.sequence} has no effect on keys: {self._keyring.objections[use.entry_index]}."
            self._findings.append(finding(use.entry_index, use.sequence, "trusted", Answer.NO, what))

    def verdict(self, chain: str | None) -> Verdict:
        if not self.entry_count:
            return nothing(chain)
        return Verdict(
            chain=self.chain[0] if self.chain else chain,
            intact=answer_of("intact", self._findings),
            signed=answer_of("signed", self._findings),
            trusted=answer_of("trusted", self._findings),
            entry_count=self.entry_count,
            signature_count=self._signature_count,
            head=self._head,
            findings=in_order(self._findings),
            notices=tuple(self._notices),
        )
