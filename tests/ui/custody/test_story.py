from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.note import NewNote
from resources import path as resource
from tests.builders import Bench, make_bench
from ui.custody.story import Shown, particulars_words, rows_of, story_of
from ui.widgets.timeline import Event, Gap


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "lab")
    yield made
    made.lab.close()


def test_a_giver_who_is_not_recorded_to_have_had_the_exhibit_leaves_a_gap(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    fields = {
        "place": "Reception",
        "purpose": "Examination",
        "seal_number": "0048812",
        "seal_check": "broken",
        "condition": "Undamaged",
    }
    request = bench.request(exhibit, "receive", fields=fields, outside_party="Cpl. Unknown")
    bench.lab.custody.perform(bench.custodian, request)
    rows = rows_of(story_of(bench.lab.custody.history(exhibit.id)), Shown.ALL, 0)
    received, gap, *_ = rows
    assert isinstance(received, Event)
    assert isinstance(gap, Gap)
    assert 23 * 3600 < gap.length_s < 25 * 3600


def test_a_broken_seal_is_a_deviation(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    fields = {
        "place": "Reception",
        "purpose": "Examination",
        "seal_number": "0048812",
        "seal_check": "broken",
        "condition": "Undamaged",
    }
    request = bench.request(exhibit, "receive", fields=fields, outside_party="Sgt. Duarte")
    bench.lab.custody.perform(bench.custodian, request)
    story = story_of(bench.lab.custody.history(exhibit.id))
    assert [row.title for row in rows_of(story, Shown.DEVIATIONS, 0) if isinstance(row, Event)] == [
        "Received at the laboratory"
    ]
    assert not any(isinstance(row, Gap) for row in rows_of(story, Shown.ALL, 0))


def test_the_name_of_a_file_is_written_as_it_is(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)
    story = story_of(bench.lab.custody.history(exhibit.id))
    assert particulars_words(story, story.events[-1]) == "exhibit-photo-drive.jpg; view: whole"
    assert particulars_words(story, story.events[0]).startswith("At Lindenhofstr. 12")


def test_a_note_is_told_with_its_number_and_the_note_that_it_adds_to(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    new = NewNote(case_id=exhibit.case_id, text="The drive is warm.", told_at=bench.clock(), exhibit_id=exhibit.id)
    note = bench.lab.notes.add(bench.examiner, new)
    bench.lab.notes.add(bench.examiner, replace(new, text="It was cold.", addendum_to=note.id))
    story = story_of(bench.lab.custody.history(exhibit.id))
    rows = [row for row in rows_of(story, Shown.ALL, 0) if isinstance(row, Event)][:2]
    assert [(row.icon, row.particulars) for row in rows] == [("text", "Note 2; adds to note 1"), ("text", "Note 1")]


def test_a_told_time_that_is_none_is_shown_as_told(bench: Bench) -> None:
    exhibit = bench.exhibit(bench.case())
    event = bench.lab.custody.history(exhibit.id)[-1]
    untrue = replace(event, occurred_at=None, facts={**event.facts, "occurred_at": "yesterday"})
    words = particulars_words(story_of([untrue]), untrue)
    assert "The time told, “yesterday”, cannot be read" in words
    assert "cannot be read" not in particulars_words(story_of([event]), event)
