"""What is found out about a chain: three answers, never folded into one, and every place that fails."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

Question: TypeAlias = Literal["intact", "signed", "trusted"]

_ORDER: dict[Question, int] = {"intact": 0, "signed": 1, "trusted": 2}


class Answer(StrEnum):
    """An answer to one question. UNKNOWN means that it could not be found out, and is not a yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place that fails, or that could not be checked.

    Attributes:
        entry_index: place in the list that was given, from 0; the number of entries for what concerns their end.
        sequence: the sequence number that the entry itself states; None when it cannot be read.
        answer: the question that it concerns.
        state: NO when it fails, UNKNOWN when it could not be checked; YES in a notice, which is no failure.
        what: a sentence.
    """

    entry_index: int
    sequence: int | None
    answer: Question
    state: Answer
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one chain.

    Attributes:
        chain: UUID of the chain; None when no entry could be read.
        intact: every body has the form of the format, and the links, the numbering and the chain hold from the first
            entry to the last one given. It cannot show that entries after the last one were cut off: compare `head`.
        signed: every signature that a body asks for is there and fits.
        trusted: every key belonged to the person named when it was used, by an enrolment that leads back to the root.
        signature_count: signatures that were checked and fit.
        head: digest of the last entry, 32 bytes.
        findings: in the order of the entries.
        notices: what is worth knowing but is no failure, such as a clock that went back.
    """

    chain: str | None
    intact: Answer
    signed: Answer
    trusted: Answer
    entry_count: int
    signature_count: int
    head: bytes | None
    findings: tuple[Finding, ...]
    notices: tuple[Finding, ...] = ()

    @property
    def first_bad(self) -> Finding | None:
        """The first finding, or None when all three answers are yes."""
        return self.findings[0] if self.findings else None


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by entry, and within an entry by intact, signed, trusted."""
    return tuple(sorted(findings, key=lambda one: (one.entry_index, _ORDER[one.answer])))


def answer_of(question: Question, findings: Iterable[Finding]) -> Answer:
    """Fold the findings about one question: a NO outweighs an UNKNOWN, and without either it is YES."""
    states = {one.state for one in findings if one.answer == question}
    if Answer.NO in states:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in states else Answer.YES


def finding(index: int, sequence: int | None, question: Question, state: Answer, what: str) -> Finding:
    """Return a finding about the entry at a place, from 0."""
    return Finding(entry_index=index, sequence=sequence, answer=question, state=state, what=what)


def nothing(chain: str | None) -> Verdict:
    """Return the verdict on a chain without entries: nothing is known."""
    what = "The chain holds no entry, so there is nothing to check."
    questions: tuple[Question, ...] = ("intact", "signed", "trusted")
    return Verdict(
        chain=chain,
        intact=Answer.UNKNOWN,
        signed=Answer.UNKNOWN,
        trusted=Answer.UNKNOWN,
        entry_count=0,
        signature_count=0,
        head=None,
        findings=tuple(finding(0, None, question, Answer.UNKNOWN, what) for question in questions),
    )
