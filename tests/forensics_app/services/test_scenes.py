"""Scenes: what is asked, who answered, and what keeps a scene open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from chain_of_custody.guidance.flows import DONE, NOT_DONE, Answer, Step, StepKind
from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.scene import Scene, Standing
from tests.builders import NOON, Bench, make_bench
from tests.forensics_app.services.scene_of_a_search import PICTURE, answer, begin, go_to_a_scene, memory

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "lab")
    yield made
    made.lab.close()


@pytest.fixture
def scene(bench: Bench) -> Scene:
    return begin(bench, bench.case().id)


def finish(bench: Bench, scene: Scene, *leave_out: str) -> None:
    """Answer what is open, one question after the other, but for some."""
    while left := [step for step in bench.lab.scenes.missing(scene.id) if step.id not in leave_out]:
        _answer(bench, scene, left[0])


def _answer(bench: Bench, scene: Scene, step: Step) -> None:
    match step.kind:
        case StepKind.PHOTO:
            photo = NewPhoto(path=PICTURE, view=PhotoView(step.view))
            bench.lab.scenes.add_photo(bench.custodian, scene.id, step.id, photo)
        case StepKind.CAPTURE:
            bench.lab.scenes.add_capture(bench.custodian, scene.id, step.id, memory(bench))
        case StepKind.CHOICE | StepKind.DECISION:
            answer(bench, scene, step.id, step.choices[0].id, "seen on the screen")
        case StepKind.CONFIRM:
            answer(bench, scene, step.id, DONE)
        case StepKind.TEXT:
            answer(bench, scene, step.id, "as found")


@pytest.mark.req("REQ-04")
def test_an_answer_is_kept_with_its_person_and_time_in_an_entry_of_the_case(bench: Bench, scene: Scene) -> None:
    told_at = bench.clock()
    given = Answer(value="yes", reason="")
    kept = bench.lab.scenes.answer(bench.custodian, scene.id, "live-encryption", given, told_at)
    assert (kept.value, kept.person_id, kept.given_at) == ("yes", bench.custodian.person.id, told_at)
    entry = bench.lab.custody.case_history(scene.case_id)[-1]
    assert (entry.action, entry.actor, entry.object_label) == ("scene.answer", "Tomasz Lis", scene.subject)
    assert entry.fact("question").startswith("Signs of encryption")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-05")
def test_a_live_scene_is_not_closed_before_the_decision_and_its_reason(bench: Bench, scene: Scene) -> None:
    finish(bench, scene, "live-decision")
    with pytest.raises(RefusedError, match="1 question is open: What is done with it"):
        bench.lab.scenes.close(bench.custodian, scene.id)
    with pytest.raises(RefusedError, match="State the reason"):
        answer(bench, scene, "live-decision", "pull-plug")
    answer(bench, scene, "live-decision", "pull-plug", "A wiping program was running")
    finish(bench, scene)
    assert bench.lab.scenes.close(bench.custodian, scene.id).closed_at is not None
    with pytest.raises(RefusedError, match="closed"):
        answer(bench, scene, "live-remarks", "one thing more")


@pytest.mark.req("REQ-08")
def test_an_imei_with_a_wrong_check_digit_is_recorded_with_the_doubt(bench: Bench) -> None:
    phone = begin(bench, bench.case().id, "mobile")
    answer(bench, phone, "mobile-imei", "490154203237518")
    assert not bench.lab.custody.case_history(phone.case_id)[-1].fact("doubt")
    answer(bench, phone, "mobile-imei", "490154203237519")
    doubt = bench.lab.custody.case_history(phone.case_id)[-1].fact("doubt")
    assert doubt == "490154203237519: The check digit of this IMEI is wrong; read it again."


def test_a_later_answer_stands_and_the_earlier_one_is_kept(bench: Bench, scene: Scene) -> None:
    answer(bench, scene, "live-encryption", "no")
    bench.clock.at -= timedelta(days=3)
    answer(bench, scene, "live-encryption", "yes")
    assert [one.value for one in bench.lab.scenes.answers(scene.id)] == ["no", "yes"]
    assert bench.lab.scenes.standing_answers(scene.id)["live-encryption"].value == "yes"


@pytest.mark.req("REQ-06")
def test_a_capture_that_comes_too_late_is_flagged_and_not_refused(bench: Bench, scene: Scene) -> None:
    answer(bench, scene, "live-decision", "live-capture", "An open volume")
    first = bench.lab.scenes.add_capture(
        bench.custodian, scene.id, "live-capture", memory(bench, rule="volatile-disk", what="Open volume")
    )
    second = bench.lab.scenes.add_capture(bench.custodian, scene.id, "live-capture", memory(bench))
    assert [(one.number, one.tier, one.out_of_order) for one in (first, second)] == [(1, 4, False), (2, 2, True)]
    assert bench.lab.scenes.captures(scene.id) == (first, second)


@pytest.mark.req("REQ-11")
def test_a_photograph_is_kept_under_its_digest_and_found_when_it_is_changed(bench: Bench, scene: Scene) -> None:
    photo = NewPhoto(path=PICTURE, view=PhotoView.SCREEN, caption="Lock screen")
    kept = bench.lab.scenes.add_photo(bench.custodian, scene.id, "live-screen", photo)
    path = bench.lab.folder.photo(scene.case_id, kept.sha256, ".jpg")
    assert path.read_bytes() == PICTURE.read_bytes()
    assert bench.lab.scenes.standing_answers(scene.id)["live-screen"].value == "1"
    path.write_bytes(path.read_bytes() + b"\0")
    assert "photograph of the scene" in bench.lab.verification.verify().file_findings[0]


def test_a_photograph_that_could_not_be_recorded_is_not_kept(bench: Bench, scene: Scene) -> None:
    with pytest.raises(RefusedError, match="not asked"):
        bench.lab.scenes.add_photo(
            bench.custodian, scene.id, "mobile-screen", NewPhoto(path=PICTURE, view=PhotoView.SCREEN)
        )
    assert not list((bench.lab.folder.root / "cases" / str(scene.case_id) / "photos").iterdir())


def test_a_question_that_is_not_asked_cannot_be_answered(bench: Bench, scene: Scene) -> None:
    with pytest.raises(RefusedError, match="not asked"):
        answer(bench, scene, "live-plug", DONE)
    with pytest.raises(RefusedError, match="answered by adding photographs"):
        answer(bench, scene, "live-screen", "3")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": " "}, "what was typed"),
        ({"rule": "volatile-dreams"}, "order of volatility"),
        ({"ended_at": NOON - timedelta(days=9)}, "ends before it begins"),
    ],
)
def test_a_capture_that_is_not_whole_is_refused(
    bench: Bench, scene: Scene, change: dict[str, object], said: str
) -> None:
    answer(bench, scene, "live-decision", "live-capture", "An open volume")
    told = replace(memory(bench), **change)  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=said):
        bench.lab.scenes.add_capture(bench.custodian, scene.id, "live-capture", told)


def test_who_may_not_work_at_a_scene_is_refused(bench: Bench, scene: Scene) -> None:
    auditor = bench.admin_as_auditor()
    with pytest.raises(PermissionRefusedError):
        bench.lab.scenes.close(auditor, scene.id)
    with pytest.raises(PermissionRefusedError):
        bench.lab.scenes.answer(auditor, scene.id, "live-encryption", Answer(value="no"), bench.clock())


@pytest.mark.req("REQ-01")
def test_an_expired_authority_blocks_a_scene_until_somebody_decides_with_a_reason(bench: Bench) -> None:
    case = bench.case(expires_on=date(2026, 11, 10))
    with pytest.raises(RefusedError, match="expired"):
        begin(bench, case.id)
    with pytest.raises(RefusedError, match="needs a reason"):
        bench.lab.cases.override_authority(bench.custodian, case.id, date(2026, 11, 21), " ")
    with pytest.raises(RefusedError, match="at most"):
        bench.lab.cases.override_authority(bench.custodian, case.id, date(2027, 11, 21), "danger in delay")
    bench.lab.cases.override_authority(bench.custodian, case.id, date(2026, 11, 21), "Danger in delay; judge called")
    begin(bench, case.id)
    legality = bench.lab.principles.of_case(case.id)[4]
    assert [gap.key.partition(":")[0] for gap in legality.gaps] == ["late", "scene"], "recorded today, begun yesterday"
    assert {gap.explained for gap in legality.gaps} == {"Danger in delay; judge called"}
    bench.clock.at += timedelta(days=2)
    with pytest.raises(RefusedError, match="expired"):
        begin(bench, case.id)


def test_an_authority_in_force_cannot_be_overridden(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="Only an authority that has expired"):
        bench.lab.cases.override_authority(bench.supervisor, bench.case().id, date(2026, 11, 21), "to be sure")


@pytest.mark.req("REQ-02")
def test_the_principles_are_computed_from_the_record_and_deviations_explained(bench: Bench) -> None:
    case = bench.case()
    empty = bench.lab.principles.of_case(case.id)
    assert [view.standing.value for view in empty] == [
        "nothing recorded yet", "met by these records", "nothing recorded yet", "nothing recorded yet",
        "met by these records",
    ]  # fmt: skip
    bench.exhibit(case)
    scene = go_to_a_scene(bench, case.id)
    integrity, trail, support, training, _ = bench.lab.principles.of_case(case.id)
    assert integrity.standing.value == "deviation"
    assert [(one.what, one.reason, one.author) for one in integrity.deviations] == [
        ("The mouse was moved", "To see whether the screen was locked", "Ana Kovač")
    ]
    assert trail.standing.value == "met by these records"
    gap = support.gaps[0]
    assert (support.standing.value, support.unexplained) == ("deviation", (gap,))
    assert training.gaps[0].key == f"competence:{scene.id}"
    bench.lab.principles.deviate(
        bench.custodian, case.id, "principle-3", gap.what, "No specialist within two hours", gap=gap.key
    )
    assert bench.lab.principles.of_case(case.id)[2].unexplained == ()
    answer(bench, scene, "live-specialist", "Dr. Noor, called 14:05, advised live capture")
    support = bench.lab.principles.of_case(case.id)[2]
    assert support.gaps == ()
    assert "Dr. Noor" in support.records[0]


@pytest.mark.req("REQ-02")
def test_what_was_not_done_at_a_scene_is_a_departure_with_its_reason_and_no_principle_is_met_by_it(
    bench: Bench,
) -> None:
    case = bench.case()
    scene = go_to_a_scene(bench, case.id)
    for step in ("live-specialist", "live-competent"):
        answer(bench, scene, step, NOT_DONE, "Nobody thought of it")
    _, _, support, training, _ = bench.lab.principles.of_case(case.id)
    for view, what in ((support, "no specialist was called"), (training, "who captured it live was not told")):
        assert view.standing is Standing.DEVIATION
        assert view.records == ()
        assert [(what in gap.what, gap.explained) for gap in view.gaps] == [(True, "Nobody thought of it")]


@pytest.mark.req("REQ-02", "REQ-12")
def test_a_broken_seal_departs_from_the_integrity_of_data_until_and_after_it_is_decided(bench: Bench) -> None:
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.lab.incidents.report(bench.custodian, exhibit.id, "The bag is torn at its edge")
    integrity = bench.lab.principles.of_case(case.id)[0]
    assert integrity.standing is Standing.DEVIATION
    assert [gap.what for gap in integrity.unexplained] == ["The bag is torn at its edge"]
    (incident,) = bench.lab.incidents.list(case.id)
    bench.lab.incidents.close(bench.supervisor, incident.id, "Resealed; the content is complete")
    integrity = bench.lab.principles.of_case(case.id)[0]
    assert [gap.explained for gap in integrity.gaps] == ["Resealed; the content is complete"]
    assert integrity.unexplained == ()


def test_a_deviation_needs_words_a_reason_and_a_gap_that_is_there(bench: Bench) -> None:
    case = bench.case()
    for principle, what, reason, gap in (
        ("principle-1", "", "because", ""),
        ("principle-1", "moved", " ", ""),
        ("principle-9", "moved", "because", ""),
        ("principle-1", "moved", "because", "seal:gone"),
    ):
        with pytest.raises(RefusedError):
            bench.lab.principles.deviate(bench.examiner, case.id, principle, what, reason, gap=gap)
    assert all(not view.deviations for view in bench.lab.principles.of_case(case.id))


def test_a_lab_can_correct_the_guidance_and_a_broken_correction_is_told(bench: Bench) -> None:
    own = bench.lab.folder.root / "guidance"
    own.mkdir()
    (own / "sources.toml").write_text("[[source]]\n", "utf-8")
    with pytest.raises(LabUnusableError, match=r"sources\.toml"):
        bench.lab.scenes.guidance()
