"""Both verifiers find the same acts of custody not allowed, in random sequences of legal and illegal ones."""

import random
from datetime import timedelta
from typing import Any

import pytest

from chain_of_custody.erasure_rules import CARRY_OUT, listed_of
from chain_of_custody.ledger import Change, Entry, SignerRole, breaches
from chain_of_custody.report_rules import BEGIN, EDIT, ISSUE, STEPS
from chain_of_custody.rule_sets import Begun, begun_in
from chain_of_custody.transitions import TRANSITIONS
from tests.chain_of_custody.chains import ADA, CASE, NOON, OTHER_CASE, Chain, Member, ring_of
from tests.chain_of_custody.test_rules import (
    EMMA,
    LAW,
    OLGA,
    OTTO,
    SUSI,
    Custody,
    approved,
    checked_out,
    put_down,
    stored,
    the_lab,
)
from tests.second_verifier import acts
from tests.second_verifier.desk import RESULTS
from tests.second_verifier.drawn_offers import drawn_offer
from tests.second_verifier.entries import Line
from tests.second_verifier.people import people_of

PEOPLE = (OTTO, EMMA, SUSI, OLGA, ADA)
MASKED = (Member(OTTO.person, EMMA.name, OTTO.key), Member(EMMA.person, SUSI.name, EMMA.key))
"""Who signs with their own key and under another's name."""
WAYS = ("destroy", "archive", "return_to_owner")
ROLES: tuple[tuple[SignerRole, ...], ...] = (
    ("actor",), ("giver", "receiver"), ("receiver",), ("actor", "witness"), ("giver",),
)  # fmt: skip

STATED: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("custody_rules", (2, 3, 3, 3, 1, "2", True, 4, 4, 5, 6)),
    ("occurred_at", ("2026-11-20T12:00:00+00:00",) * 3 + ("2026-11-20T13:00:00+00:00", 7, None)),
    ("signature_sha256", ("ab" * 32, "ab" * 32, "cd" * 32, "ef" * 32, "ab" * 31, 7)),
    ("form_sha256", ("0f" * 32, "0F" * 32, None)),
    ("receipt_sha256", ("1d" * 32, "1d" * 32, "1D" * 32)),
    ("unsigned_reason", ("Left in the letter box", " ", 1)),
    ("incident", ("Another one brought it.", "", 0)),
    (
        "giver",
        ("Jonas Brandt", "OTTO officer, Sgt. (on paper)", "Emma\u00a0Examiner", "Susi Supervisor(", 3, "Officer, Otto"),
    ),
    ("outside_party", ("Jonas Brandt", "Petra Vogel", "", 3)),
    ("receiver", ("Petra Vogel", "Emma Examiner (on the screen)", ", Otto Officer", "Ott\u043e Of\u200bficer")),
    ("carrier", ("Jonas Brandt", "Brandt, Jonas", "Otto Officer", "otto  OFFICER")),
    ("court", ("Jonas Brandt", "District court", None)),
    ("seizing_officer", ("Jonas Brandt", "Otto Officer", None)),
    ("officer", ("Jonas Brandt", "Emma Examiner")),
    ("recipient", ("Petra Vogel", "Susi Supervisor, owner", None)),
    ("outsider", (OTHER_CASE, OTHER_CASE, CASE, 7)),
)
HOLDERS = ("Jonas Brandt", "Jonas Brandt", "Otto Officer", "EMMA examiner (courier)", "Petra Vogel", "A court", None)


