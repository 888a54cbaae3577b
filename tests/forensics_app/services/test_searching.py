"""Searching an image that was made for it: every space, stopped and gone on with, recorded, secrets for two people."""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.db.search_file import SearchFile
from forensics_app.errors import CancelledError, PermissionRefusedError, RefusedError
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.model.mark import MarkKind
from forensics_app.model.search import SearchHit, SearchId, SearchInfo, SearchRequest, Space, secret_key
from forensics_app.services.search_plan import PART_BYTES, Plan
from forensics_app.services.searching import Searching
from tests.builders import Bench, make_bench
from tests.forensics_app.cli.calls import run as call
from tests.forensics_app.services.searched_image import (
    IN_BOOT,
    KEY,
    MONERO,
    PHRASE,
    SHARE,
    WALLET,
    fragmented_content,
    make_image,
)

ACCOUNT = "Рахунок".upper()
ALL = tuple(Space)


class Desk:
    """A lab with that image in it, catalogued."""

    def __init__(self, folder: Path) -> None:
        self.bench: Bench = make_bench(folder / "lab")
        exhibit = self.bench.exhibit(self.bench.case())
        self.path = make_image(folder)
        request = IntakeRequest(exhibit_id=exhibit.id, paths=(self.path,), write_blocker=WriteBlocker(device="T8u"))
        taken = self.bench.lab.intake.take_in(self.bench.examiner, request)
        self.image: EvidenceImage = self.bench.lab.catalogues.build(self.bench.examiner, taken.id)
        self.searching: Searching = self.bench.lab.searching

    def found(self, request: SearchRequest) -> tuple[SearchInfo, tuple[SearchHit, ...]]:
        info = self.searching.begin(self.bench.examiner, self.image.id, request)
        return info, self.hits(info.id)

    def hits(self, search_id: SearchId) -> tuple[SearchHit, ...]:
        with self.searching.open(self.image, search_id) as found:
            return tuple(found.all())

    def entry(self, name: str) -> CatalogueEntry:
        with self.bench.lab.catalogues.open(self.image) as catalogue:
            ids = catalogue.ids(CatalogueQuery(filter=Words(column="path", text=name)))
            return next(entry for entry in catalogue.rows(ids) if entry.name == name)

    def last_act(self) -> dict[str, object]:
        events = self.bench.lab.custody.case_history(self.image.case_id)
        return dict(events[-1].facts)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("searching"))
    yield made
    made.bench.lab.close()


def test_a_file_in_fragments_is_searched_in_its_own_order(desk: Desk) -> None:
    _, hits = desk.found(SearchRequest(terms=("fragmented",), spaces=(Space.FILES,)))
    entry, content = desk.entry("whole.bin"), fragmented_content()
    expected = [at for at in range(len(content)) if content.startswith(b"fragmented", at)]
    assert [hit.offset_bytes for hit in hits] == expected
    assert {hit.entry_id for hit in hits} == {entry.id}
    assert len(expected) == 11
    assert desk.path.read_bytes().count(b"fragmented") < 11, "the file lies in one piece, so that nothing was shown"


def test_each_space_is_searched_and_none_that_was_not_asked_for(desk: Desk) -> None:
    request = SearchRequest(terms=("was deleted", WALLET, "behind a end", ACCOUNT))
    _, hits = desk.found(request)
    where = {(request.term(hit.term), hit.space, hit.encoding) for hit in hits}
    assert where == {
        ("was deleted", "deleted", "utf-8"),
        ("was deleted", "unallocated", "utf-8"),
        (WALLET, "unallocated", "utf-8"),
        ("behind a end", "slack", "utf-8"),
        (ACCOUNT, "file", "cp1251"),
        (ACCOUNT, "file", "utf-16-le"),
    }
    media = desk.path.read_bytes()
    (wallet,) = [hit for hit in hits if hit.term == 1]
    assert wallet.media_offset_bytes == media.index(WALLET.encode())
    assert wallet.context() == ("·" * 37 + "send it to ", " at once" + "·" * 40)
    (slack,) = [hit for hit in hits if hit.space == "slack"]
    assert slack.media_offset_bytes == media.index(b"behind a end")
    for spaces, named in (
        ((Space.DELETED, Space.SLACK), {"deleted", "slack"}),
        ((Space.UNALLOCATED,), {"unallocated"}),
    ):
        assert {hit.space for hit in desk.found(replace(request, spaces=spaces))[1]} == named


