"""The judgement of a whole ledger file, and its wording for people who are no technicians."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from chain_of_custody.canonical import Json
from chain_of_custody.file import ChainPart
from chain_of_custody.keyring import KeyRing
from chain_of_custody.verdict import Answer, Finding, Verdict, finding, in_order
from chain_of_custody.verification import OnProgress, verify

REPORT_FORMAT: Final = "forensics-ledger-report/1"

_SHOWN_FINDINGS: Final = 20
_WORDS: Final = {Answer.YES: "yes", Answer.NO: "NO", Answer.UNKNOWN: "not known"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """A chain of a file and its verdict, in which the announcement of the header was taken into account."""

    part: ChainPart
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """The judgement of a ledger file.

    Attributes:
        root: fingerprint of the root key of the lab; None when there is none.
        root_expected: the fingerprint that was given to compare with.
    """

    root: str | None
    root_expected: str | None
    chains: tuple[ChainReport, ...]

    @property
    def all_yes(self) -> bool:
        """Whether every chain is intact, signed and trusted."""
        return all(chain.verdict.first_bad is None for chain in self.chains)


def judge(parts: Sequence[ChainPart], *, root: str | None, on_progress: OnProgress) -> FileReport:
    """Judge every chain of a file.

    Args:
        parts: as `file.read_lines` returns them.
        root: the fingerprint that the root key must have; None accepts the one found.
        on_progress: counts the entries of all chains together.
    """
    lab = parts[0].entries if parts[0].kind == "lab" else ()
    keyring = KeyRing.from_lab(lab, root=root)
    total = sum(len(part.entries) for part in parts)
    reports, before = [], 0
    for part in parts:
        verdict = verify(part.entries, keyring, partial(_from, before, total, on_progress), chain=part.chain)
        before += len(part.entries)
        reports.append(ChainReport(part=part, verdict=_against_header(part, verdict)))
    return FileReport(root=keyring.root, root_expected=root, chains=tuple(reports))


def _from(before: int, total: int, on_progress: OnProgress, done: int, _total_of_chain: int) -> None:
    on_progress(before + done, total)


def as_json(report: FileReport) -> Json:
    """Return the report as one JSON document; ``docs/ledger-format.md`` describes it."""
    return {
        "format": REPORT_FORMAT,
        "root": report.root,
        "root_expected": report.root_expected,
        "chains": [_chain_json(chain) for chain in report.chains],
    }


def in_words(report: FileReport) -> Iterator[str]:
    """Return the lines of the report."""
    yield from _root_words(report)
    for chain in report.chains:
        yield ""
        yield from _chain_words(chain)
    yield ""
    if report.all_yes:
        yield "Result: every chain is intact, signed and trusted."
    else:
        yield "Result: NOT everything is in order; see above."
    yield "A chain cannot show that entries after its last one were cut off together with the first line of this file."
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
    added = finding(count, None, "intact", Answer.NO, what)
    return replace(verdict, intact=Answer.NO, findings=in_order((*verdict.findings, added)))


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
    if verdict.first_bad is not None:
        yield f"  The first that fails: {verdict.first_bad.what}"
    for one in verdict.findings[1:_SHOWN_FINDINGS]:
        yield f"  Also: {one.what}"
    if len(verdict.findings) > _SHOWN_FINDINGS:
        yield f"  ... and {len(verdict.findings) - _SHOWN_FINDINGS} more (all of them with --json)."
    for notice in verdict.notices[:_SHOWN_FINDINGS]:
        yield f"  Note: {notice.what}"
    if len(verdict.notices) > _SHOWN_FINDINGS:
        yield f"  ... and {len(verdict.notices) - _SHOWN_FINDINGS} more notes (all of them with --json)."


def _chain_json(report: ChainReport) -> Mapping[str, Json]:
    verdict = report.verdict
    return {
        "chain": report.part.chain,
        "kind": report.part.kind,
        "entries": verdict.entry_count,
        "signatures": verdict.signature_count,
        "head": verdict.head.hex() if verdict.head else None,
        "intact": verdict.intact.value,
        "signed": verdict.signed.value,
        "trusted": verdict.trusted.value,
        "first_bad": _finding_json(verdict.first_bad) if verdict.first_bad else None,
        "findings": [_finding_json(one) for one in verdict.findings],
        "notices": [_finding_json(one) for one in verdict.notices],
    }


def _finding_json(one: Finding) -> Mapping[str, Json]:
    return {
        "entry_index": one.entry_index,
        "sequence": one.sequence,
        "answer": one.answer,
        "state": one.state.value,
        "what": one.what,
    }