class Forger:
    """Goes on with a case by acts that are drawn by lot, most of them possible."""

    arrows = tuple(one for one in TRANSITIONS if one.event != "take_over")
    """What is drawn from; nobody's key ends here, so that nothing can be taken over."""
    told_truly = 0.5
    """How often who has the exhibit after a step is one of those whom the third rules may mean."""

    def __init__(self, case: Custody, by: random.Random, strict: float = 0) -> None:
        self.case, self.by = case, by
        self.offered: list[tuple[str, str]] = []
        self.waiting: list[str] = []
        self.drafts: dict[str, dict[str, Any]] = {}
        self.erased = 0
        self.strict = strict

    def act(self) -> None:
        if self.by.random() < 0.5:
            self.case.stated = {name: self.by.choice(values) for name, values in STATED if self.by.random() < 0.5}
            if self.by.random() < self.strict:
                self.case.stated["custody_rules"] = 3
        acts = (
            self.step,
            self.dispose,
            self.decide,
            self.on_the_desk,
            self.report,
            self.offer,
            self.correct,
            self.derive,
            self.erase,
        )
        self.by.choices(acts, (8, 4, 4, 9, 4, 1, 1, 1, 2))[0]()

    def holder(self) -> Member:
        held = next((one for one in PEOPLE if one.person == self.case.row.get("holder_id")), OTTO)
        return held if self.by.random() < 0.8 else self.by.choice(PEOPLE)

    def other(self) -> Member:
        return self.by.choice(PEOPLE[:4] if self.by.random() < 0.95 else MASKED)

    def step(self) -> None:
        by, state = self.by, self.case.row["state"]
        arrow = by.choice([one for one in self.arrows if one.from_state == state] * 9 + list(self.arrows))
        roles = arrow.signatures if by.random() < 0.85 else by.choice(ROLES)
        told: dict[str, Any] = {}
        if self.offered and by.random() < 0.4:
            event, digest = by.choice(self.offered)
            arrow = next(one for one in TRANSITIONS if one.event == event)
            told, roles = {"offer": digest}, ("receiver",)
        signers = [(self.holder() if number == 0 else self.other(), role) for number, role in enumerate(roles)]
        if roles == ("receiver",) or len({one.key.key_id for one, _ in signers}) < len(signers):
            signers = list(zip(by.sample(PEOPLE[:4], len(roles)), roles, strict=True))
        new = by.choice(({}, {"holder_id": signers[-1][0].person}, {"holder_id": None}, {"holder_id": EMMA.person}))
        to = arrow.to_state if by.random() < 0.9 else "STORED"
        if by.random() < self.told_truly:
            told_names = [self.case.stated.get(name) for name in ("carrier", "receiver", "outside_party")]
            last = signers[-1][0]
            new = {"holder_id": last.person} if by.random() < 0.7 else {"holder_id": None}
            if new["holder_id"] is None:
                new["holder"] = next((one for one in told_names if type(one) is str), "Jonas Brandt")
            if arrow.event in ("propose_disposal", "reject_disposal", "call_back"):
                new = {}
        elif by.random() < 0.5:
            new = {**new, "holder": by.choice(HOLDERS)}
        if by.random() < 0.15:
            told = {**told, "agency": by.choice(HOLDERS)}
        self.case.step(arrow.event, to, *signers, told=told, is_bare=by.random() < 0.2, **new)

    def dispose(self) -> None:
        by, case = self.by, self.case
        way = by.choice(WAYS)
        told = {} if by.random() < 0.8 else {"way": way, "exhibit_id": by.choice((CASE, OTHER_CASE))}
        match by.randrange(4):
            case 0:
                new = {"exhibit_id": CASE, "way": way, **told}
                who = self.other()
                case.dispose(
                    "custody.propose_disposal", (who, "actor"), state="proposed", to="DISPOSAL_PENDING",
                    proposed_by=who.person, **new,
                )  # fmt: skip
            case 1:
                who = by.choice((SUSI, SUSI, EMMA))
                case.dispose("disposal.approve", (who, "actor"), state="approved", decided_by=who.person, **told)
            case 2:
                who = by.choice((SUSI, OTTO))
                case.dispose(
                    "custody.reject_disposal", (who, "actor"), state="rejected", to="STORED", decided_by=who.person
                )
            case _:
                first, second = by.sample(PEOPLE[:4], 2)
                way = case.disposal.get("way", way)
                to = {"destroy": "DESTROYED", "archive": "ARCHIVED", "return_to_owner": "RETURNED"}[way]
                signers = ((first, "actor"), (second, "witness"))
                case.dispose(f"custody.{way}", *signers[: by.choice((1, 2, 2))], state="carried out", to=to, **told)

    def decide(self) -> None:
        by, key = self.by, f"00000000-0000-4000-8000-00000000000{self.by.randrange(3)}"
        table, action, new = by.choice((
            ("legal_hold", "hold.place", {"exhibit_id": by.choice((None, CASE, OTHER_CASE)), "lifted_at": None}),
            ("legal_hold", "hold.lift", {"lifted_at": "2026-01-31T15:00:00.000000Z"}),
            ("legal_hold", "hold.lift", {"exhibit_id": OTHER_CASE}),
            ("incident", "incident.raise", {"decided_by": None}),
            ("incident", "incident.close", {"decided_by": SUSI.person}),
            ("image", "image.check", {"integrity": "integrity failed"}),
            ("image", "image.decision", {"integrity": "released"}),
        ))  # fmt: skip
        action = action if by.random() < 0.9 else "note.add"
        change = Change(table=table, id=key, set={name: (None, value) for name, value in new.items()})
        self.case.add(action, (by.choice((SUSI, OTTO, EMMA)), "actor"), changes=(change,))

    def derive(self) -> None:
        """Somebody derives an exhibit from the one of the case, or says so."""
        by, who = self.by, self.by.choice((self.holder(), EMMA, OTTO))
        key = f"{CASE[:-2]}{by.randrange(10, 99)}"
        row = {
            "state": by.choice(("UNDER_EXAM", "UNDER_EXAM", "UNDER_EXAM", "STORED")),
            "holder_id": by.choice((who, who, who, SUSI)).person,
            "type": by.choice(("storage medium", "export", "export", "image", "laboratory medium")),
            "parent_id": by.choice((CASE, CASE, CASE, key, None, 1)),
            "case_id": by.choice((CASE, CASE, CASE, OTHER_CASE)),
            "number": "LH/02",
        }  # fmt: skip
        if by.random() < 0.3:
            self.case.put("exhibit.correct", (who, "actor"), type=by.choice(("image", "computer")))
        change = Change(table="exhibit", id=key, set={name: (None, value) for name, value in row.items()})
        self.case.add(
            "exhibit.derive", (who, "actor"), about=("exhibit", by.choice((key, key, CASE))), changes=(change,)
        )

    def on_the_desk(self) -> None:
        """Somebody does what waits on the desk, or somebody decides about it or about something else."""
        by = self.by
        who, key = by.choice((SUSI, SUSI, SUSI, EMMA)), f"{CASE[:-2]}{by.randrange(10, 99)}"
        if not self.waiting or by.random() < 0.4:
            table, action, new, matter = by.choice((
                ("deviation", "case.deviation", {"author_id": by.choice((who, EMMA)).person}, f"deviation:{key}"),
                ("report", "report.issue", {"author_id": who.person}, f"report:{key}"),
                ("capture", "scene.capture", {"tool": "avml", "tool_version": "0.8"}, f"tool:{CASE}:avml 0.8:"),
                ("image", "image.check", {"tool": by.choice(("guymager 0.8", None))}, f"tool:{CASE}:guymager 0.8:"),
                ("image", "image.check", {"tool": "dd"}, f"tool:{CASE}:dd{by.choice(('', ' '))}:"),
                ("audit_finding", "room.audit", {"kind": "missing"}, f"audit_finding:{key}"),
                ("note", "lab.verify", {"text": ""}, f"verification:{len(self.case.entries) + 1}"),
            ))  # fmt: skip
            self.waiting.append(matter)
            who = by.choice((EMMA, OTTO, SUSI))
        else:
            matter = by.choice(self.waiting)
            kinds = {
                "tool": "unvalidated tool",
                "verification": "failed verification",
                "audit_finding": "audit finding",
            }
            kind = kinds.get(matter.split(":")[0], matter.split(":")[0])
            table, action = "decision", by.choice(("desk.approve", "desk.return"))
            new = {"kind": kind, "matter": matter, "comment": "Seen", "approved": int(action == "desk.approve")}
            new |= {"decided_by": who.person, "case_id": CASE}
            if by.random() < 0.2:
                new[by.choice(list(new))] = by.choice((None, "", 0, 1, True, [], EMMA.person, "report"))
        action = action if by.random() < 0.95 else "note.add"
        role: SignerRole = "actor" if by.random() < 0.95 else "giver"
        change = Change(table=table, id=key, set={name: (None, value) for name, value in new.items()})
        self.case.add(action, (who, role), changes=(change,))

    def report(self) -> None:
        """Somebody writes, reviews or issues a report, mostly by a step that is open."""
        by = self.by
        key = f"{CASE[:-3]}d0{by.choice((1, 1, 1, 1, 1, 2))}"
        row = self.drafts.setdefault(key, {})
        open_steps = [name for name, (sources, *_) in STEPS.items() if row.get("state") in sources]
        open_steps += [name for name in open_steps if name in ("report.submit", "report.approve", ISSUE)] * 3
        open_steps += [EDIT] if row.get("state") in ("draft", "returned") else []
        action = by.choice(open_steps * 9 + [*STEPS, EDIT, BEGIN]) if row else by.choice((BEGIN, BEGIN, BEGIN, ISSUE))
        judged = ("report.approve", "report.return")
        who = (
            by.choice((SUSI, SUSI, SUSI, EMMA, OTTO)) if action in judged else by.choice((EMMA, EMMA, EMMA, EMMA, SUSI))
        )
        new: dict[str, Any] = {}
        if action == BEGIN:
            new = {"state": "draft", "author_id": who.person, "case_id": CASE}
        elif action == EDIT:
            new = {"title": f"Title {len(self.case.entries)}"}
        else:
            new = {"state": STEPS[action][1]}
        if action == "report.submit":
            new |= {"author_id": who.person}
        signers: list[tuple[Member, SignerRole]] = [(who, "actor")]
        changes, about = [], ("report_draft", key)
        other = f"{CASE[:-2]}{by.randrange(10, 99)}"
        if action in judged:
            said = {"draft_id": key, "reviewer_id": who.person, "approved": int(action == "report.approve")}
            said |= {"content_sha256": by.choice(("ab", "ab", "cd"))} if by.random() < 0.6 else {}
            changes.append(("report_review", other, said))
        if action == ISSUE:
            second = by.choice([one for one in (*(SUSI,) * 8, OTTO) if one is not who])
            signers.append((second, "witness"))
            new["report_id"] = other
            about = ("report", other)
            said = {"draft_id": key, "author_id": who.person, "authoriser_id": second.person, "case_id": CASE}
            if by.random() < 0.5:
                self.case.add("note.add", (who, "actor"))
                heads = [one.digest.hex() for one in self.case.entries]
                said["ledger_head"] = by.choice([*heads[-2:] * 4, heads[0], "0" * 64, "ab" * 32, [], 1])
            if by.random() < 0.2:
                left = by.choice((["draft_id"], ["draft_id", "authoriser_id"], ["authoriser_id"]))
                said = {name: value for name, value in said.items() if name not in left}
            changes.append(("report", other, said))
        if action in (BEGIN, EDIT) and by.random() < 0.4:
            changes.append(("report_block", by.choice((other, f"{CASE[:-2]}b1")), {"draft_id": key, "text": "x"}))
        changes.append(("report_draft", key, new))
        if by.random() < 0.1:
            said = by.choice(changes)[2]
            said[by.choice([*said, "state", "draft_id"])] = by.choice((None, True, 1, "draft", key, EMMA.person))
        if by.random() < 0.05:
            changes.pop(by.randrange(len(changes)))
        if by.random() < 0.05:
            signers = signers[:1] if len(signers) == 2 else [(who, "giver")]
        if by.random() < 0.04:
            action = by.choice(("note.add", EDIT, ISSUE, "report.refused"))
        made = tuple(
            Change(table=table, id=one, set={name: (None, value) for name, value in said.items()})
            for table, one, said in changes
        )
        facts: dict[str, Any] = {}
        if action in ("report.submit", "report.approve", ISSUE) and by.random() < 0.6:
            facts = {"content_sha256": by.choice(("ab", "ab", "ab", "cd", None))}
            facts |= {"records": by.choice(({}, {}, [], None))} if action == "report.submit" else {}
        self.case.add(action, *signers, changes=made, about=about, facts=facts)
        if action in (BEGIN, EDIT, *STEPS):
            row.update(new)

    def offer(self) -> None:
        open_one = drawn_offer(self.case, self.by, self.holder(), self.other())
        self.offered += [open_one] if open_one is not None else []

    def erase(self) -> None:
        """Somebody takes a step of an erasure, sets a period, or places or lifts a hold."""
        by = self.by
        number, turn = divmod(self.erased, 3)
        is_next = by.random() < 0.8
        self.erased += is_next
        act = (
            ("propose", "approve", "carry_out")[turn]
            if is_next
            else by.choice(("finish", "reject", "other", "approve"))
        )
        who = by.choice((SUSI, SUSI, OTTO)) if act == "approve" else by.choice((OTTO, OTTO, OTTO, SUSI, EMMA, ADA))
        if by.random() < 0.1:
            day = by.choice(("2026-01-30", "2026-01-30", "2026-01-30", "2026-01-31", "2026-02-01", "soon", None, 7))
            self.case.add("retention.set", (who, "actor"), facts={"keep_until": day})
        elif by.random() < 0.05:
            lifted = by.choice((None, "2026-01-31T15:00:00.000000Z"))
            change = Change(table="legal_hold", id=f"{CASE[:-2]}e1", set={"lifted_at": (None, lifted)})
            action = "hold.lift" if lifted else "hold.place"
            self.case.add(action, (SUSI, "actor"), changes=(change,))
        else:
            facts = {"erasure": f"e{number}", **erasure_facts(act, by)}
            self.case.add(f"erasure.{act}", (who, "actor"), facts=facts)

    def correct(self) -> None:
        new = self.by.choice(
            (
                {"parent_id": OTHER_CASE},
                {"holder_id": EMMA.person},
                {"type": "laboratory medium"},
                {"number": "X/9"},
                {"holder": "Jonas Brandt"},
            )
        )
        action = self.by.choice(("exhibit.correct", "exhibit.correct", "note.add"))
        self.case.put(action, (self.holder(), "actor"), **new)


