"""The guidance as it is shipped, and what is said of files that are not as they should be."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from chain_of_custody.guidance.library import Guidance, load
from chain_of_custody.guidance.rules import GuidanceError
from chain_of_custody.states import Event
from forensics_app.model.exhibit import REGISTRABLE, PhotoView
from resources import path as resource

SHIPPED = resource("guidance")


@pytest.fixture(scope="module")
def guidance() -> Guidance:
    return load(SHIPPED)


def test_the_five_principles_stand_in_their_order(guidance: Guidance) -> None:
    assert [rule.title for rule in guidance.principles] == [
        "Data integrity", "Audit trail", "Specialist support", "Appropriate training", "Legality",
    ]  # fmt: skip


@pytest.mark.req("REQ-04")
def test_every_kind_of_scene_has_its_flow(guidance: Guidance) -> None:
    assert list(guidance.flows) == [
        "arrival", "dead-box", "live-box", "mobile", "network", "cloud", "cctv", "paper-wallet",
    ]  # fmt: skip


@pytest.mark.req("REQ-03")
def test_every_rule_says_where_it_comes_from_and_when_it_is_looked_at_again(guidance: Guidance) -> None:
    origins = dict(guidance.origins())
    assert len(origins) > 40
    assert all(origin.section and origin.version and origin.source.title for origin in origins.values())
    last = max(origin.review_by for origin in origins.values())
    assert guidance.overdue(last + timedelta(days=1)) == tuple(origins)
    assert guidance.overdue(date(2026, 1, 1)) == ()


@pytest.mark.req("REQ-06")
def test_rules_of_packaging_of_the_laboratory_and_of_disposal_stand_at_the_steps_that_they_are_about(
    guidance: Guidance,
) -> None:
    lists = {name: guidance.practices[name].rules for name in ("packaging", "laboratory", "disposal")}
    events = {event for rules in lists.values() for rule in rules for event in rule.events}
    assert events <= {event.value for event in Event}
    shown = {rule.id for event in events for rule in guidance.at_step(event)}
    for name, rules in lists.items():
        assert shown & {rule.id for rule in rules}, name
    assert {rule.id for rule in lists["packaging"]} <= shown
    assert {rule.id for rule in lists["disposal"]} <= shown
    assert [rule.id for rule in guidance.at_step("receive")] == [
        "store-seal", "laboratory-register", "laboratory-photograph",
    ]  # fmt: skip
    assert guidance.at_step("no event") == ()


@pytest.mark.req("REQ-03")
def test_a_rule_is_overdue_from_the_day_after_its_review(guidance: Guidance) -> None:
    origin = guidance.principles[0].origin
    assert not origin.is_overdue(origin.review_by)
    assert origin.is_overdue(origin.review_by + timedelta(days=1))


def test_what_nobody_compared_with_its_source_never_says_that_it_is_from_there(guidance: Guidance) -> None:
    for _, origin in guidance.origins():
        assert origin.words().startswith("from " if origin.checked else "structured to follow ")
        assert origin.source.read != "no" or not origin.checked


@pytest.mark.req("REQ-07")
def test_the_devices_are_the_kinds_of_exhibits(guidance: Guidance) -> None:
    assert set(guidance.devices) == {kind.value for kind in REGISTRABLE}


def test_every_photograph_that_is_asked_for_has_a_view_that_photographs_have(guidance: Guidance) -> None:
    asked = {step.view for flow in guidance.flows.values() for step in flow.steps if step.kind.value == "photo"}
    assert asked <= {view.value for view in PhotoView}


def test_the_order_of_volatility_goes_from_what_is_lost_first_to_what_stays(guidance: Guidance) -> None:
    tiers = [rule.tier for rule in guidance.practices["volatility"].rules]
    assert tiers == list(range(1, len(tiers) + 1))


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("principles.toml", 'id = "principle-2"', 'id = "principle-1"', "more than one rule with the id principle-1"),
        ("principles.toml", 'source = "eeg"', 'source = "hearsay"', "principles.toml, rule 1: 'hearsay'"),
        ("principles.toml", "review_by = 2027-06-30", 'review_by = "soon"', "review_by must be a day"),
        ("practice.toml", "[[list]]", "[[list", "practice.toml cannot be read"),
        ("scenes.toml", 'kind = "decision"', 'kind = "guess"', "scenes.toml, flow 3, step 10"),
        ("scenes.toml", 'is = ["pull-plug"]', 'is = ["pull-plugs"]', "an answer that live-decision does not offer"),
        ("scenes.toml", 'id = "dead-front"', 'id = "dead-off"', "the step dead-off stands twice"),
        ("scenes.toml", 'check = "phones"', 'check = "hearing"', "mobile-imei cannot be checked by 'hearing'"),
        ("devices.toml", 'id = "marks"', 'id = "asset_tag"', "a field stands twice"),
        ("devices.toml", 'kind = "imei"', 'kind = "number plate"', "devices.toml, device 3, field 1"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_named_with_the_place(
    tmp_path: Path, name: str, before: str, after: str, said: str
) -> None:
    folder = tmp_path / "guidance"
    shutil.copytree(SHIPPED, folder)
    text = (folder / name).read_text("utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(GuidanceError) as caught:
        load(folder)
    assert said in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(GuidanceError, match=r"sources\.toml cannot be read"):
        load(tmp_path)
