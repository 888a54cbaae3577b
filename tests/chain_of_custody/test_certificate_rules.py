"""Certificates, forged: by who is no administrator, for who did not ask, of another authority, in another chain."""

from typing import Any

import pytest

from chain_of_custody.ledger import breaches, verify
from chain_of_custody.rule_sets import Begun
from tests.chain_of_custody.chains import ADA, Chain, Member, ring_of
from tests.chain_of_custody.test_rules import EMMA, OTTO, SUSI, Custody, the_lab

BORIS = EMMA.with_key("Emma's second key")


class Certifying(Chain):
    """A lab chain with people, whose administrator certifies who signs reports."""

    def __init__(self) -> None:
        lab = the_lab()
        super().__init__(lab.chain, "lab", entries=lab.entries, at=lab.at)

    def certify(self, act: str, who: Member = ADA, **facts: Any) -> None:
        own = {"person": who.person, "key": who.key.key_id}
        told = {**({} if act in ("issue", "revocations") else own), **facts}
        self.add(f"certificate.{act}", (who, "actor"), facts=told, about=("certificate", "certificates"))

    def request(self, who: Member, salt: object = "51", **facts: Any) -> None:
        self.certify("request", who, salt=salt, **facts)

    def issue(self, to: Member, by: Member = ADA, salt: object = "51", authority: object = "a1", **facts: Any) -> None:
        told = {"person": to.person, "key": to.key.key_id, "salt": salt, "authority": authority, **facts}
        self.certify("issue", by, **told)

    def found(self) -> list[str]:
        ring = ring_of(self)
        assert verify(self.entries, ring).first_bad is None, "the ledger itself is a good one"
        return [one.what.partition(": ")[2] for one in breaches(self.entries, ring, Begun())]


def certified() -> Certifying:
    lab = Certifying()
    lab.certify("authority", ADA, sha256="a1")
    lab.certify("revocations", ADA, authority="a1")
    lab.request(EMMA)
    lab.issue(EMMA)
    return lab


@pytest.mark.req("REQ-67")
def test_what_an_administrator_certifies_for_who_asked_is_allowed() -> None:
    lab = certified()
    lab.certify("import", SUSI, sha256="c1")
    lab.certify("authority", ADA, sha256="a2")
    lab.issue(EMMA, authority="a2")
    lab.certify("revocations", ADA, authority="a1")
    assert lab.found() == []


@pytest.mark.req("REQ-67")
def test_who_was_an_administrator_then_goes_on_having_been_one() -> None:
    lab = certified()
    lab.enrol(ADA, "auditor", action="key.replace")
    assert lab.found() == []
    lab.certify("revocations", ADA, authority="a1")
    assert lab.found() == ["Ada Administrator signs certificate.revocations and did not hold the role for it then."]


@pytest.mark.req("REQ-67")
@pytest.mark.parametrize("who", [EMMA, SUSI, OTTO])
def test_an_authority_of_who_is_no_administrator_is_named(who: Member) -> None:
    lab = certified()
    lab.certify("authority", who, sha256="a2")
    lab.request(SUSI, "52")
    lab.issue(SUSI, who, "52", "a2")
    name = who.name
    assert lab.found() == [
        f"{name} signs certificate.authority and did not hold the role for it then.",
        f"{name} signs certificate.issue and did not hold the role for it then.",
    ]


ISSUE = "certificate.issue"
NOT_ASKED = f"{ISSUE} certifies somebody who did not ask for it with this key."
OTHER = f"{ISSUE} names another authority than the newest of the laboratory."
NOT_ITS_KEY = f"{ISSUE} is not signed with the key of the authority that it names."


@pytest.mark.req("REQ-67")
@pytest.mark.parametrize(
    ("to", "told", "words"),
    [
        (SUSI, {}, [NOT_ASKED]),
        (BORIS, {}, [NOT_ASKED]),
        (EMMA, {"salt": "52"}, [NOT_ASKED]),
        (EMMA, {"salt": None}, [NOT_ASKED]),
        (EMMA, {"authority": "a9"}, [OTHER, NOT_ITS_KEY]),
        (EMMA, {"authority": None}, [OTHER, NOT_ITS_KEY]),
        (EMMA, {"authority": ["a1"]}, [OTHER, NOT_ITS_KEY]),
        (EMMA, {"person": SUSI.person}, [NOT_ASKED]),
    ],
)
def test_a_certificate_that_nobody_asked_for_or_of_another_authority_is_named(
    to: Member, told: dict[str, Any], words: list[str]
) -> None:
    lab = certified()
    lab.issue(to, **told)
    assert lab.found() == words


def test_a_certificate_of_an_authority_that_was_replaced_is_named() -> None:
    lab = certified()
    lab.certify("authority", ADA, sha256="a2")
    lab.issue(EMMA, authority="a1")
    assert lab.found() == [OTHER]


def test_another_administrator_does_not_certify_with_an_authority_that_is_not_theirs() -> None:
    lab = certified()
    lab.enrol(SUSI, "administrator", action="key.replace")
    lab.issue(EMMA, SUSI)
    lab.certify("revocations", SUSI, authority="a1")
    assert [one.partition(" is ")[2] for one in lab.found()] == [
        "not signed with the key of the authority that it names."
    ] * 2


@pytest.mark.parametrize("act", ["authority", "request", "import"])
def test_what_is_said_for_somebody_else_is_named(act: str) -> None:
    lab = certified()
    lab.certify(act, ADA, person=EMMA.person, sha256="c1", salt="53")
    assert lab.found() == [f"certificate.{act} is about another person or key than those that sign it."]


def test_a_request_that_somebody_else_made_is_not_answered() -> None:
    lab = certified()
    lab.certify("request", OTTO, person=SUSI.person, key=SUSI.key.key_id, salt="53")
    lab.issue(SUSI, salt="53")
    assert lab.found()[1:] == [NOT_ASKED]


@pytest.mark.req("REQ-67")
def test_certificates_in_the_chain_of_a_case_are_named() -> None:
    case = Custody()
    case.put("certificate.authority", (EMMA, "actor"), facts={"person": EMMA.person, "key": EMMA.key.key_id})
    assert (
        "Entry 1: certificate.authority stands in the chain of a case; certificates are of the laboratory."
        in case.found()
    )


def test_a_certificate_that_two_sign_is_named() -> None:
    lab = certified()
    lab.add("certificate.revocations", (ADA, "actor"), (SUSI, "witness"), facts={"authority": "a1"})
    assert lab.found() == ["certificate.revocations is signed by 2 in other roles than it needs."]