def with_keys_that_change() -> Chain:
    """A lab where in the midst of a case one key ends, one person gets another, and one another with other roles."""
    lab = the_lab()
    put_down(lab, "Jonas Brandt", SUSI)
    lab.at = NOON + timedelta(minutes=5)
    put_down(lab, "Officer, Otto", SUSI, "outsider.change")
    lab.at = NOON + timedelta(minutes=10)
    put_down(lab, "Officer, Otto", OTTO, "outsider.change")
    lab.at = NOON + timedelta(minutes=12)
    lab.revoke(OTTO)
    lab.enrol(EMMA.with_key("Emma's second key"), "examiner", action="key.replace")
    lab.enrol(SUSI.with_key("Susi's second key"), "examiner", action="key.replace")
    return lab


def with_rules_begun(by: random.Random) -> Chain:
    """A lab whose chain begins rules for a case that has some entries then, or says so in a way that begins none."""
    lab = the_lab()
    for _ in range(by.choice((1, 1, 2))):
        if by.random() < 0.2:
            lab.add("case.anchor", facts={"chain": by.choice((CASE, OTHER_CASE, 3)), "head": "", "sequence": 1})
        heads = [{"chain": CASE, "head": "ab" * 32, "sequence": by.randrange(-1, 12)}]
        if by.random() < 0.2:
            heads += [{"chain": by.choice((CASE, OTHER_CASE)), "head": "", "sequence": 3}]
        if by.random() < 0.2:
            heads[0][by.choice(("chain", "head", "sequence", "more"))] = by.choice((None, True, "x"))
        told = {"custody_rules": by.choice((3, 3, 4, 2, 1, 4, 5, "3", True)), "chains": heads}
        if by.random() < 0.2:
            told[by.choice([*told])] = by.choice(([], None, {}, 3))
        action = by.choice(("lab.rules", "lab.rules", "lab.rules", "lab.verify"))
        lab.add(action, (by.choice((OTTO, OTTO, EMMA, SUSI, OLGA, ADA)), "actor"), facts=told)
    return lab


