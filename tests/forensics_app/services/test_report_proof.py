"""Reports that prove themselves: both sign, other programs agree, and whoever changes a byte is found out."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pypdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pypdf.annotations import FreeText

from forensics_app.cli.verify import _in_a_word
from forensics_app.errors import RefusedError
from forensics_app.model.attachment import Attachment
from forensics_app.model.proof import Answer, Checked, FileChecked, Level
from forensics_app.proof.attached import Attached
from forensics_app.proof.certificates import certificates_in
from forensics_app.reports.enclosures import APPROVED, COLUMNS, DIGESTS, LEDGER, CitedDigest, cited_digests, enclosures
from forensics_app.services.report_approval import approved
from forensics_app.services.report_verifying import _cited, _judged, check_report
from tests.builders import make_bench
from tests.forensics_app.reports.archive_rules import breaches
from tests.forensics_app.services.signed_reports import Signing, approved_draft, certified, dossier_on, signed

FLIPS = int(os.environ.get("FORENSICS_FLIPS", "300"))
"""So many places are changed in the suite; CONTRIBUTING.md has the command for 2,000, about 35 s of CPU."""
IN_SIGNATURES = max(20, FLIPS // 15)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signing]:
    signing = signed(tmp_path_factory.mktemp("signing"))
    yield signing
    signing.bench.lab.close()


def check(made: Signing, pdf: bytes, **more: object) -> FileChecked:
    return check_report(pdf, at=made.bench.clock.at, **more)  # type: ignore[arg-type]


def words(found: FileChecked) -> str:
    return " ".join(one.words for one in (*found.signatures, *found.checks) if one.answer is Answer.BAD)


@pytest.mark.req("REQ-64", "REQ-66", "REQ-67")
def test_a_signed_report_proves_itself(made: Signing) -> None:
    found = check(made, made.pdf)
    assert found.ok
    assert found.level is Level.B
    assert [one.signer for one in found.signatures] == [
        "Ana Kovač, Digital laboratory",
        "Ingrid Solberg, Digital laboratory",
    ]
    assert [one.what for one in found.checks if one.answer is not Answer.GOOD] == []
    said = " ".join(one.words for one in found.checks)
    assert "All 6 have the sizes" in said
    approved = next(one.words for one in found.checks if one.what == "Approved content")
    assert made.approval.content_sha256.hex() in approved
    assert "It was computed anew from the text of the draft in the ledger inside." in approved
    assert "The pages were not compared with it" in approved
    assert "No authority outside the laboratory vouches for them." in said


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_report_without_its_authoriser_does_not_prove_itself(made: Signing) -> None:
    first = made.pdf.index(b"%%EOF\n") + 6
    cut = made.pdf[: made.pdf.index(b"%%EOF\n", first) + 6]
    found = check(made, cut)
    assert [(one.field, one.answer) for one in found.signatures] == [("author", Answer.GOOD)]
    assert (found.ok, found.bad) == (False, True)
    assert "no signature of the authoriser" in words(found)
    unsigned = check(made, made.unsigned())
    assert (unsigned.ok, unsigned.bad, unsigned.level) == (False, False, Level.NONE)


@pytest.mark.req("REQ-64", "REQ-65", "REQ-67")
def test_one_person_for_both_and_people_who_changed_places_do_not_prove_a_report(made: Signing) -> None:
    sign, bench = made.bench.lab.report_proof.signed, made.bench
    alone = check(made, sign(made.unsigned(), bench.examiner, bench.examiner))
    assert (alone.ok, alone.bad) == (False, True)
    assert "Ana Kovač, Digital laboratory signed for both" in words(alone)
    changed = check(made, sign(made.unsigned(), bench.supervisor, bench.examiner))
    assert (changed.ok, changed.bad) == (False, True)
    assert "has no report that Ingrid Solberg, Digital laboratory submitted and Ana Kovač" in words(changed)


@pytest.mark.req("REQ-64", "REQ-65", "REQ-67")
def test_signatures_on_a_report_that_nobody_approved_as_it_was_submitted_do_not_prove_it(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    certified(bench, bench.examiner, bench.supervisor)

    def answer() -> Answer:
        drafts = bench.lab.drafts.list(case.id)
        dossier = dossier_on(bench, case, "Report", draft=drafts[0] if drafts else None)
        pdf = bench.lab.report_proof.finished(dossier, bench.examiner, bench.supervisor)
        found = check_report(pdf, at=bench.clock.at)
        said = next(one.answer for one in found.checks if one.what == "Author and authoriser")
        assert found.ok is (said is Answer.GOOD)
        return said

    assert answer() is Answer.BAD
    draft = approved_draft(bench, case)
    assert answer() is Answer.GOOD
    bench.lab.drafts.recall(bench.examiner, draft.id, "A mistake.")
    assert answer() is Answer.BAD
    bench.lab.close()


@pytest.mark.req("REQ-64", "REQ-67")
def test_a_file_that_both_sign_while_another_draft_stands_approved_is_not_told_as_approved(made: Signing) -> None:
    found = check(made, made.report("Never reviewed, another text"))
    assert (found.ok, found.bad, found.is_signed_well) == (False, False, True)
    (open_,) = (one for one in found.checks if one.answer is Answer.UNKNOWN)
    assert open_.what == "Approved content"
    assert "does not name the content that was approved" in open_.words
    assert "it cannot be told from the file" in open_.words
    right = made.approval
    for other in (
        replace(right, content_sha256=bytes(32)),
        replace(right, written_sha256=bytes(32)),
        replace(right, draft_id=str(uuid4())),
    ):
        (told,) = judged_approval(made, enclosures(replace(made.dossier, approved=other), None))
        assert told.answer is Answer.BAD, told.words
    for content in (b"", b"{}", b"[" * 100_000, b"\xff", b'{"draft": 1, "content_sha256": 2, "written_sha256": 3}'):
        (told,) = judged_approval(made, (replace(one_approval(made), content=content),))
        assert (told.answer, told.words) == (Answer.BAD, "approved.json does not name what was approved.")


def one_approval(made: Signing) -> Attachment:
    return next(one for one in enclosures(made.dossier, None) if one.name == APPROVED)


def judged_approval(made: Signing, files: tuple[Attachment, ...]) -> tuple[Checked, ...]:
    """What is said of the approval that files name, beside the ledger that verifies and the people who signed."""
    ledger = _judged(Attached(name=LEDGER, content=made.bench.lab.report_proof.ledger(made.dossier), problem=""), None)
    attached = [Attached(name=one.name, content=one.content, problem="") for one in files]
    return tuple(approved(attached, check(made, made.pdf).signatures, ledger.contents, ledger.withheld))


@pytest.mark.req("REQ-67", "REQ-68")
def test_a_report_of_which_somebody_withheld_an_entry_proves_a_part_of_itself_and_says_which(
    made: Signing,
) -> None:
    bench = made.bench
    pdf = bench.lab.report_proof.finished(
        made.dossier, bench.examiner, bench.supervisor, withholds=lambda one: one.content.action == "image.intake"
    )
    found = check(made, pdf)
    assert (found.ok, found.bad, found.is_signed_well) == (False, False, True)
    open_ = {one.what: one.words for one in found.checks if one.answer is Answer.UNKNOWN}
    assert open_.keys() == {"Custody ledger inside", "Cited digests"}
    assert "1 are withheld: only their digests are in the file." in open_["Custody ledger inside"]
    said = _in_a_word(found)
    assert "Proved: the file is as both people signed it" in said
    assert "NOT proved, see above where it cannot be told: Custody ledger inside, Cited digests." in said
    assert _in_a_word(check(made, made.pdf)) == "The report proves itself."


@pytest.mark.req("REQ-66")
def test_a_signed_report_is_still_fit_for_the_archive(made: Signing) -> None:
    assert breaches(made.pdf) == []


@pytest.mark.req("REQ-66")
def test_the_same_report_has_the_same_bytes_before_it_is_signed(made: Signing) -> None:
    assert made.pdf.count(b"%%EOF\n") == 3, "the report, and a revision for each signature"
    unsigned = made.unsigned()
    assert made.pdf.startswith(unsigned)
    assert unsigned == made.pdf[: made.pdf.index(b"%%EOF\n") + 6]


def test_pdfsig_agrees(made: Signing, tmp_path: Path) -> None:
    for tool in ("pdfsig", "certutil"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (Debian: poppler-utils, libnss3-tools)")
    authority = made.bench.lab.certificates.authority()
    assert authority is not None
    (tmp_path / "nss").mkdir()
    (tmp_path / "ca.der").write_bytes(authority.certificate.der)
    base = ["-d", f"sql:{tmp_path / 'nss'}"]
    run("certutil", "-N", *base, "--empty-password")
    run("certutil", "-A", *base, "-n", "lab", "-t", "CT,CT,CT", "-i", str(tmp_path / "ca.der"))
    said = pdfsig(tmp_path, made.pdf)
    assert said.count("Signature is Valid.") == 2
    assert said.count("Certificate is Trusted.") == 2
    assert "Total document signed" in said
    assert said.count("ETSI.CAdES.detached") == 2
    at = made.pdf.index(b"/Length") + 9
    changed = made.pdf[:at] + bytes([made.pdf[at] ^ 1]) + made.pdf[at + 1 :]
    assert "Signature is Valid." not in pdfsig(tmp_path, changed)
    assert not check(made, changed).ok


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def pdfsig(folder: Path, pdf: bytes) -> str:
    (folder / "report.pdf").write_bytes(pdf)
    command = ["pdfsig", "-nssdir", f"sql:{folder / 'nss'}", str(folder / "report.pdf")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.req("REQ-67")
def test_every_flipped_bit_is_found(made: Signing) -> None:
    chosen = random.Random(20261123)
    missed = []
    for _ in range(FLIPS):
        at, bit = chosen.randrange(len(made.pdf)), 1 << chosen.randrange(8)
        changed = bytearray(made.pdf)
        changed[at] ^= bit
        if check_quickly(made, bytes(changed)):
            missed.append((at, bit, made.pdf[at - 20 : at + 20]))
    print(
        f"{FLIPS:,} bits of a signed report of {len(made.pdf):,} bytes flipped, one at a time: {len(missed)} not found"
    )
    assert missed == []


def test_flips_inside_the_signatures_themselves_are_found(made: Signing) -> None:
    start = made.pdf.rindex(b"/Contents <") + 10
    stop = made.pdf.index(b">", start) + 1
    content = len(made.pdf[start:stop].rstrip(b"0>"))
    chosen = random.Random(7)
    places = {*(start + chosen.randrange(content) for _ in range(IN_SIGNATURES)), start, stop - 1, stop - 2, start + 1}
    missed = []
    for at in sorted(places):
        for bit in (1, 32):
            changed = bytearray(made.pdf)
            changed[at] ^= bit
            if check_quickly(made, bytes(changed)):
                missed.append((at - start, bit))
    assert missed == []


def check_quickly(made: Signing, pdf: bytes) -> bool:
    """Whether the signatures of a file hold and cover it; the ledger inside is not judged again for every flip."""
    from forensics_app.proof.checking import Trust, signatures_of, whole
    from forensics_app.proof.errors import ProofError
    from forensics_app.proof.reading import opened

    authority = made.bench.lab.certificates.authority()
    assert authority is not None
    try:
        reader = opened(pdf)
        found = signatures_of(pdf, reader, Trust(authorities=[authority.certificate.der], at=made.bench.clock.at))
        good = [one.answer is Answer.GOOD for one in found]
        return good == [True, True] and whole(pdf, reader).answer is Answer.GOOD
    except ProofError:
        return False


@pytest.mark.req("REQ-67")
def test_a_signature_cut_out_of_another_report_is_found(made: Signing) -> None:
    other = made.report("Another report")
    holes = [one[1] for one in re.finditer(rb"/Contents (<[0-9A-F]+>)", other)]
    changed = made.pdf
    for mine, theirs in zip([one[1] for one in re.finditer(rb"/Contents (<[0-9A-F]+>)", changed)], holes, strict=True):
        fitted = theirs[1:-1].rstrip(b"0").ljust(len(mine) - 2, b"0")
        changed = changed.replace(mine, b"<" + fitted + b">")
    found = check(made, changed)
    assert [one.answer for one in found.signatures] == [Answer.BAD, Answer.BAD]
    assert "its bytes are not those that were signed" in words(found)


@pytest.mark.req("REQ-67")
def test_what_is_added_behind_the_signatures_is_found(made: Signing) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(made.pdf), incremental=True)
    writer.add_annotation(0, FreeText(text="NOT GUILTY", rect=(50, 550, 200, 650)))
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(made.pdf)
    found = check(made, out.getvalue())
    assert not found.ok
    assert "changed after the last signature" in words(found)


def test_a_certificate_of_somebody_else_s_authority_is_found(made: Signing, tmp_path: Path) -> None:
    with_other = made.signed_by_another_lab(tmp_path)
    found = check(made, with_other)
    assert not found.ok
    assert "leads to nobody who is trusted here" in words(found) or "nothing here vouches for" in words(found)


def test_an_expired_certificate_is_found(made: Signing) -> None:
    found = check_report(made.pdf, at=made.bench.clock.at + timedelta(days=366 * 6))
    assert not found.ok
    assert "No time stamp proves that it was signed before" in words(found)


def test_the_root_key_on_paper_decides(made: Signing) -> None:
    other = check(made, made.pdf, root="0" * 64)
    assert not other.ok
    assert other.signatures[0].answer is Answer.UNKNOWN
    named = check(made, made.pdf, root="0" * 64, authorities=certificates_in(authority_pem(made)))
    assert named.signatures[0].answer is Answer.GOOD, "a reader may trust the authority by its own certificate"


def test_of_another_root_key_the_two_fingerprints_are_told_once(made: Signing) -> None:
    ledger = next(one for one in check(made, made.pdf, root="0" * 64).checks if one.what == "Custody ledger inside")
    assert ledger.answer is Answer.BAD
    assert ledger.words.startswith("It is NOT the ledger of the laboratory that was named")
    assert ledger.words.count("0" * 64) == 1
    assert ledger.words.count(made.bench.lab.verification.verify().root_fingerprint or "none") == 1
    assert len(ledger.words) < 500


def authority_pem(made: Signing) -> bytes:
    authority = made.bench.lab.certificates.authority()
    assert authority is not None
    loaded = x509.load_der_x509_certificate(authority.certificate.der)
    return loaded.public_bytes(serialization.Encoding.PEM)


def test_what_is_no_pdf_is_said_to_be_none(made: Signing) -> None:
    for content in (b"", b"%PDF-1.7\n", made.pdf[:-4000], made.pdf[:3000], b"\x00" * 500):
        found = check(made, content)
        assert not found.ok


def test_who_has_no_certificate_signs_no_report_of_a_lab_that_certifies(made: Signing) -> None:
    made.bench.enrol("Nina New", *made.bench.supervisor.person.roles)
    with pytest.raises(RefusedError, match="Nina New has no certificate"):
        made.report("Report", authoriser=made.bench.sign_in("Nina New"))


# The list of digests inside a report.


def with_caption(made: Signing, caption: str) -> tuple[Attachment, ...]:
    exhibit = made.dossier.exhibits[0]
    photos = tuple(replace(one, caption=caption) for one in exhibit.photos)
    assert photos
    return enclosures(replace(made.dossier, exhibits=(replace(exhibit, photos=photos),)), None)


def digests_in(files: tuple[Attachment, ...]) -> bytes:
    return next(one.content for one in files if one.name == DIGESTS)


@pytest.mark.parametrize("start", ["", "\0", "\u202e", " ", "\u200b ", "\uff1d", "\t"])
def test_no_caption_in_the_list_of_digests_is_a_formula(made: Signing, start: str) -> None:
    caption = f'{start}=HYPERLINK("http://x")'
    content = digests_in(with_caption(made, caption)).decode()
    found = [row[2] for row in csv.reader(io.StringIO(content, newline="")) if row[0] == "photograph"]
    assert found == [f"'{caption}"]


def test_long_names_and_lone_surrogates_in_the_list_of_digests_read_back(made: Signing) -> None:
    before = csv.field_size_limit()
    for caption, told in (("x" * 200_000, "x" * 200_000), ("a\udc80", "a\\udc80")):
        rows = cited_digests(digests_in(with_caption(made, caption)))
        assert told in [one.name for one in rows if one.of == "photograph"]
    assert csv.field_size_limit() == before


def test_a_list_of_digests_that_is_no_table_is_bad(made: Signing) -> None:
    inside = made.bench.lab.report_proof.ledger(made.dossier) or b""
    ledger = _judged(Attached(name=LEDGER, content=inside, problem=""), None)
    assert ledger.is_good
    head = b"of,exhibit,name,algorithm,digest\r\n"
    for content in (head + b'"a"b,c,d,e,f\r\n', head + b'"open', head + b"\xff", b"", head + b"x" * 200_000):
        (found,) = _cited([Attached(name=DIGESTS, content=content, problem="")], ledger)
        assert (found.answer, found.words) == (Answer.BAD, "digests.csv is not a list of digests.")


def judged_digests(made: Signing, change: Callable[[list[CitedDigest]], list[CitedDigest]]) -> Checked:
    """What is said of a list of digests that its authors changed, beside a ledger that verifies."""
    inside = made.bench.lab.report_proof.ledger(made.dossier) or b""
    rows = change(list(cited_digests(digests_in(enclosures(made.dossier, inside)))))
    out = io.StringIO(newline="")
    csv.writer(out).writerows([COLUMNS, *rows])
    ledger = _judged(Attached(name=LEDGER, content=inside, problem=""), None)
    (found,) = _cited([Attached(name=DIGESTS, content=out.getvalue().encode(), problem="")], ledger)
    return found


def with_digest_of(rows: list[CitedDigest], of: str, other: str) -> list[CitedDigest]:
    """The list where the digests of two kinds stand in each other's place; all of them stand in the ledger."""
    (one,) = (at for at, row in enumerate(rows) if row.of.endswith(of) and row.algorithm == "SHA-256")
    (two,) = (at for at, row in enumerate(rows) if row.of.endswith(other) and row.algorithm == "SHA-256")
    assert rows[one].digest != rows[two].digest
    first, second = rows[one]._replace(digest=rows[two].digest), rows[two]._replace(digest=rows[one].digest)
    return [first if at == one else second if at == two else row for at, row in enumerate(rows)]


@pytest.mark.req("REQ-67")
def test_a_digest_that_the_ledger_records_of_something_else_is_found(made: Signing) -> None:
    assert judged_digests(made, lambda rows: rows).answer is Answer.GOOD
    swapped = judged_digests(made, lambda rows: with_digest_of(rows, "as computed", "photograph"))
    assert swapped.answer is Answer.BAD
    assert "2 of " in swapped.words
    assert "are not what the ledger inside records of what they are cited for: " in swapped.words
    changes: tuple[Callable[[CitedDigest], CitedDigest], ...] = (
        lambda row: row._replace(exhibit="LH/99"),
        lambda row: row._replace(of="content of F-1"),
        lambda row: row._replace(of="as it is"),
        lambda row: row._replace(algorithm="SHA-1" if row.algorithm == "SHA-256" else "SHA-256"),
        lambda row: row._replace(digest="00" * 32),
    )
    for change in changes:
        assert judged_digests(made, lambda rows, change=change: [*map(change, rows)]).answer is Answer.BAD  # type: ignore[misc]
