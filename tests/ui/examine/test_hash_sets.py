"""Which hash sets a file is in, among the facts of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from forensics_app.model.hash_set import HashSetError, HashSetKind, NewHashSet
from tests.builders import PASSPHRASE, Clock
from tests.ui.examine.conftest import Desk

PICTURE = "/Users/l.mirel/Pictures/holiday.jpg"
DELETED = "/Users/l.mirel/Pictures/2026-02/IMG_2043.jpg"


def sets_of(desk: Desk) -> str:
    found = desk.page.browser.viewers.details.findChildren(QLabel, "hashSetsOfEntry")
    return next((part.text() for part in found if part.isVisibleTo(desk.page)), "")


def import_set(desk: Desk, folder: Path, name: str, kind: HashSetKind, *paths: str) -> None:
    listed = folder / f"{name}.txt"
    digests = [desk.entry(path).sha256 for path in paths]
    listed.write_text("".join(f"{digest.hex()}\n" for digest in digests if digest))
    new = NewHashSet(name=name, version="7", source="Example", kind=kind, file=listed)
    desk.lab.hash_sets.add(desk.page.session.actor, new)


def test_the_facts_of_a_file_name_the_sets_it_is_in(desk: Desk, tmp_path: Path) -> None:
    desk.go_to(PICTURE)
    desk.settle(lambda: sets_of(desk) == "Not looked up")
    import_set(desk, tmp_path, "Known", HashSetKind.KNOWN, PICTURE)
    import_set(desk, tmp_path, "Wanted", HashSetKind.ALERT, PICTURE)
    desk.lab.hash_matching.look_up(desk.page.session.actor, desk.image.id)
    desk.go_to(DELETED)
    desk.settle(lambda: sets_of(desk) == "In none of the 2 that were asked")
    desk.go_to(PICTURE)
    desk.settle(lambda: sets_of(desk) == "alert: Wanted 7 (by SHA-256)\nknown: Known 7 (by SHA-256)")


def test_sets_that_came_since_the_last_look_up_are_told_and_looked_up_by_a_button(desk: Desk, tmp_path: Path) -> None:
    messages = desk.page.browser.messages
    assert messages.offered == ""
    import_set(desk, tmp_path, "Known", HashSetKind.KNOWN, PICTURE)
    desk.page.refresh()
    desk.settle(lambda: "was not looked up in the hash sets" in messages.offered)
    button = desk.child(QPushButton, "offeredAct")
    button.click()
    desk.settle(lambda: "known: Known 7" in messages.text and not messages.offered)
    import_set(desk, tmp_path, "Wanted", HashSetKind.ALERT, DELETED)
    desk.page.refresh()
    desk.settle(lambda: messages.offered == "1 hash set was imported since LH/01-I1 was looked up: Wanted 7.")


def test_a_look_up_that_failed_stands_as_a_warning_and_sha_1_alone_is_not_compared(desk: Desk, tmp_path: Path) -> None:
    messages, clock = desk.page.browser.messages, desk.lab.journal.now
    assert isinstance(clock, Clock)
    clock.at += timedelta(days=1)  # behind the cataloguing, which another clock saw
    import_set(desk, tmp_path, "Known", HashSetKind.KNOWN, PICTURE)
    (stored,) = desk.lab.folder.hash_sets.glob("*/sha256.hashes")
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-1])
    with pytest.raises(HashSetError):
        desk.lab.hash_matching.look_up(desk.page.session.actor, desk.image.id)
    desk.page.refresh()
    desk.settle(lambda: "is not looked up in 1 hash set (Known 7)" in messages.offered)
    assert f"sha256.hashes is {len(whole) - 1} bytes long, it says {len(whole)}." in messages.offered
    (known,) = desk.lab.hash_sets.list()
    supervisor = desk.lab.people.sign_in("Ingrid Solberg", PASSPHRASE)
    desk.lab.hash_sets.remove(supervisor, known.id, "Wrong list")
    (tmp_path / "sha1.txt").write_text(f"{'ab' * 20}\n")
    new = NewHashSet(name="Old", version="1", source="Example", kind=HashSetKind.KNOWN, file=tmp_path / "sha1.txt")
    desk.lab.hash_sets.add(desk.page.session.actor, new)
    desk.lab.hash_matching.look_up(desk.page.session.actor, desk.image.id)
    desk.go_to(PICTURE)
    desk.settle(lambda: sets_of(desk).startswith("Not compared: no hash set of the lab holds MD5 or SHA-256"))
    desk.page.refresh()
    desk.settle(lambda: messages.offered == "")