def test_what_lies_in_the_boot_sector_and_in_the_tables_of_fat_is_searched(desk: Desk) -> None:
    _, hits = desk.found(SearchRequest(terms=(IN_BOOT.decode(),)))
    (hit,) = hits
    assert (hit.entry_id, hit.offset_bytes) == (desk.entry("$MBR").id, 0x1C0)
    assert hit.media_offset_bytes == desk.path.read_bytes().index(IN_BOOT)


def test_secret_terms_stand_neither_in_the_record_nor_in_what_is_listed_and_can_be_shown_with_the_file(
    desk: Desk,
) -> None:
    key = secret_key()
    request = SearchRequest(terms=("was deleted", "hunter2"), expressions=("behin[d]",), secret_key=key)
    info, hits = desk.found(request)
    assert {info.request.term(hit.term) for hit in hits} == {"secret term 1", "secret expression 1"}
    assert info.request.words == "secret term 1, secret term 2, /secret expression 1/"
    lab, image = desk.bench.lab, desk.image
    entry = lab.custody.case_history(image.case_id)[-1]
    facts = entry.facts
    parameters = facts["parameters"]
    assert isinstance(parameters, dict)
    assert (entry.action, parameters["terms"], parameters["terms_are_secret"]) == ("image.search", [], True)
    expected = hmac.new(bytes.fromhex(key), b"was deleted\nhunter2\n\nbehin[d]", "sha256").hexdigest()
    assert parameters["terms_hmac_sha256"] == expected
    for file in lab.folder.root.glob("lab.db*"):
        content = file.read_bytes()
        assert b"hunter2" not in content
        assert key.encode() not in content
    with lab.searching.open(image, info.id) as found:
        assert found.info.request.terms == ("was deleted", "hunter2")


def test_the_text_of_a_document_is_searched_and_told_as_such(desk: Desk) -> None:
    request = SearchRequest(terms=("про оренду",), spaces=(Space.FILES,))
    _, hits = desk.found(request)
    hit = next(one for one in hits if one.entry_id == desk.entry("lease.docx").id)
    assert (hit.is_in_text, hit.offset_bytes) == (True, len("Договір "))
    assert hit.text == "про оренду"
    assert {one.entry_id for one in hits} == {hit.entry_id, desk.entry("letter.eml").id}
    assert all(one.is_in_text for one in hits)
    assert desk.found(replace(request, documents=False))[1] == ()


def test_a_search_that_was_stopped_goes_on_and_finds_the_same(desk: Desk, tmp_path: Path) -> None:
    request = SearchRequest(terms=("filler", "fragmented"), spaces=ALL)
    whole, expected = desk.found(request)
    begun: list[SearchId] = []

    def stop(done: int, total: int) -> None:
        if begun:
            raise CancelledError

    with pytest.raises(CancelledError):
        desk.searching.begin(desk.bench.examiner, desk.image.id, request, stop, begun.append)
    (stopped,) = [one for one in desk.searching.list(desk.image) if one.id == begun[0]]
    assert not stopped.is_complete
    assert desk.last_act()["complete"] is False
    info = desk.searching.resume(desk.bench.examiner, desk.image.id, begun[0])
    assert (info.is_complete, info.hits, info.missed) == (True, whole.hits, whole.missed)

    def places(hits: tuple[SearchHit, ...]) -> list[tuple[object, ...]]:
        return sorted((hit.volume_id, hit.address, hit.offset_bytes, hit.term) for hit in hits)

    assert places(desk.hits(begun[0])) == places(expected)
    with pytest.raises(RefusedError, match="complete"):
        desk.searching.resume(desk.bench.examiner, desk.image.id, begun[0])


