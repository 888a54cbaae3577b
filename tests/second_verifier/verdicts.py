"""The three answers, the anchors and the exit status, by sections 7 and 8 of the format."""

from dataclasses import dataclass, field
from typing import Any

from tests.second_verifier.acts import breaches
from tests.second_verifier.begun import listed as heads_of
from tests.second_verifier.entries import Line, Listed, UnreadableError, chains_of, fits
from tests.second_verifier.people import People, held, people_of

QUESTIONS = ("intact", "signed", "trusted")
Found = tuple[int, str, str]
"""Place from 0, question, ``no`` or ``unknown``."""


@dataclass
class Verdict:
    """What is found of a chain."""

    chain: str
    kind: str
    found: set[Found] = field(default_factory=set)
    anchored_until: int | None = None
    breaches: list[int] = field(default_factory=list)
    """The places, from 0, of acts that were not allowed."""
    withholds: bool = False

    def answer(self, question: str) -> str:
        states = {state for _, asked, state in self.found if asked == question}
        is_open = "unknown" in states or (self.withholds and question != "intact")
        return "no" if "no" in states else "unknown" if is_open else "yes"

    @property
    def allowed(self) -> str:
        return "no" if self.breaches else "unknown" if self.withholds else "yes"

    @property
    def answers(self) -> list[str]:
        return [self.answer(question) for question in QUESTIONS]

    @property
    def first(self) -> tuple[int, str] | None:
        """Place and question of the first bad entry."""
        ordered = sorted((place, QUESTIONS.index(question)) for place, question, _ in self.found)
        return (ordered[0][0], QUESTIONS[ordered[0][1]]) if ordered else None


def verify(content: bytes, root: str | None = None) -> tuple[int, list[Verdict]]:
    """The exit status, and the verdict of each chain."""
    try:
        chains = chains_of(content)
    except UnreadableError:
        return 3, []
    has_lab = chains[0].kind == "lab"
    lab = chains[0].lines if has_lab else []
    breaks = {place + 1 for place, _, _ in intact(chains[0])} if has_lab else set()
    people = people_of(lab, breaks, root)
    verdicts = [verdict_of(one, people) for one in chains]
    if has_lab:
        doubted = {place for place, _, _ in verdicts[0].found}
        for listed, verdict in zip(chains, verdicts, strict=True):
            anchored(listed, verdict, lab, doubted)
    for listed, verdict in zip(chains, verdicts, strict=True):
        verdict.breaches = breaches(listed.lines, people, lab)
    if any(one.found or one.breaches for one in verdicts):
        return 1, verdicts
    return 3 if any(one.withholds for one in verdicts) else 0, verdicts


def verdict_of(listed: Listed, people: People) -> Verdict:
    lines = listed.lines
    verdict = Verdict(listed.chain, listed.kind, withholds=any(line.withheld for line in lines))
    if not lines:
        verdict.found |= {(0, question, "unknown") for question in QUESTIONS}
    verdict.found |= intact(listed)
    latest = ""
    for place, line in enumerate(lines):
        if line.withheld:
            continue
        if line.body is None:
            verdict.found |= {(place, "signed", "unknown"), (place, "trusted", "unknown")}
            continue
        latest = max(latest, line.body["recorded_at"])
        verdict.found |= {(place, "signed", state) for state in signed(line, line.body, people)}
        used_at = place + 1 if listed.kind == "lab" else None
        verdict.found |= {(place, "trusted", state) for state in trusted(line.body, people, used_at, latest)}
        if listed.kind == "lab" and place + 1 in people.faults:
            verdict.found.add((place, "trusted", "no"))
    head = lines[-1].digest if lines else "0" * 64
    if (len(lines), head) != (listed.announced, listed.head):
        verdict.found.add((len(lines), "intact", "no"))
    return verdict


def intact(listed: Listed) -> set[Found]:
    """The entries that are not intact, by themselves and after the one before them."""
    found: set[Found] = set()
    kind: Any = None
    digest, number = "0" * 64, 0
    number_known = True
    for place, line in enumerate(listed.lines):
        body = line.body
        if line.withheld:
            digest, number, number_known = line.digest, place + 1, True
            continue
        if body is None:
            found.add((place, "intact", "no"))
            digest, number_known = line.digest, False
            continue
        kind = kind or body["chain_kind"]
        follows = body["previous"] == digest and (not number_known or body["sequence"] == number + 1)
        if not follows or body["chain"] != listed.chain or body["chain_kind"] != kind:
            found.add((place, "intact", "no"))
        digest, number, number_known = line.digest, body["sequence"], True
    return found


def signed(line: Line, body: dict[str, Any], people: People) -> set[str]:
    if len(body["signers"]) != len(line.signatures):
        return {"no"}
    states = set()
    for one, signature in zip(body["signers"], line.signatures, strict=True):
        if one["key"] not in people.shown:
            states.add("unknown")
        elif not fits(people.shown[one["key"]], line.raw, signature):
            states.add("no")
    return states


def trusted(body: dict[str, Any], people: People, place: int | None, latest: str) -> set[str]:
    """States that are not yes, for the signers of an entry; ``place``, from 1, is that in the lab chain."""
    states = set()
    for one in body["signers"]:
        if people.nobody or not any(
            holding.key == one["key"] and holding.person == one["person"] and held(holding, place, latest)
            for holding in people.holdings
        ):
            states.add("no")
        elif people.stop is not None:
            if place is not None:
                hidden = place >= people.stop
            else:
                hidden = people.known_until is None or latest > people.known_until
            states |= {"unknown"} if hidden else set()
    return states


def anchored(listed: Listed, verdict: Verdict, lab: list[Line], doubted: set[int]) -> None:
    for place, line in enumerate(lab):
        if place in doubted or line.body is None:
            continue
        heads = [line.body["facts"]] if line.body["action"] == "case.anchor" else []
        if line.body["action"] == "lab.rules":
            heads = heads_of(line.body) or []
        for one in heads:
            compared(listed, verdict, *(one.get(name) for name in ("chain", "sequence", "head")))


def compared(listed: Listed, verdict: Verdict, chain: Any, number: Any, head: Any) -> None:
    if type(chain) is not str or type(head) is not str or type(number) is not int or number < 1:
        return
    if listed.kind == "lab" or chain != listed.chain:
        return
    if len(listed.lines) < number:
        verdict.found.add((len(listed.lines), "intact", "no"))
    elif listed.lines[number - 1].digest != head:
        verdict.found.add((number - 1, "intact", "no"))
    else:
        verdict.anchored_until = max(verdict.anchored_until or 0, number)
