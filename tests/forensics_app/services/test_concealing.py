"""Pictures that are tagged so, or in an alert set: blurred, not shown, looked at for a reason that is recorded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from chain_of_custody.rules import is_judged
from forensics_app.db.ledger import entries_of
from forensics_app.db.thumbnail_file import ThumbnailFile
from forensics_app.errors import HiddenContentError, PermissionRefusedError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery, SortColumn
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ReportRequest
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from forensics_app.services.concealing import NOT_TOLD
from forensics_app.services.hidden_names import HiddenNames
from forensics_app.services.thumbnails import BLURRED_PX, BOX_PX
from forensics_app.services.withholding import naming_hidden
from tests.builders import Bench
from tests.forensics_app.services.test_files_and_races import took_in
from tests.forensics_app.services.test_hash_sets import listed, new, sets

DATABASES = ("sqlite", "postgresql")


def pictures_of(bench: Bench) -> tuple[EvidenceImage, tuple[CatalogueEntry, ...]]:
    image = bench.lab.catalogues.build(bench.examiner, took_in(bench).id)
    with bench.lab.catalogues.open(image) as catalogue:
        query = CatalogueQuery(mime_prefix="image/jpeg", sort=SortColumn.NAME)
        return image, catalogue.rows(catalogue.ids(query))


def longer_side(encoded: bytes) -> int:
    with Image.open(io.BytesIO(encoded)) as picture:
        assert picture.format == "JPEG"
        return max(picture.size)


def holds(path: Path, encoded: bytes) -> bool:
    """Whether a part of a picture, from behind its head, which many share, is in a file, in whatever pieces."""
    kept = path.read_bytes()
    return any(encoded[at : at + 64] in kept for at in range(1024, len(encoded) - 64, 64))


@pytest.mark.req("REQ-39", "REQ-40")
def test_flagged_pictures_are_blurred_until_somebody_gives_a_reason_and_the_entry_names_each(
    bench: Bench, tmp_path: Path
) -> None:
    image, (plain, tagged, alert, *_) = pictures_of(bench)
    sensitive = next(one for one in bench.lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    thumbnails, concealing = bench.lab.thumbnails, bench.lab.examine.concealing
    before = thumbnails.of(image, (plain, tagged, alert))
    assert [(longer_side(one.encoded), one.is_blurred) for one in before] == [(BOX_PX, False)] * 3
    bench.lab.tags.put(bench.examiner, sensitive.id, [entry_target(image, tagged)])
    wanted = listed(tmp_path, (alert.md5 or b"").hex())
    sets(bench).add(bench.examiner, new(wanted, HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    found = thumbnails.of(image, (plain, tagged, alert))
    assert [(one.why, one.is_blurred) for one in found] == [
        ("", False),
        ("tagged Sensitive", True),
        ("in an alert set", True),
    ]
    assert [longer_side(one.encoded) for one in found] == [BOX_PX, BLURRED_PX, BLURRED_PX]
    kept = bench.lab.folder.matches(image.case_id, image.id).with_suffix(".thumbnails")
    assert holds(kept, before[0].encoded)
    assert not holds(kept, before[1].encoded)
    for one in (tagged, alert):
        with pytest.raises(HiddenContentError, match="not shown without a reason"):
            bench.lab.examine.picture(image, one, 200)
    with pytest.raises(RefusedError, match="needs a reason"):
        concealing.look(bench.examiner, image, (tagged,), " ")
    with pytest.raises(PermissionRefusedError):
        concealing.look(bench.custodian, image, (tagged,), "Curious")
    concealing.look(bench.examiner, image, (plain, tagged, alert), "To describe them")
    assert thumbnails.of(image, (tagged, alert)) == before[1:]
    assert bench.lab.examine.picture(image, tagged, 200).encoded
    assert not holds(kept, before[1].encoded)
    last = bench.lab.custody.case_history(image.case_id)[-1]
    assert (last.action, last.reason) == ("picture.look", "To describe them")
    named = last.facts["pictures"]
    assert isinstance(named, list)
    assert [one["path"] for one in named if isinstance(one, dict)] == [tagged.path, alert.path]
    concealing.cover()
    with pytest.raises(HiddenContentError):
        bench.lab.examine.picture(image, alert, 200)
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-39", "REQ-40")
def test_all_pictures_are_blurred_while_the_look_up_is_of_another_catalogue(bench: Bench, tmp_path: Path) -> None:
    image, (plain, alert, *_) = pictures_of(bench)
    sets(bench).add(bench.examiner, new(listed(tmp_path, (alert.md5 or b"").hex()), HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    bench.lab.examine.concealing.look(bench.examiner, image, (alert,), "To describe it")
    bench.lab.examine.concealing.cover()
    image = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)  # its look-up fails
    found = bench.lab.thumbnails.of(image, (plain, alert))
    assert [(one.why, one.is_blurred, longer_side(one.encoded)) for one in found] == [(NOT_TOLD, True, BLURRED_PX)] * 2
    with pytest.raises(HiddenContentError, match="not looked up"):
        bench.lab.examine.picture(image, alert, 200)
    withholds = naming_hidden(bench.lab.examine, [image], ())
    with bench.lab.database.reading() as connection:
        entries = list(entries_of(connection, str(image.case_id)))
    looks = [one for one in entries if one.content.action == "picture.look"]
    assert [withholds(one) for one in looks] == [True]
    assert [one.content.action for one in entries if not withholds(one) and not is_judged(one.body)] == []
    hidden = HiddenNames(bench.lab.examine, image, None)
    assert hidden.hold(plain.volume_id, plain.address, plain.path)
    assert hidden.are_told_in("No name of a file")
    image = bench.lab.catalogues.build(bench.examiner, image.id)
    found = bench.lab.thumbnails.of(image, (plain, alert))
    assert [one.why for one in found] == ["", "in an alert set"]
    with bench.lab.catalogues.open(image) as catalogue:
        assert not HiddenNames(bench.lab.examine, image, catalogue).hold(plain.volume_id, plain.address, plain.path)
    assert HiddenNames(bench.lab.examine, image, None).hold(plain.volume_id, plain.address, plain.path)


@pytest.mark.req("REQ-39", "REQ-40")
def test_all_is_hidden_while_what_was_found_of_alert_sets_is_missing(bench: Bench, tmp_path: Path) -> None:
    image, (plain, alert, *_) = pictures_of(bench)
    examine = bench.lab.examine
    sets(bench).add(bench.examiner, new(listed(tmp_path, (alert.md5 or b"").hex()), HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    bench.lab.folder.matches(image.case_id, image.id).unlink()  # no backup holds it, and anybody may remove it
    found = bench.lab.thumbnails.of(image, (plain, alert))
    assert [(one.why, one.is_blurred) for one in found] == [(NOT_TOLD, True)] * 2
    with pytest.raises(HiddenContentError, match="not looked up"):
        examine.picture(image, alert, 200)
    with examine.catalogues.open(image) as catalogue:
        assert HiddenNames(examine, image, catalogue).may_be_any
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    again = bench.lab.thumbnails.of(image, (plain, alert))
    assert [one.why for one in again] == ["", "in an alert set"]


@pytest.mark.req("REQ-40")
def test_no_thumbnail_that_was_kept_before_a_look_up_is_left_behind(bench: Bench, tmp_path: Path) -> None:
    image, (alert, *_) = pictures_of(bench)
    (before,) = bench.lab.thumbnails.of(image, (alert,))
    kept = bench.lab.folder.thumbnails(image.case_id, image.id)
    assert holds(kept, before.encoded)
    sets(bench).add(bench.examiner, new(listed(tmp_path, (alert.md5 or b"").hex()), HashSetKind.ALERT, "Hot list"))
    bench.lab.hash_matching.look_up(bench.examiner, image.id)
    assert not kept.exists()


@pytest.mark.req("REQ-40")
def test_nothing_of_a_marked_file_is_read_for_a_tile_and_a_report_prints_no_concealed_picture(bench: Bench) -> None:
    image, (marked, tagged, *_) = pictures_of(bench)
    sensitive = next(one for one in bench.lab.tags.make(bench.examiner, *FIRST_TAGS) if one.conceals)
    bench.lab.examine.marks.add(bench.examiner, image.id, marked, MarkKind.PRIVILEGED, "Counsel")
    (tile,) = bench.lab.thumbnails.of(image, (marked,))
    assert (tile.encoded, tile.is_blurred) == (b"", True)
    assert "privileged" in tile.why
    bench.lab.examine.choose(bench.examiner, image.id, tagged)
    request = ReportRequest(case_id=image.case_id, zone="UTC")
    shown = bench.lab.reporting.preview(bench.examiner.person, request)
    bench.lab.tags.put(bench.examiner, sensitive.id, [entry_target(image, tagged)])
    bench.lab.examine.concealing.look(bench.examiner, image, (tagged,), "To describe it")
    hidden = bench.lab.reporting.preview(bench.examiner.person, request)
    assert shown.count(b"/Subtype /Image") - hidden.count(b"/Subtype /Image") == 1


def test_the_file_of_thumbnails_is_bounded_and_one_that_is_none_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "kept.thumbnails"
    with ThumbnailFile(path, most_kept=100) as kept:
        for number in range(250):
            kept.put(str(number), hashlib.sha256(bytes([number])).digest())
        there = [number for number in range(250) if kept.get(str(number))[0]]
        assert there == list(range(250 - len(there), 250))
        assert 75 <= len(there) <= 101
        kept.drop("249")
        assert kept.get("249") == (b"", "")
    path.write_bytes(b"something else" * 100)
    with ThumbnailFile(path) as kept:
        kept.put("a", b"b")
        assert kept.get("a") == (b"", "")
    with ThumbnailFile(path) as kept:
        kept.put("a", b"b", "c")
        assert kept.get("a") == (b"b", "c")
