"""Ledgers that are intact, signed and trusted, and tell of acts that were not allowed: each is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.command import main
from chain_of_custody.file import lines_of
from chain_of_custody.ledger import Change, Entry, SignerRole, breaches, verify
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, CASE, LAB, NOON, OTHER_CASE, Chain, Member, member, new_lab, ring_of

OTTO = member(11, "Otto Officer")
EMMA = member(12, "Emma Examiner")
SUSI = member(13, "Susi Supervisor")
OLGA = member(14, "Olga Auditor")


def the_lab() -> Chain:
    lab = new_lab(named=True)
    for who, role in ((OTTO, "exhibits officer"), (EMMA, "examiner"), (SUSI, "supervisor"), (OLGA, "auditor")):
        lab.enrol(who, role, named=True)
    return lab


def put_down(lab: Chain, name: str, by: Member, action: str = "outsider.add", id: str = OTHER_CASE) -> Chain:
    """Somebody writes of a person in the register of people outside."""
    change = Change(table="outsider", id=id, set={"name": (None, name)})
    lab.add(action, (by, "actor"), about=("outsider", id), changes=(change,))
    return lab


LAW = the_lab()
RING = ring_of(LAW)
By = tuple[Member, SignerRole]


class Custody(Chain):
    """A case with one exhibit, whose row is what the entries say; nobody asks whether they may."""

    def __init__(self, chain: str = CASE) -> None:
        super().__init__(chain)
        self.row: dict[str, Any] = {}
        self.disposal: dict[str, Any] = {}
        self.stated: dict[str, Any] = {}
        self.numbers: dict[str, str] = {}
        self.keeps_papers = True

    def add(self, action: str, *signers: By, facts: dict[str, Any] | None = None, **more: Any) -> Entry:
        """Add an entry; about an exhibit under its number."""
        for one in more.get("changes", ()):
            if one.table == "exhibit" and type(one.set.get("number", [None, None])[1]) is str:
                self.numbers[one.id] = one.set["number"][1]
        about = more.get("about", ("exhibit", self.chain))[1]
        more["changes"] = (*more.get("changes", ()), *self._papers(action, facts or {}, more, about))
        number = self.numbers.get(about)
        return super().add(action, *signers, facts=facts, **({} if number is None else {"label": number}) | more)

    def _papers(self, action: str, facts: dict[str, Any], more: dict[str, Any], about: str) -> list[Change]:
        """The rows of the papers that a step tells, where it is not given any; what is told and not kept is so."""
        told = [kind for kind in ("form", "receipt", "signature") if facts.get(f"{kind}_sha256")]
        if not action.startswith("custody.") or any(one.table == "paper" for one in more.get("changes", ())):
            return []
        if not self.keeps_papers:
            return []
        return [
            Change(table="paper", id=f"{LAB[:-6]}{800000 + 10 * len(self.entries) + place}", set={
                "kind": (None, kind), "sha256": (None, facts[f"{kind}_sha256"]), "exhibit_id": (None, about),
            })
            for place, kind in enumerate(told)
        ]  # fmt: skip

    def put(
        self, action: str, *by: By, facts: dict[str, Any] | None = None, beside: tuple[Change, ...] = (), **new: Any
    ) -> Entry:
        changes = [*([self._change("exhibit", self.chain, self.row, new)] if new else []), *beside]
        return self.add(action, *by, facts=facts, changes=tuple(changes))

    def step(
        self, event: str, to: str, *by: By, told: dict[str, Any] | None = None, is_bare: bool = False, **new: Any
    ) -> Entry:
        """Take a step, with the rows of what it tells as a deviation and an incident unless it is a bare one."""
        facts = {"event": event, "from_state": self.row.get("state"), "to_state": to, **self.stated, **(told or {})}
        holder = next((one.name for one, _ in by if one.person == new.get("holder_id")), None)
        new = {**({} if holder is None else {"holder": holder}), **new}
        told_place = next((facts[name] for name in ("shelf", "place", "agency") if facts.get(name)), None)
        if told_place is not None and event != "seize":
            new.setdefault("place", told_place)
        rows = (("deviation", "reason", "unsigned_reason"), ("incident", "what", "incident"))
        more = {"incident": {"raised_by": (None, by[-1][0].person), "case_id": (None, self.chain)}}
        beside = tuple(
            Change(
                table=table,
                id=f"{LAB[:-6]}{len(self.entries):06}",
                set={column: (None, facts[fact]), **more.get(table, {})},
            )
            for table, column, fact in rows
            if not is_bare and fact in facts
        )
        return self.put(f"custody.{event}", *by, facts=facts, beside=beside, state=to, **new)

    def dispose(self, action: str, *by: By, state: str, to: str | None = None, **new: Any) -> Entry:
        facts: dict[str, Any] = {}
        changes = [self._change("disposal", OTHER_CASE, self.disposal, {"state": state, **new})]
        if to:
            facts = {"event": action.split(".")[1], "from_state": self.row["state"], "to_state": to, **self.stated}
            changes.append(self._change("exhibit", self.chain, self.row, {"state": to}))
        return self.add(action, *by, facts=facts, changes=tuple(changes))

    @staticmethod
    def _change(table: str, id: str, row: dict[str, Any], new: dict[str, Any]) -> Change:
        pairs = {name: (row.get(name), value) for name, value in new.items()}
        row.update(new)
        return Change(table=table, id=id, set=pairs)

    def found(self) -> list[str]:
        verdict = verify(self.entries, RING)
        assert verdict.first_bad is None, "the ledger itself is a good one"
        return [one.what for one in breaches(self.entries, RING, Begun())]


def registered() -> Custody:
    case = Custody()
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "number": "LH/01", "case_id": CASE}
    case.put("exhibit.add", (OTTO, "actor"), **row)
    return case


def test_a_medium_of_the_laboratory_goes_onto_the_shelf_and_nothing_else_does_so() -> None:
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "number": "WD-01", "case_id": CASE}
    for kind, found in (
        ("laboratory medium", []),
        ("storage medium", ["Entry 2: store is not possible for WD-01, which is IDENTIFIED."]),
    ):
        case = Custody()
        case.put("exhibit.add", (OTTO, "actor"), **row, type=kind)
        case.step("store", "STORED", (OTTO, "actor"))
        assert case.found() == found
    for was, becomes in (("computer", "laboratory medium"), ("laboratory medium", "computer")):
        for action in ("exhibit.correct", "note.add"):
            case = Custody()
            case.put("exhibit.add", (OTTO, "actor"), **row, type=was)
            case.put(action, (OTTO, "actor"), type=becomes)
            assert case.found() == [f"Entry 2: {action} changes whether WD-01 is a medium of the laboratory."]


def test_a_seized_exhibit_cannot_be_smuggled_onto_the_shelf_as_a_medium_of_the_laboratory() -> None:
    row = {"state": "IDENTIFIED", "holder_id": OTTO.person, "case_id": CASE}
    for first, second in (("computer", "laboratory medium"), ("laboratory medium", "computer")):
        case = Custody()
        case.put("exhibit.add", (OTTO, "actor"), **row, number="LH/01", type=first)
        new = {"state": (None, "IDENTIFIED"), "holder_id": (None, OTTO.person), "case_id": (None, CASE)}
        change = Change(table="exhibit", id=OTHER_CASE, set={**new, "number": (None, "WD-02"), "type": (None, second)})
        case.add("exhibit.add", (OTTO, "actor"), changes=(change,))
        (found,) = case.found()
        assert found.startswith("Entry 2: WD-02 lies in one case with what it may not")


def test_wiping_and_assigning_a_medium_needs_the_role_for_it() -> None:
    for action in ("medium.wipe", "medium.assign", "medium.return"):
        case = registered()
        case.add(action, (OTTO, "actor"))
        case.add(action, (OLGA, "actor"))
        assert case.found() == [f"Entry 3: Olga Auditor signs {action} and did not hold the role for it then."]


def stored() -> Custody:
    case = registered()
    case.step("seize", "SEIZED", (OTTO, "actor"), holder_id=None)
    case.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    case.step("store", "STORED", (OTTO, "actor"))
    return case


def checked_out() -> Custody:
    case = stored()
    case.step("check_out", "CHECKED_OUT", (OTTO, "giver"), (EMMA, "receiver"), holder_id=EMMA.person)
    return case


def approved() -> Custody:
    case = stored()
    new = {"exhibit_id": CASE, "proposed_by": OTTO.person, "way": "destroy"}
    case.dispose("custody.propose_disposal", (OTTO, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
    case.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
    return case


def test_a_life_of_an_exhibit_as_the_rules_have_it_is_allowed() -> None:
    case = checked_out()
    case.put("custody.refused", (EMMA, "actor"), facts={"event": "store"})
    case.step("hand_over", "CHECKED_OUT", (EMMA, "giver"), (OTTO, "receiver"), holder_id=OTTO.person)
    offer = case.add("transfer.offer", (OTTO, "giver"), facts={"offered": "return_to_store"})
    told = {"offer": offer.digest.hex()}
    case.step("return_to_store", "STORED", (SUSI, "receiver"), told=told, holder_id=SUSI.person)
    assert case.found() == []
    ended = approved()
    ended.dispose("custody.destroy", (OTTO, "actor"), (OLGA, "witness"), state="carried out", to="DESTROYED")
    assert ended.found() == []


@pytest.mark.req("REQ-17")
def test_a_step_that_the_state_does_not_allow_is_named() -> None:
    case = registered()
    case.step("store", "STORED", (OTTO, "actor"))
    assert case.found() == ["Entry 2: store is not possible for LH/01, which is IDENTIFIED."]


@pytest.mark.req("REQ-17")
def test_a_step_that_leads_elsewhere_is_named() -> None:
    case = stored()
    case.step("move", "DESTROYED", (OTTO, "actor"))
    assert case.found()[0] == "Entry 5: move leads LH/01 to DESTROYED, not to STORED."


@pytest.mark.req("REQ-17")
def test_a_step_that_tells_another_one_than_it_took_is_named() -> None:
    case = stored()
    case.step("move", "STORED", (OTTO, "actor"), told={"from_state": "RECEIVED"})
    assert case.found() == ["Entry 5: it does not state the step that LH/01 took: move from STORED to STORED."]


@pytest.mark.req("REQ-17")
@pytest.mark.parametrize("action", ["exhibit.correct", "note.add", "custody.refused", "image.intake"])
def test_a_state_that_changes_without_a_step_is_named(action: str) -> None:
    case = stored()
    case.put(action, (OTTO, "actor"), state="DESTROYED")
    assert case.found() == [f"Entry 5: {action} changes where LH/01 is in its custody, and is no step of it."]


@pytest.mark.req("REQ-09")
@pytest.mark.parametrize("new", [{"number": "LH/02"}, {"case_id": OTHER_CASE}, {"parent_id": OTHER_CASE}])
def test_an_exhibit_that_is_given_another_number_or_case_is_named(new: dict[str, str]) -> None:
    case = stored()
    case.put("exhibit.correct", (OTTO, "actor"), **new)
    (found,) = case.found()
    assert found == "Entry 5: exhibit.correct gives LH/01 another number or parent, or moves it to another case."


@pytest.mark.req("REQ-18")
def test_a_missing_second_signature_is_named() -> None:
    case = checked_out()
    case.step("hand_over", "CHECKED_OUT", (EMMA, "actor"), holder_id=EMMA.person)
    assert case.found() == ["Entry 6: hand_over needs the signatures of giver and receiver; it has those of actor."]


@pytest.mark.req("REQ-18")
def test_an_exhibit_taken_from_who_holds_it_is_named() -> None:
    for by in (((OTTO, "actor"),), ((OTTO, "giver"), (SUSI, "receiver"))):
        case = checked_out()
        case.step("return_to_store", "STORED", *by, holder_id=by[-1][0].person)
        assert len(case.found()) == 1
        assert "Entry 6: Otto Officer" in case.found()[0]
    received = checked_out()
    received.row["state"] = "SEIZED"
    received.step("receive", "RECEIVED", (OTTO, "receiver"), holder_id=OTTO.person)
    assert received.found()


@pytest.mark.req("REQ-18")
def test_an_exhibit_put_into_the_hands_of_who_does_not_sign_is_named() -> None:
    case = stored()
    case.step("check_out", "CHECKED_OUT", (OTTO, "actor"), holder_id=EMMA.person)
    assert case.found() == ["Entry 5: it puts LH/01 into the hands of somebody who does not sign."]


@pytest.mark.req("REQ-18")
def test_an_offer_that_was_not_made_or_was_answered_is_named() -> None:
    case = checked_out()
    offer = case.add("transfer.offer", (EMMA, "giver"), facts={"offered": "return_to_store"})
    told = {"offer": offer.digest.hex()}
    case.add("transfer.withdraw", (EMMA, "actor"), facts=told)
    case.step("return_to_store", "STORED", (OTTO, "receiver"), told=told, holder_id=OTTO.person)
    assert case.found() == ["Entry 8: it accepts an offer of LH/01 that was not made, or was answered."]
    stolen = checked_out()
    offer = stolen.add("transfer.offer", (OTTO, "giver"), facts={"offered": "return_to_store"})
    told = {"offer": offer.digest.hex()}
    stolen.step("return_to_store", "STORED", (SUSI, "receiver"), told=told, holder_id=SUSI.person)
    assert stolen.found() == ["Entry 7: it accepts an offer of LH/01 by somebody who did not hold it."]


@pytest.mark.req("REQ-38")
@pytest.mark.parametrize("who", [ADA, OLGA])
def test_a_signer_without_the_role_is_named(who: Member) -> None:
    case = stored()
    case.step("check_out", "CHECKED_OUT", (OTTO, "giver"), (who, "receiver"), holder_id=who.person)
    assert case.found() == [f"Entry 5: {who.name} signs custody.check_out and did not hold the role for it then."]


@pytest.mark.req("REQ-38")
def test_a_role_counts_from_the_entry_that_gives_it() -> None:
    lab = the_lab()
    lab.at = NOON.replace(day=NOON.day, hour=18)
    lab.enrol(OLGA, "auditor", "examiner")
    case = stored()
    by: tuple[By, By] = ((OTTO, "giver"), (OLGA, "receiver"))
    case.step("check_out", "CHECKED_OUT", *by, holder_id=OLGA.person)
    assert [one.sequence for one in breaches(case.entries, ring_of(lab), Begun())] == [5]
    late = stored()
    late.at = NOON.replace(hour=19)
    late.step("check_out", "CHECKED_OUT", *by, holder_id=OLGA.person)
    assert breaches(late.entries, ring_of(lab), Begun()) == ()


@pytest.mark.req("REQ-19")
def test_a_disposal_that_its_proposer_approves_is_named() -> None:
    case = stored()
    new = {"exhibit_id": CASE, "proposed_by": SUSI.person, "way": "destroy"}
    case.dispose("custody.propose_disposal", (SUSI, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
    assert case.found() == []
    case.dispose("disposal.approve", (SUSI, "actor"), state="approved", decided_by=SUSI.person)
    assert case.found() == ["Entry 6: Susi Supervisor decides about a disposal that they proposed."]


@pytest.mark.req("REQ-23")
def test_an_end_without_an_approved_disposal_or_without_a_witness_is_named() -> None:
    case = stored()
    new = {"exhibit_id": CASE, "proposed_by": OTTO.person, "way": "destroy"}
    case.dispose("custody.propose_disposal", (OTTO, "actor"), state="proposed", to="DISPOSAL_PENDING", **new)
    case.dispose("custody.destroy", (OTTO, "actor"), (EMMA, "witness"), state="carried out", to="DESTROYED")
    assert case.found() == ["Entry 6: custody.destroy takes a disposal from proposed to carried out."]
    alone = approved()
    alone.dispose("custody.destroy", (OTTO, "actor"), state="carried out", to="DESTROYED")
    assert alone.found() == ["Entry 7: custody.destroy of LH/01 needs the signatures of who does it and of a witness."]
    bare = approved()
    bare.step("destroy", "DESTROYED", (OTTO, "actor"), (EMMA, "witness"))
    assert bare.found() == ["Entry 7: custody.destroy of LH/01 follows no disposal that was approved."]
    own = approved()
    own.dispose("custody.destroy", (SUSI, "actor"), (OTTO, "witness"), state="carried out", to="DESTROYED")
    assert own.found() == ["Entry 7: Susi Supervisor carries out a disposal that they approved."]


def test_an_exhibit_that_comes_into_being_elsewhere_than_where_it_is_registered_is_named() -> None:
    row = {"state": "STORED", "holder_id": OTTO.person, "number": "LH/01", "case_id": CASE}
    for action, new in (
        ("exhibit.add", row),
        ("note.add", row | {"state": "IDENTIFIED"}),
        ("exhibit.add", row | {"state": "IDENTIFIED", "case_id": OTHER_CASE}),
        ("exhibit.add", row | {"state": "IDENTIFIED", "holder_id": EMMA.person}),
        ("image.intake", row | {"type": "image", "parent_id": 1}),
    ):
        case = Custody()
        case.put(action, (OTTO, "actor"), **new)
        assert case.found() == [f"Entry 1: {action} brings LH/01 into being in a way in which no exhibit does."]


def derive(case: Custody, *, about: str = OTHER_CASE, by: Member = EMMA, **part: Any) -> list[str]:
    """What is found where ``by`` derives another exhibit from that of the case."""
    row = {"state": "UNDER_EXAM", "holder_id": by.person, "number": "LH/02", "case_id": CASE, "parent_id": CASE}
    new = {name: (None, value) for name, value in (row | {"type": "storage medium"} | part).items()}
    change = Change(table="exhibit", id=OTHER_CASE, set=new)
    case.add("exhibit.derive", (by, "actor"), about=("exhibit", about), changes=(change,))
    return case.found()


def image_of(case: Custody) -> Custody:
    """The same with an image made of its exhibit, which no custody of the parent binds; it stands in its place."""
    case.put("exhibit.correct", (EMMA, "actor"), type="image")
    return case


def test_a_part_is_taken_out_by_who_has_the_whole_and_files_are_exported_from_an_image() -> None:
    assert derive(checked_out()) == []
    assert derive(image_of(stored()), type="export") == []
    wrong = "brings LH/02 into being in a way in which no exhibit does."
    for found in (
        derive(stored(), by=OTTO),
        derive(checked_out(), by=OTTO),
        derive(checked_out(), state="STORED"),
        derive(checked_out(), holder_id=OTTO.person),
        derive(checked_out(), type="image"),
        derive(checked_out(), type="export"),
        derive(image_of(stored())),
        derive(checked_out(), parent_id=None),
        derive(checked_out(), parent_id=OTHER_CASE),
        derive(checked_out(), case_id=OTHER_CASE),
        derive(checked_out(), about=CASE),
    ):
        assert [one.split(" ", 3)[3] for one in found] == [wrong]
    (role,) = derive(checked_out(), by=SUSI, holder_id=SUSI.person)[:1]
    assert "Susi Supervisor signs exhibit.derive" in role


def test_a_step_of_an_exhibit_of_another_chain_is_named() -> None:
    case = Custody()
    case.step("store", "STORED", (OTTO, "actor"))
    assert "Entry 1: custody.store is about 2026-014/3, which this chain never registered." in case.found()


def test_nothing_is_judged_behind_an_entry_that_cannot_be_read() -> None:
    case = registered()
    case.step("store", "STORED", (OTTO, "actor"))
    case.entries.insert(1, Entry(b"{", (bytes(64),)))
    assert breaches(case.entries, RING, Begun()) == ()


@pytest.mark.req("REQ-68")
def test_the_verifier_on_its_own_names_the_act_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = registered()
    for _ in range(22):
        case.step("store", "STORED", (OTTO, "actor"))
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"".join(lines_of([(LAB, "lab", LAW.entries), (CASE, "case", case.entries)])))
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "allowed: NO" in said
    assert "Not allowed: Entry 2: store is not possible for LH/01, which is IDENTIFIED." in said
    assert "... and 2 more that were not allowed" in said
    assert "NOT everything is in order" in said
    main(["verify", str(path), "--json"])
    found = json.loads(capsys.readouterr().out)["chains"][1]
    assert (found["intact"], found["signed"], found["trusted"]) == ("yes", "yes", "yes")
    assert (len(found["breaches"]), found["breaches"][0]["sequence"]) == (22, 2)


@pytest.mark.req("REQ-64", "REQ-65")
def test_a_report_without_a_draft_is_allowed_only_where_nothing_tells_of_drafts() -> None:
    def told(*rows: dict[str, Any], facts: dict[str, Any] | None = None) -> list[str]:
        case = registered()
        case.add("note.add", (EMMA, "actor"))
        head = case.entries[-1].digest.hex()
        case.add("note.add", (EMMA, "actor"))
        for number, row in enumerate(rows):
            row = {"case_id": CASE, "author_id": EMMA.person, "ledger_head": head} | row
            change = Change(
                table="report", id=f"{CASE[:-1]}{number}", set={name: (None, it) for name, it in row.items()}
            )
            case.add("report.issue", (EMMA, "actor"), facts=facts or {}, changes=(change,))
        return case.found()

    nobody = "report.issue issues a report that nobody reviewed."
    assert told({}, {}) == [], "as reports were issued before drafts were kept"
    for column in ("kind", "draft_id", "authoriser_id", "replaces_id", "changes"):
        assert told({column: None}) == [f"Entry 4: {nobody}"]
    assert told({"kind": "full"}, {}) == [f"Entry 4: {nobody}", f"Entry 5: {nobody}"]
    assert told({}, facts={"content_sha256": "ab" * 32}) == [f"Entry 4: {nobody}"]
    for head in ("ab" * 32, 1, True):
        assert told({"ledger_head": head}) == ["Entry 4: report.issue names a head that this chain did not have."]