def erasure_facts(act: str, by: random.Random) -> dict[str, Any]:
    """What a proposal or a carrying out says beside its name, most of it as it has to be."""
    files: list[Any] = [{"name": f"cases/{CASE}/photos/ab.jpg", "size_bytes": 3, "sha256": "ab"}]
    facts: dict[str, Any] = {"what": ["photos"]}
    if act == "propose" and by.random() < 0.5:
        count, sha256 = listed_of(files, CASE)
        facts |= {"file_count": count, "files_sha256": sha256}
    if act == "carry_out":
        facts |= {"files": files}
    if by.random() < 0.1:
        facts["what"] = by.choice((["photos", "catalogues"], ["catalogues"], [], None, "photos"))
    if "files" in facts and by.random() < 0.3:
        name = by.choice((f"cases/{CASE}/catalogues/1.db", f"cases/{OTHER_CASE}/photos/ab.jpg", "../a", 1))
        facts["files"] = by.choice(([*files, {"name": name, "sha256": "ab"}], [], None, [1]))
    return facts if act in ("propose", "carry_out") else {}


def lines_of(entries: Any) -> list[Line]:
    return [Line(entry.body, list(entry.signatures)) for entry in entries]


def is_issue(entry: Entry) -> bool:
    content = entry.content
    return content.action == ISSUE and any("draft_id" in change.set for change in content.changes)