def test_a_search_that_was_cut_off_is_settled_when_it_was_gone_on_with_to_its_end(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    journal, begun = made.bench.lab.journal, list[SearchId]()

    def stop(done: int, total: int) -> None:
        if begun:
            raise CancelledError

    for _ in range(2):
        with pytest.raises(CancelledError):
            made.searching.begin(
                made.bench.examiner, made.image.id, SearchRequest(terms=("filler",)), stop, begun.append
            )
        begun, other = [], begun
    first, second = (one.id for one in made.searching.list(made.image))
    assert second != first
    assert other
    lab_db = sqlite3.connect(made.bench.lab.folder.root / "lab.db")
    with lab_db:  # as a kill leaves it
        lab_db.execute("UPDATE job SET state = 'running', ended_at = NULL, message = '' WHERE kind = 'search'")
    lab_db.close()
    assert len(journal.cut_off()) == 2
    assert made.searching.resume(made.bench.examiner, made.image.id, first).is_complete
    (left,) = journal.cut_off()
    assert left.parameters["search_id"] == str(second), "the other one is still cut off"
    events = made.bench.lab.custody.case_history(made.image.case_id)
    (settled,) = [event for event in events if event.action == "job.interrupted"]
    assert settled.facts["decision"] == "started again"
    assert made.bench.lab.verification.verify().ok
    made.bench.lab.close()


def test_what_was_searched_and_found_is_recorded(desk: Desk) -> None:
    info, _ = desk.found(SearchRequest(terms=("filler",), expressions=("del[a-z]+",), spaces=(Space.FILES,)))
    facts = desk.last_act()
    assert (facts["search"], facts["hits"], facts["complete"]) == (str(info.id), info.hits, True)
    told = facts["parameters"]
    assert isinstance(told, dict)
    assert (told["terms"], told["spaces"], told["any_case"]) == (["filler", "del[a-z]+"], ["files"], True)
    assert facts["outputs"]


def test_who_may_not_search_and_what_cannot_be_looked_for_is_refused(desk: Desk) -> None:
    request = SearchRequest(terms=("x",))
    with pytest.raises(PermissionRefusedError):
        desk.searching.begin(desk.bench.custodian, desk.image.id, request)
    with pytest.raises(RefusedError, match="nothing to look for"):
        desk.found(SearchRequest())
    with pytest.raises(RefusedError, match="at character 1"):
        desk.found(SearchRequest(expressions=("*",)))
    assert desk.searching.check(SearchRequest(terms=("дом",), encodings=("cp1252",))) == ("дом",)


@pytest.mark.req("REQ-57", "REQ-58")
def test_detectors_find_a_wallet_in_unallocated_space_and_show_no_secret(desk: Desk) -> None:
    info, hits = desk.found(SearchRequest(detect=True))
    assert (WALLET, "unallocated", "checked") in {(hit.text, hit.space, hit.validity) for hit in hits}
    secrets = {"seed phrase (BIP-39)", "private key (WIF)", "seed share (SLIP-39)", "seed phrase (Monero)"}
    assert secrets <= {hit.kind for hit in hits if hit.is_secret}
    kept = (desk.bench.lab.folder.searches(desk.image.case_id, desk.image.id) / f"{info.id}.db").read_bytes()
    assert KEY.encode() not in kept
    assert b"abandon" not in kept
    assert b"duckling" not in kept
    assert "дощатый".encode() not in kept


@pytest.mark.req("REQ-58")
def test_a_secret_is_shown_to_two_people_with_a_reason_and_an_entry(desk: Desk) -> None:
    info, hits = desk.found(SearchRequest(detect=True, spaces=(Space.FILES,)))
    phrase = next(hit for hit in hits if hit.kind == "seed phrase (BIP-39)")
    other = next(hit for hit in hits if not hit.is_secret) if any(not hit.is_secret for hit in hits) else None
    bench, where = desk.bench, (desk.image.id, info.id, phrase.id)
    with pytest.raises(RefusedError, match="two people"):
        desk.searching.reveal(bench.examiner, bench.examiner, *where, "to seize it")
    with pytest.raises(RefusedError, match="reason"):
        desk.searching.reveal(bench.examiner, bench.supervisor, *where, " ")
    with pytest.raises(PermissionRefusedError):
        desk.searching.reveal(bench.examiner, bench.custodian, *where, "to seize it")
    assert desk.searching.reveal(bench.examiner, bench.supervisor, *where, "to seize it") == PHRASE
    facts = desk.last_act()
    assert facts["kind"] == "seed phrase (BIP-39)"
    assert "abandon" not in json.dumps(facts)
    for kind, text in (("seed share (SLIP-39)", SHARE), ("seed phrase (Monero)", MONERO)):
        (hit,) = [hit for hit in hits if hit.kind == kind]
        where = (desk.image.id, info.id, hit.id)
        assert desk.searching.reveal(bench.examiner, bench.supervisor, *where, "to seize it") == text
    if other is not None:
        with pytest.raises(RefusedError, match="no key"):
            desk.searching.reveal(bench.examiner, bench.supervisor, desk.image.id, info.id, other.id, "x")


@pytest.mark.req("REQ-39")
def test_what_is_marked_is_left_out_and_hidden_in_older_searches(desk: Desk) -> None:
    request = SearchRequest(terms=("pay",), spaces=(Space.FILES,))
    info, hits = desk.found(request)
    assert [hit.text for hit in hits] == ["pay"]
    lab, examiner = desk.bench.lab, desk.bench.examiner
    mark = lab.examine.marks.add(examiner, desk.image.id, desk.entry("letter.txt"), MarkKind.PRIVILEGED, "a lawyer's")
    try:
        (hidden,) = desk.hits(info.id)
        assert (hidden.is_hidden, hidden.text, hidden.before, hidden.after) == (True, "", b"", b"")
        later, none = desk.found(request)
        assert none == ()
        assert later.missed == info.missed + 1
    finally:
        lab.examine.marks.withdraw(desk.bench.supervisor, desk.image.id, mark, "done")


@pytest.mark.req("REQ-39", "REQ-40")
def test_hits_in_free_space_that_are_bytes_of_a_marked_deleted_file_are_hidden(desk: Desk) -> None:
    info, before = desk.found(SearchRequest(terms=("was deleted", WALLET), spaces=ALL))
    assert {"deleted", "unallocated"} <= {hit.space for hit in before if hit.text == "was deleted"}
    lab, examiner = desk.bench.lab, desk.bench.examiner
    with lab.catalogues.open(desk.image) as catalogue:
        ids = catalogue.ids(CatalogueQuery(filter=Words(column="path", text="eleted.txt")))
        (entry,) = (one for one in catalogue.rows(ids) if not one.allocated)
    mark = lab.examine.marks.add(examiner, desk.image.id, entry, MarkKind.PRIVILEGED, "a lawyer's")
    try:
        hits = desk.hits(info.id)
    finally:
        lab.examine.marks.withdraw(desk.bench.supervisor, desk.image.id, mark, "done")
    assert {hit.text for hit in hits if hit.space == "unallocated"} == {"", WALLET}
    assert not any(b"deleted" in hit.before + hit.after for hit in hits)
    assert sum(hit.is_hidden for hit in hits) == sum(hit.text == "was deleted" for hit in before)


@pytest.mark.req("REQ-39", "REQ-57")
def test_hits_stand_at_their_own_file_where_another_is_marked(desk: Desk) -> None:
    request = SearchRequest(terms=("was deleted", "fragmented", "про оренду", ACCOUNT), spaces=ALL)
    _, before = desk.found(request)
    lab, examiner = desk.bench.lab, desk.bench.examiner
    mark = lab.examine.marks.add(examiner, desk.image.id, desk.entry("a"), MarkKind.PRIVILEGED, "a lawyer's")
    try:
        _, after = desk.found(request)
    finally:
        lab.examine.marks.withdraw(desk.bench.supervisor, desk.image.id, mark, "done")
    assert [replace(hit, id=0) for hit in after] == [replace(hit, id=0) for hit in before]
    assert {hit.entry_id for hit in after if hit.term == 1} == {desk.entry("whole.bin").id}


def test_the_command_line_searches_lists_and_prints(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "terms").write_text("filler\n\nwas deleted\n", encoding="utf-8")
    (tmp_path / "passphrase").write_text("correct horse battery\n")
    case = desk.bench.lab.cases.list()[0].number
    of = ["--lab", desk.bench.lab.folder.root, "--case", case, "--image", desk.image.number]
    signer = ["--as", desk.bench.examiner.person.name, "--passphrase-file", tmp_path / "passphrase"]
    ran = call("search", "run", *of, *signer, "--terms", tmp_path / "terms", "--regex", "fil+er", "--json")
    told = json.loads(ran.stdout)
    assert told["hits"] == sum(told["hits_by_term"].values()) > 0
    assert told["id"] in call("search", "list", *of).stdout
    lines = call("search", "hits", *of, "--search", told["id"]).stdout.splitlines()
    assert len(lines) == told["hits"]
    assert any("unallocated space" in line and "[was deleted]" in line for line in lines)
    rows = call("search", "hits", *of, "--search", told["id"], "--csv").stdout.splitlines()
    assert rows[0].startswith("id,where,volume,path,address,offset")
    assert len(rows) == told["hits"] + 1
    missed = call("search", "missed", *of, "--search", told["id"]).stdout
    assert missed.count("only its packed bytes were searched") == len(missed.splitlines()[:-1]) == 1
    assert missed.splitlines()[-1].startswith("Words across the border of two files are found where")
    bare = call("search", "run", *of, *signer, "--terms", tmp_path / "terms", "--no-documents", "--json")
    found = json.loads(bare.stdout)["id"]
    assert "Everything was searched" in call("search", "missed", *of, "--search", found).stdout
    files = call("search", "run", *of, *signer, "--terms", tmp_path / "terms", "--in", "files", "--json").stdout
    missed = call("search", "missed", *of, "--search", json.loads(files)["id"]).stdout
    assert "Not looked for: what begins in one file and ends in another" in missed
    wrong = call("search", "run", *of, *signer, "--regex", "(", status=2)
    assert "not closed" in wrong.stderr


@pytest.mark.req("REQ-39")
def test_what_was_marked_since_a_search_was_stopped_is_told_as_left_out_when_it_goes_on(desk: Desk) -> None:
    request = SearchRequest(terms=("pay", "send it"), spaces=ALL)
    whole, _ = desk.found(request)
    lab, examiner, path = desk.bench.lab, desk.bench.examiner, desk.bench.lab.folder
    stopped, _ = desk.found(replace(request, terms=("pay", "send")))
    with sqlite3.connect(path.searches(desk.image.case_id, desk.image.id) / f"{stopped.id}.db") as db:
        assert db.execute("SELECT number FROM units ORDER BY number").fetchall() == [(0,)]
        db.execute("DELETE FROM units")
        db.execute("DELETE FROM hits")
        db.execute("INSERT INTO units VALUES (-1)")  # as if there were one more, which is done
        db.execute("UPDATE meta SET value = '2' WHERE key = 'units'")
        db.execute("INSERT INTO missed VALUES (99, NULL, 'v0', 'x', 'file', 1, 2, 'from an earlier unit')")
    db.close()
    mark = lab.examine.marks.add(examiner, desk.image.id, desk.entry("letter.txt"), MarkKind.PRIVILEGED, "a lawyer's")
    try:
        desk.searching.resume(examiner, desk.image.id, stopped.id)
        desk_hits = desk.hits(stopped.id)
        with desk.searching.open(desk.image, stopped.id) as found:
            told = {(one.entry_id, one.offset_bytes, one.why) for one in found.missed()}
        slack, _ = desk.found(replace(request, spaces=(Space.SLACK,)))
    finally:
        lab.examine.marks.withdraw(desk.bench.supervisor, desk.image.id, mark, "done")
    left_out = desk.entry("letter.txt").id, 0, "It is marked, and was left out: its content is not shown."
    assert left_out in told
    assert (None, 1, "from an earlier unit") in told
    assert len(told) == whole.missed + 2
    assert {hit.term for hit in desk_hits} == {1}
    assert slack.missed == 1, "the slack of what is marked is left out, and told where nothing else of it is looked at"


def test_a_search_that_was_divided_otherwise_is_not_gone_on_with(desk: Desk) -> None:
    begun, _ = desk.found(SearchRequest(terms=("pay",), spaces=(Space.FILES,)))
    folder = desk.bench.lab.folder.searches(desk.image.case_id, desk.image.id)
    with sqlite3.connect(folder / f"{begun.id}.db") as db:
        db.execute("DELETE FROM units")
        db.execute("DELETE FROM meta WHERE key = 'division'")
    db.close()
    with pytest.raises(RefusedError, match="divided it otherwise"):
        desk.searching.resume(desk.bench.examiner, desk.image.id, begun.id)


def test_a_content_of_which_the_rest_is_left_out_is_told_from_there_on(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "catalogue") as db:
        columns = "id, volume_id, address, kind, size_bytes, allocated, extension, mime"
        db.execute(f"CREATE TABLE files ({columns})")
        db.execute("INSERT INTO files VALUES (7, 'v0', '70', 'file', ?, 1, 'bin', NULL)", (3 * PART_BYTES,))
    db.close()
    request = SearchRequest(terms=("x",), spaces=(Space.FILES, Space.SLACK))
    plan = Plan(catalogue=tmp_path / "catalogue", volumes={}, request=request, spaces={},
                is_hidden=lambda volume_id, address: address == "70")  # fmt: skip
    assert [piece[1:5] for piece in plan.hidden(frozenset())] == [("v0", "70", "file", 0)]
    assert [piece[1:5] for piece in plan.hidden(frozenset({0}))] == [("v0", "70", "file", PART_BYTES)]
    assert list(plan.hidden(frozenset({0, 1, 2}))) == []


def test_all_that_was_not_searched_is_printed_however_much_it_is(desk: Desk) -> None:
    info, _ = desk.found(SearchRequest(terms=("x",), spaces=(Space.FILES,)))
    lab = desk.bench.lab
    with SearchFile(lab.folder.searches(desk.image.case_id, desk.image.id) / f"{info.id}.db") as file:
        file.note_missed((None, "v0", "", "unallocated", number, 1, "unreadable") for number in range(1500))
    case = lab.cases.list()[0].number
    of = ["--lab", lab.folder.root, "--case", case, "--image", desk.image.number, "--search", str(info.id)]
    assert call("search", "missed", *of).stdout.count("unreadable") == 1500


@pytest.mark.req("REQ-57")
def test_hits_of_an_older_catalogue_are_told_without_the_paths_of_the_newer(desk: Desk) -> None:
    info, hits = desk.found(SearchRequest(terms=("fragmented", WALLET)))
    file, lab = next(hit for hit in hits if hit.space == "file"), desk.bench.lab
    before = desk.image
    desk.image = lab.catalogues.build(desk.bench.examiner, before.id, with_content=False)
    for image in (before, desk.image):  # somebody may have read the image before
        with desk.searching.open(image, info.id) as found:
            assert not found.info.is_current
    case = lab.cases.list()[0].number
    of = ["--lab", lab.folder.root, "--case", case, "--image", desk.image.number, "--search", str(info.id)]
    told = call("search", "hits", *of)
    assert "Search again" in told.stderr
    assert "whole.bin" not in told.stdout
    assert f"address {file.address}, byte {file.offset_bytes:,}" in told.stdout
    assert "unallocated space, byte" in told.stdout
    assert {row["path"] for row in json.loads(call("search", "hits", *of, "--json").stdout)} == {""}
