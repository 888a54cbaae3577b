"""Tags: of the lab's own, on files and bytes; all of it in the record, and found again in another catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from forensics_app.db.tables import TAGGING
from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.tag import FIRST_TAGS, NewTag, Tag, TagColour
from forensics_app.model.target import area_target, entry_target
from forensics_app.services.found_again import Found, found_again, is_same
from tests.builders import Bench
from tests.forensics_app.services.test_files_and_races import took_in

DATABASES = ("sqlite", "postgresql")


def begun(bench: Bench) -> tuple[EvidenceImage, tuple[CatalogueEntry, ...], tuple[Tag, ...]]:
    """A catalogued image, its files, and the first tags."""
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id, with_content=False)
    with bench.lab.catalogues.open(image) as catalogue:
        files = catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",))))
    return image, files, bench.lab.tags.make(bench.examiner, *FIRST_TAGS)


def test_files_and_bytes_bear_tags_until_they_are_taken_off_and_each_act_is_an_entry(bench: Bench) -> None:
    image, files, (relevant, again, *_) = begun(bench)
    tags = bench.lab.tags
    whole = [entry_target(image, entry) for entry in files[:3]]
    hit = area_target(image, Area(kind=AreaKind.VOLUME, volume_id="v0.p1"), 1 << 20, 4096, 12, "bc1q")
    part = entry_target(image, files[0], 0, 4, "%PDF")
    made = tags.put(bench.examiner, relevant.id, [*whole, hit])
    assert len(made) == 4
    assert tags.put(bench.examiner, relevant.id, whole) == ()
    tags.put(bench.supervisor, again.id, [part])
    with bench.lab.catalogues.open(image) as catalogue:
        found = tags.of_image(image, catalogue)
    assert {key: [one.tag_id for one in on] for key, on in found.entries.items()} == {
        entry.id: [relevant.id] for entry in files[:3]
    }
    assert [one.target.term for one in found.parts[files[0].id]] == ["%PDF"]
    assert (found.lost, len(tags.of_case(image.case_id))) == ((), 5)
    removed = tags.remove(bench.examiner, [one.id for one in made[:2]])
    assert [one.id for one in removed] == [one.id for one in made[:2]]
    assert tags.remove(bench.examiner, [made[0].id]) == ()
    assert len(tags.of_case(image.case_id)) == 3
    told = [event for event in bench.lab.custody.case_history(image.case_id) if event.action.startswith("tag.")]
    assert [(event.action, event.fact("tag"), event.facts["places"]) for event in told] == [
        ("tag.put", "Relevant", 4),
        ("tag.put", "Look again", 1),
        ("tag.remove", "Relevant", 2),
    ]
    assert bench.lab.verification.verify().ok


def test_a_tag_that_was_changed_in_the_database_is_named(bench: Bench) -> None:
    image, files, (relevant, *_) = begun(bench)
    (made,) = bench.lab.tags.put(bench.examiner, relevant.id, [entry_target(image, files[0])])
    with bench.lab.database.writing() as connection:
        connection.execute(update(TAGGING).where(TAGGING.c.id == str(made.id)).values(path="/elsewhere"))
    (finding,) = bench.lab.verification.verify().row_findings
    assert finding.startswith(f"path of tagging {made.id} is")


def test_tags_are_found_again_in_a_catalogue_that_was_built_in_another_way_and_what_is_lost_is_told(
    bench: Bench,
) -> None:
    image, files, (relevant, *_) = begun(bench)
    tags = bench.lab.tags
    moved = replace(entry_target(image, files[1]), entry_id=files[2].id)
    gone = replace(entry_target(image, files[2]), path="/no/such.file")
    tags.put(bench.examiner, relevant.id, [entry_target(image, files[0]), moved, gone])
    image = bench.lab.catalogues.build(bench.examiner, image.id)
    with bench.lab.catalogues.open(image) as catalogue:
        for service in (tags, replace(tags, found=Found())):
            found = service.of_image(image, catalogue)
            assert set(found.entries) == {files[0].id, files[1].id}
            assert [one.target.path for one in found.lost] == ["/no/such.file"]


def test_a_file_with_another_content_is_another_file(bench: Bench) -> None:
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id)
    with bench.lab.catalogues.open(image) as catalogue:
        entry = next(one for one in catalogue.rows(catalogue.ids(CatalogueQuery(kinds=("file",)))) if one.sha256)
        target = entry_target(image, entry)
        other = replace(target, sha256=bytes(32))
        assert found_again(catalogue, [target, other, replace(target, sha256=None)]) == [entry.id, None, entry.id]
    assert not is_same(other, entry)


def test_names_and_keys_are_each_of_one_tag_and_a_retired_tag_still_stands_on_what_bears_it(bench: Bench) -> None:
    image, files, (relevant, *_) = begun(bench)
    tags = bench.lab.tags
    for new, said in (
        (NewTag(name="RELEVANT", colour=TagColour.TEAL), "already"),
        (NewTag(name="Other", colour=TagColour.TEAL, key=1), "The key 1 puts the tag Relevant"),
        (NewTag(name=" ", colour=TagColour.TEAL), "needs a name"),
        (NewTag(name="a\u202eb", colour=TagColour.TEAL), "can be seen"),
        (NewTag(name="a,b", colour=TagColour.TEAL), "filters could not"),
        (NewTag(name="Ten", colour=TagColour.TEAL, key=10), "1 to 9"),
    ):
        with pytest.raises(RefusedError, match=said):
            tags.make(bench.examiner, new)
    tags.put(bench.examiner, relevant.id, [entry_target(image, files[0])])
    renamed = tags.change(bench.examiner, relevant.id, NewTag(name="Invoice", colour=TagColour.TEAL, key=9))
    assert (renamed.name, renamed.colour, renamed.key) == ("Invoice", TagColour.TEAL, 9)
    tags.retire(bench.supervisor, relevant.id, "Too broad")
    assert "Invoice" not in [one.name for one in tags.list()]
    assert next(one for one in tags.all() if one.id == relevant.id).retired_at is not None
    assert len(tags.of_case(image.case_id)) == 1
    tags.make(bench.examiner, NewTag(name="Invoice", colour=TagColour.TEAL, key=9))
    with pytest.raises(NotFoundError):
        tags.put(bench.examiner, relevant.id, [entry_target(image, files[1])])
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-40")
def test_roles_decide_who_tags_and_only_a_supervisor_uncovers_what_others_covered(bench: Bench) -> None:
    image, files, made = begun(bench)
    tags, sensitive = bench.lab.tags, next(one for one in made if one.conceals)
    target = [entry_target(image, files[0])]
    for nobody in (bench.custodian, bench.admin_as_auditor()):
        with pytest.raises(PermissionRefusedError):
            tags.put(nobody, sensitive.id, target)
    assert tags.remove(bench.examiner, [one.id for one in tags.put(bench.examiner, sensitive.id, target)])  # a slip
    (on,) = tags.put(bench.supervisor, sensitive.id, target)
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        tags.remove(bench.examiner, [on.id])
    plain = NewTag(name="Sensitive", colour=TagColour.PINK)
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        tags.change(bench.examiner, sensitive.id, plain)
    assert tags.remove(bench.supervisor, [on.id])


def test_what_is_no_place_or_too_much_is_refused_and_nothing_is_written(bench: Bench) -> None:
    image, files, (relevant, *_) = begun(bench)
    target = entry_target(image, files[0])
    before = len(bench.lab.custody.case_history(image.case_id))
    volume = area_target(image, Area(kind=AreaKind.VOLUME, volume_id="v0.p1"), 100, 90, 11)
    for targets, said in (
        ([], "Nothing is chosen"),
        ([target] * 5001, "too many at once"),
        ([replace(target, offset_bytes=3)], "not said which bytes"),
        ([volume], "beyond its end"),
        ([replace(target, offset_bytes=0, length_bytes=1, term="x" * 1001)], "too many to record"),
    ):
        with pytest.raises(RefusedError, match=said):
            bench.lab.tags.put(bench.examiner, relevant.id, targets)
    assert len(bench.lab.custody.case_history(image.case_id)) == before