@pytest.mark.req("REQ-17", "REQ-18", "REQ-19", "REQ-64", "REQ-65", "REQ-68")
def test_both_name_the_same_acts_of_thousands_drawn_by_lot() -> None:
    labs = []
    for chain in (LAW, with_keys_that_change()):
        lines = lines_of(chain.entries)
        labs.append((lines, people_of(lines, set(), None), ring_of(chain)))
    good, bad, desk, strict, issued, not_issued, erased = 0, 0, 0, 0, 0, 0, 0
    for seed in range(400):
        by = random.Random(seed)
        lab, people, ring = labs[seed % len(labs)]
        forger = Forger(by.choice((stored, checked_out, approved))(), by, strict=seed % 2 * 0.9)
        if seed % 10 == 1:
            forger.case.add("retention.set", (SUSI, "actor"), facts={"keep_until": "2026-01-30"})
        for _ in range(16):
            (forger.report if seed % 5 == 0 else forger.erase if seed % 5 == 1 else forger.act)()
        begun = with_rules_begun(by) if seed % 3 == 0 else LAW
        stated, lines = begun_in(begun.entries, ring_of(begun)), lines_of(begun.entries)
        ours = sorted({one.entry_index for one in breaches(forger.case.entries, ring, stated)})
        fixed = acts.begun_by(lines, people_of(lines, set(), None))
        assert ours == acts.breaches(lines_of(forger.case.entries), people, lab, fixed), f"seed {seed}"
        of_lab = sorted({one.entry_index for one in breaches(begun.entries, ring, Begun())})
        assert of_lab == acts.breaches(lines_of(begun.entries), people, lab), f"the lab chain of seed {seed}"
        strict += sum(
            entry.content.action.startswith("custody.") and entry.content.facts.get("custody_rules") in (3, 4)
            for place, entry in enumerate(forger.case.entries)
            if place not in ours
        )
        bad += len(ours)
        good += len(forger.case.entries) - len(ours)
        desk += sum(
            entry.content.action in RESULTS for place, entry in enumerate(forger.case.entries) if place not in ours
        )
        erased += sum(
            entry.content.action == CARRY_OUT for place, entry in enumerate(forger.case.entries) if place not in ours
        )
        judged = [place not in ours for place, entry in enumerate(forger.case.entries) if is_issue(entry)]
        issued, not_issued = issued + sum(judged), not_issued + judged.count(False)
    assert min(good, bad) > 1000
    assert desk > 40, "decisions of the desk that are allowed are drawn, too"
    assert strict > 20, "steps that the third and fourth rules allow are drawn, too"
    assert erased > 5, "erasures that are carried out as they may be are drawn, too"
    assert min(issued, not_issued) > 5, "reports that are issued as they may be are drawn, too, and others"
