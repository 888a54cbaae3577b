"""Who holds no key adds nothing to a signed report that a reader shows or a tool that repairs files finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from forensics_app.model.proof import Answer, FileChecked
from forensics_app.proof.checking import Trust, signatures_of, whole
from forensics_app.proof.reading import opened
from forensics_app.proof.signing import stamp, with_validation_data
from forensics_app.services.report_verifying import check_report
from tests.forensics_app.proof.attacks import BY_HAND, CHANGES, a_visible_empty_field, changed, covered, with_data
from tests.forensics_app.proof.test_signing import AT, AUTHORITY, with_rsa
from tests.forensics_app.proof.test_signing import signed as signed_by
from tests.forensics_app.reports.pdftools import rendered
from tests.forensics_app.reports.sample import sample_dossier
from tests.forensics_app.services.signed_reports import Signing, signed
from tests.time_authority import OPENSSL, Authority

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed (Debian: openssl)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signing]:
    signing = signed(tmp_path_factory.mktemp("additions"))
    yield signing
    signing.bench.lab.close()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "Stranger")


def check(made: Signing, pdf: bytes, *authorities: Authority) -> FileChecked:
    from cryptography.hazmat.primitives.serialization import Encoding

    trusted = [one.root[0].public_bytes(Encoding.DER) for one in authorities]
    return check_report(pdf, at=made.bench.clock.at, time_authorities=trusted)


def added(found: FileChecked) -> Answer | None:
    """What is said of additions; None where the file is not read at all."""
    return next((one.answer for one in found.checks if one.what == "Nothing was added"), None)


@pytest.mark.req("REQ-67")
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_what_a_reader_shows_cannot_be_changed_behind_the_signatures(
    made: Signing, stranger: Authority, change: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    once = changed(made.pdf, change)
    assert once.startswith(made.pdf)
    assert whole(once, opened(once)).answer is Answer.BAD
    found = check(made, stamp(once, stranger.reply), stranger)
    assert (found.ok, found.is_signed_well, found.bad, added(found)) == (False, False, True, Answer.BAD)


@pytest.mark.req("REQ-67")
def test_a_time_stamp_covers_no_page_whoever_makes_it(made: Signing, stranger: Authority) -> None:
    for rectangle, trusted in (((0, 0, 595, 842), ()), ((0, 0, 595, 842), (stranger,)), ((0, 0, 0, 0), (stranger,))):
        found = check(made, covered(made.pdf, stranger.reply, rectangle), *trusted)
        assert (found.ok, found.bad, added(found)) == (False, True, Answer.BAD)


@pytest.mark.req("REQ-67")
@pytest.mark.parametrize("kind", BY_HAND)
def test_nothing_hides_between_the_objects_behind_the_signatures(made: Signing, stranger: Authority, kind: str) -> None:
    pdf = with_data(made.pdf, kind)
    assert pdf.startswith(made.pdf)
    found = check(made, pdf)
    assert not found.ok
    assert added(found) is not Answer.GOOD
    if kind in ("a comment", "an object that is not listed", "an object in a stream", "bytes behind the end"):
        stamped = stamp(pdf, stranger.reply)
        assert whole(stamped, opened(stamped)).answer is Answer.BAD


@pytest.mark.req("REQ-66", "REQ-67")
def test_stamps_and_validation_data_as_the_program_writes_them_stay_good(made: Signing, stranger: Authority) -> None:
    assert check(made, with_data(made.pdf)).ok, "validation data alone, as the tests write them by hand"
    pdf = made.pdf
    for _ in range(2):
        pdf = stamp(with_validation_data(stamp(pdf, stranger.reply), [AUTHORITY], []), stranger.reply)
    known, unknown = check(made, pdf, stranger), check(made, pdf)
    assert (known.ok, added(known)) == (True, Answer.GOOD)
    assert (unknown.ok, unknown.is_signed_well, unknown.bad) == (False, True, False)


@pytest.mark.req("REQ-64", "REQ-66", "REQ-67")
def test_signatures_of_every_kind_of_key_and_their_upgrades_stay_good(stranger: Authority) -> None:
    kinds = {"RSA": with_rsa("Ana"), "ECDSA": None}
    for author, authoriser in (("RSA", "ECDSA"), ("RSA", "RSA"), ("ECDSA", "RSA")):
        pdf = signed_by(rendered(sample_dossier()), "author", "Ana", kinds[author])
        pdf = signed_by(pdf, "authoriser", "Ingrid", kinds[authoriser])
        later = stamp(with_validation_data(stamp(pdf, stranger.reply), [AUTHORITY], []), stranger.reply)
        assert [whole(one, opened(one)).answer for one in (pdf, later)] == [Answer.GOOD] * 2, (author, authoriser)
        trust = Trust(at=AT + timedelta(hours=1))
        assert {one.answer for one in signatures_of(later, opened(later), trust)} == {Answer.UNKNOWN}


@pytest.mark.req("REQ-64", "REQ-67")
@pytest.mark.parametrize("name", ["Харитон Яковлев", "O'Brien (100% obj/7) <x>", "გიორგი Upstream", "Ana\\ \ufffd"])
def test_no_name_of_who_signs_is_taken_for_something_that_hides(name: str) -> None:
    pdf = signed_by(signed_by(rendered(sample_dossier()), "author", name), "authoriser", name)
    assert whole(pdf, opened(pdf)).answer is Answer.GOOD


@pytest.mark.req("REQ-64", "REQ-67")
def test_the_authoriser_adds_nothing_to_what_the_author_signed() -> None:
    first = signed_by(rendered(sample_dossier()), "author", "Ana")
    for pdf, answer in ((first, Answer.GOOD), (changed(first, a_visible_empty_field), Answer.BAD)):
        both = signed_by(pdf, "authoriser", "Ingrid")
        assert whole(both, opened(both)).answer is answer


@pytest.mark.req("REQ-67")
def test_a_word_that_becomes_half_a_number_is_told_as_damage(made: Signing) -> None:
    assert b"/AFRelationship /Data" in made.pdf
    found = check(made, made.pdf.replace(b"/AFRelationship /Data", b"/AFRelationship .Data", 1))
    assert found.bad
    assert "cannot be read" in found.checks[0].words
