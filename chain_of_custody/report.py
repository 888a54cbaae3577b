"""The judgement of a whole ledger file, and its wording for people who are no technicians."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from chain_of_custody.anchors import Anchor, anchors_in, held_against
from chain_of_custody.anchors import as_json as anchor_json
from chain_of_custody.body import utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError
from chain_of_custody.file import ChainPart
from chain_of_custody.keyring import KeyRing
from chain_of_custody.rule_sets import Begun, begun_in
from chain_of_custody.rules import Breach, breaches
from chain_of_custody.time_stamps import Stamp, Stamped, stamps_in
from chain_of_custody.time_stamps import as_json as stamp_json
from chain_of_custody.verdict import Answer, Finding, Question, Verdict, finding, in_order
from chain_of_custody.verification import OnProgress, verify

REPORT_FORMAT: Final = "forensics-ledger-report/1"

_SHOWN_FINDINGS: Final = 20
_ALL_YES: Final[Mapping[Question, Answer]] = {"intact": Answer.YES, "signed": Answer.YES, "trusted": Answer.YES}
_UNJUDGED: Final[Mapping[Question, Answer]] = {"signed": Answer.UNKNOWN, "trusted": Answer.UNKNOWN}
_WORDS: Final = {Answer.YES: "yes", Answer.NO: "NO", Answer.UNKNOWN: "not known"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """A chain of a file and its verdict, in which the header's announcement and the anchors were taken into account.

    Attributes:
        breaches: acts of custody that were not allowed.
        anchored: of a case chain: the anchor that reaches furthest of those that the chain bears out.
        stamp: of the lab chain: the time stamp that reaches furthest; of a case chain: the earliest one that covers the
            anchor.
    """

    part: ChainPart
    verdict: Verdict
    breaches: tuple[Breach, ...]
    anchored: Anchor | None = None
    stamp: Stamp | None = None

    @property
    def withheld(self) -> tuple[int, ...]:
        """Numbers of the entries of which the file holds nothing but their digests."""
        return tuple(number for number, one in enumerate(self.part.entries, 1) if one.withheld is not None)

    @property
    def allowed(self) -> Answer:
        """Whether every act of custody was allowed; not known where nothing is known of some entries."""
        if self.breaches:
            return Answer.NO
        return Answer.UNKNOWN if self.withheld else Answer.YES

    @property
    def reached(self) -> int:
        """Number of the last entry that is anchored; 0 when none is."""
        if self.part.kind == "lab":
            return self.stamp.sequence if self.stamp else 0
        return self.anchored.sequence if self.anchored else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """The judgement of a ledger file.

    Attributes:
        root: fingerprint of the root key of the lab; None when there is none.
        root_expected: the fingerprint that was given to compare with.
        stamped: the time stamps of the lab chain.
    """

    root: str | None
    root_expected: str | None
    stamped: Stamped
    chains: tuple[ChainReport, ...]

    @property
    def withheld_count(self) -> int:
        """Entries of which the file holds nothing but their digests."""
        return sum(len(chain.withheld) for chain in self.chains)

    @property
    def is_good_as_far_as_it_stands(self) -> bool:
        """Whether nothing is found of the entries that stand in the file, whatever is withheld."""
        return all(chain.verdict.first_bad is None and not chain.breaches for chain in self.chains)

    @property
    def all_yes(self) -> bool:
        """Whether every chain is intact, signed and trusted, and every act of custody was allowed."""
        return self.is_good_as_far_as_it_stands and not self.withheld_count


def judge(
    parts: Sequence[ChainPart], *, root: str | None, on_progress: OnProgress, worker: Sequence[str] = ()
) -> FileReport:
    """Judge every chain of a file.

    Args:
        parts: as `file.read_lines` returns them.
        root: the fingerprint that the root key must have; None accepts the one found.
        on_progress: counts the entries of all chains together.
        worker: see `verification.verify`.
    """
    has_lab = parts[0].kind == "lab"
    keyring = KeyRing.from_lab(
        parts[0].entries if has_lab else (), root=root, chain=parts[0].chain if has_lab else None
    )
    total = sum(len(part.entries) for part in parts)
    reports: list[ChainReport] = []
    anchors: tuple[Anchor, ...] = ()
    stamped = stamps_in(())
    begun = begun_in(parts[0].entries, keyring) if has_lab else Begun()
    before = 0
    for part in parts:
        verdict = verify(
            part.entries, keyring, partial(_from, before, total, on_progress), chain=part.chain, worker=worker
        )
        before += len(part.entries)
        if part.kind == "lab":
            doubted = {one.entry_index for one in verdict.findings}
            anchors, stamped = anchors_in(part.entries, doubted), stamps_in(part.entries, doubted)
        of_this = [one for one in anchors if part.kind == "case" and one.chain == part.chain]
        anchored, missed = held_against(part.entries, of_this)
        verdict = _with(_against_header(part, verdict), *missed)
        if any(one.withheld is not None for one in part.entries):
            verdict = replace(
                verdict, signed=_at_best_unknown(verdict.signed), trusted=_at_best_unknown(verdict.trusted)
            )
        if part.kind == "lab":
            stamp = stamped.furthest
        else:
            stamp = stamped.covering(anchored.lab_sequence) if anchored else None
        acts = breaches(part.entries, keyring, begun)
        reports.append(ChainReport(part=part, verdict=verdict, breaches=acts, anchored=anchored, stamp=stamp))
    return FileReport(root=keyring.root, root_expected=root, stamped=stamped, chains=tuple(reports))


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAnswers:
    """An entry and the answers about it alone.

    Attributes:
        index: place in the chain, from 0.
        answers: by question; intact, signed, trusted.
        is_anchored: whether an anchor that is borne out, or in the lab chain a time stamp that holds, covers it over
            entries that follow each other without a break.
    """

    index: int
    entry: Entry
    answers: Mapping[Question, Answer]
    is_anchored: bool


def entry_answers(report: ChainReport) -> Iterator[EntryAnswers]:
    """Return the answers for every entry of a chain, in order."""
    worst: dict[int, dict[Question, Answer]] = {}
    for one in report.verdict.findings:
        of_entry = worst.setdefault(one.entry_index, {})
        if of_entry.get(one.answer) is not Answer.NO:
            of_entry[one.answer] = one.state
    breaks = (one.entry_index for one in report.verdict.findings if one.answer == "intact")
    unbroken_from = max((place for place in breaks if place < report.reached), default=0)
    for index, entry in enumerate(report.part.entries):
        unjudged: Mapping[Question, Answer] = _UNJUDGED if entry.withheld is not None else {}
        answers = {**_ALL_YES, **unjudged, **worst.get(index, {})}
        is_anchored = unbroken_from <= index < report.reached
        yield EntryAnswers(index=index, entry=entry, answers=answers, is_anchored=is_anchored)


def _at_best_unknown(answer: Answer) -> Answer:
    return Answer.NO if answer is Answer.NO else Answer.UNKNOWN


def _from(before: int, total: int, on_progress: OnProgress, done: int, _total_of_chain: int) -> None:
    on_progress(before + done, total)


def as_json(report: FileReport, *, by_entry: bool = False) -> Mapping[str, Json]:
    """Return the report as one JSON document; ``ledger-format.md`` describes it.

    Args:
        report: the judgement.
        by_entry: whether each entry stands in it with its answers.
    """
    return {
        "format": REPORT_FORMAT,
        "root": report.root,
        "root_expected": report.root_expected,
        "time_stamps": [stamp_json(one) for one in report.stamped.stamps],
        "authorities": list(report.stamped.fingerprints),
        "chains": [_chain_json(chain, by_entry=by_entry) for chain in report.chains],
    }


def in_words(report: FileReport, *, by_entry: bool = False, others_fail: bool = False) -> Iterator[str]:
    """Return the lines of the report.

    Args:
        report: the judgement.
        by_entry: whether each entry has a line, with its answers.
        others_fail: whether something beside the chains is not in order.
    """
    yield from _root_words(report)
    for chain in report.chains:
        yield ""
        yield from _chain_words(chain)
        if by_entry:
            yield from map(_entry_words, entry_answers(chain))
    yield from _stamp_words(report.stamped)
    yield ""
    if report.all_yes and not others_fail:
        yield "Result: every chain is intact, signed and trusted, and every act of custody was allowed."
    elif report.is_good_as_far_as_it_stands and not others_fail:
        yield f"Result: NOT everything is known. What stands here is in order; withheld: {report.withheld_count}."
        yield "Nobody can tell from this file who signed what is withheld, nor whether what it tells was allowed."
        yield "Ask the laboratory for the whole ledger: its entries have the digests that stand here."
    else:
        yield "Result: NOT everything is in order; see above."
    yield "Entries after the last anchored one could have been cut off, if the first line of the file was changed too."
    yield "Compare the head of each chain with the head printed on a report or custody form of the laboratory."


def _against_header(part: ChainPart, verdict: Verdict) -> Verdict:
    """Add a finding when the file holds other entries than its header announces."""
    count, head = len(part.entries), verdict.head or bytes(32)
    if count == part.announced_entries and head == part.announced_head:
        return verdict
    if count < part.announced_entries:
        guess = "entries are missing"
    elif count > part.announced_entries:
        guess = "entries were added"
    else:
        guess = "the last entry is another one"
    what = (
        f"The first line of the file announces {part.announced_entries} entries ending in "
        f"{part.announced_head.hex()[:16]}...; the file holds {count} ending in {head.hex()[:16]}...: {guess}."
    )
    return _with(verdict, finding(count, None, "intact", Answer.NO, what))


def _with(verdict: Verdict, *added: Finding) -> Verdict:
    """Add findings for which a chain is not intact."""
    if not added:
        return verdict
    return replace(verdict, intact=Answer.NO, findings=in_order((*verdict.findings, *added)))


def _root_words(report: FileReport) -> Iterator[str]:
    if report.root is None:
        yield "The file shows no root key of a laboratory, so nobody's key can be trusted."
        return
    yield "Root key of the laboratory (fingerprint):"
    yield f"  {report.root}"
    if report.root_expected is None:
        yield "What follows can be trusted only if the laboratory gave you this fingerprint by other means."
    elif report.root_expected == report.root:
        yield "It is the fingerprint that you gave."
    else:
        yield f"It is NOT the fingerprint that you gave: {report.root_expected}"


def _chain_words(report: ChainReport) -> Iterator[str]:
    part, verdict = report.part, report.verdict
    yield f"The {part.kind} chain {part.chain}"
    yield f"  entries: {verdict.entry_count}, signatures that fit: {verdict.signature_count}"
    yield f"  head:    {verdict.head.hex() if verdict.head else 'none'}"
    yield f"  intact:  {_WORDS[verdict.intact]}"
    yield f"  signed:  {_WORDS[verdict.signed]}"
    yield f"  trusted: {_WORDS[verdict.trusted]}"
    yield f"  anchored until: {_anchored_words(report)}"
    yield f"  allowed: {_WORDS[report.allowed]}"
    if hidden := len(report.withheld):
        yield f"  withheld: {hidden} of these entries, of which the file holds nothing but their digests"
    if verdict.first_bad is not None:
        yield f"  The first that fails: {verdict.first_bad.what}"
    for one in verdict.findings[1:_SHOWN_FINDINGS]:
        yield f"  Also: {one.what}"
    if len(verdict.findings) > _SHOWN_FINDINGS:
        yield f"  ... and {len(verdict.findings) - _SHOWN_FINDINGS} more (all of them with --json)."
    for breach in report.breaches[:_SHOWN_FINDINGS]:
        yield f"  Not allowed: {breach.what}"
    if (more := len(report.breaches) - _SHOWN_FINDINGS) > 0:
        yield f"  ... and {more} more that were not allowed (all of them with --json)."
    for notice in verdict.notices[:_SHOWN_FINDINGS]:
        yield f"  Note: {notice.what}"
    if len(verdict.notices) > _SHOWN_FINDINGS:
        yield f"  ... and {len(verdict.notices) - _SHOWN_FINDINGS} more notes (all of them with --json)."


def _anchored_words(report: ChainReport) -> str:
    anchor, stamp = report.anchored, report.stamp
    if not report.reached:
        return "no entry; nothing shows that the end was not cut off"
    by = f"by entry {anchor.lab_sequence} of the lab chain ({anchor.recorded_at})" if anchor else ""
    if stamp is not None:
        by += f"{', ' if by else ''}stamped {stamp.stamped_at} by {stamp.authority}"
    after = report.verdict.entry_count - report.reached
    return f"entry {report.reached}, {by}{f'; {after} after it' if after else ''}"


def _stamp_words(stamped: Stamped) -> Iterator[str]:
    if not stamped.stamps:
        return
    yield ""
    yield "The time stamps were checked against certificates that the laboratory names. Their fingerprints (SHA-256):"
    yield from (f"  {one}" for one in stamped.fingerprints)
    yield "Compare them with what the time-stamp authority publishes."
    for one in stamped.stamps:
        if one.why_not:
            yield f"The time stamp in entry {one.lab_sequence} of the lab chain does not hold: {one.why_not}."


def _entry_words(one: EntryAnswers) -> str:
    answers = ", ".join(f"{question} {_WORDS[answer]}" for question, answer in one.answers.items())
    answers += ", anchored" if one.is_anchored else ", not anchored"
    if one.entry.withheld is not None:
        return f"  {one.index + 1:>6}  (withheld)  {answers}"
    try:
        content = one.entry.content
    except BodyError:
        return f"  {one.index + 1:>6}  (no entry of the format)  {answers}"
    signers = " and ".join(slot.name for slot in content.signers) or content.actor.name
    what = f"{utc_text(content.recorded_at)}  {content.action}  {content.object.label}  by {signers}"
    return f"  {one.index + 1:>6}  {what}:  {answers}"


def _entry_json(one: EntryAnswers) -> Mapping[str, Json]:
    return {**{name: answer.value for name, answer in one.answers.items()}, "anchored": one.is_anchored}


def _chain_json(report: ChainReport, *, by_entry: bool) -> Mapping[str, Json]:
    verdict = report.verdict
    entries: dict[str, Json] = {"withheld": [*report.withheld]} if report.withheld else {}
    if by_entry:
        entries["by_entry"] = [_entry_json(one) for one in entry_answers(report)]
    return {
        "chain": report.part.chain,
        "kind": report.part.kind,
        "entries": verdict.entry_count,
        "signatures": verdict.signature_count,
        "head": verdict.head.hex() if verdict.head else None,
        "intact": verdict.intact.value,
        "signed": verdict.signed.value,
        "trusted": verdict.trusted.value,
        "allowed": report.allowed.value,
        "anchored_until": anchor_json(report.anchored) if report.anchored else None,
        "stamped_until": stamp_json(report.stamp) if report.stamp else None,
        "first_bad": _finding_json(verdict.first_bad) if verdict.first_bad else None,
        "findings": [_finding_json(one) for one in verdict.findings],
        "notices": [_finding_json(one) for one in verdict.notices],
        "breaches": [
            {"entry_index": one.entry_index, "sequence": one.sequence, "what": one.what} for one in report.breaches
        ],
        **entries,
    }


def _finding_json(one: Finding) -> Mapping[str, Json]:
    return {
        "entry_index": one.entry_index,
        "sequence": one.sequence,
        "answer": one.answer,
        "state": one.state.value,
        "what": one.what,
    }
