"""Keys of encrypted volumes: tried, used while somebody is signed in, kept sealed only when asked."""

import dataclasses
import logging
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from sqlalchemy import select, text

from chain_of_custody.sealing import seal
from evidence.errors import EvidenceError, UnreadableContentError
from forensics_app.db.tables import SEALED_KEY, VOLUME_SECRET
from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import NO_KEYS, EvidenceImage, IntakeRequest, Keys, WriteBlocker
from forensics_app.model.person import Role
from forensics_app.model.report import ReportRequest
from tests.builders import PASSPHRASE, Bench, make_bench
from tests.evidence import made_images
from tests.evidence.volumes import luks_images
from tests.forensics_app.services.test_secrets import those_who_hold

pytestmark = luks_images.needs_cryptsetup
RIGHT = Keys(passwords=("no such password", luks_images.PASSWORD))
WRONG = Keys(passwords=("Swordfish 5000",), recovery_keys=("111111-222222-333333-444444-555555-666666-777777-888888",))


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LUKS volume with ext4 in it."""
    folder = tmp_path_factory.mktemp("luks")
    tree = made_images.source_tree(folder / "tree")
    return luks_images.holding(folder / "volume", made_images.ext(folder / "inner.dd", tree).read_bytes())


def took_in(bench: Bench, volume: Path) -> EvidenceImage:
    exhibit = bench.exhibit(bench.case())
    blocker = WriteBlocker(device="Tableau T8u")
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(volume,), write_blocker=blocker)
    return bench.lab.intake.take_in(bench.examiner, request)


def catalogued(bench: Bench, volume: Path, keys: Keys = NO_KEYS) -> EvidenceImage:
    image = took_in(bench, volume)
    return bench.lab.catalogues.build(bench.examiner, image.id, with_content=False, keys=keys)


def told(bench: Bench, image: EvidenceImage, action: str) -> list[dict[str, object]]:
    events = bench.lab.custody.case_history(image.case_id)
    return [dict(event.facts) for event in events if event.action == action]


def read_large(bench: Bench, image: EvidenceImage) -> bytes:
    with bench.lab.catalogues.open(image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(filter=Words(column="path", text="/docs/large.bin"))))
    (entry,) = [one for one in entries if one.path == "/docs/large.bin"]
    return bench.lab.examine.read_file(image, entry.volume_id, entry.address, 0, 64)


def test_a_key_unlocks_a_volume_and_is_used_for_the_catalogue_and_the_viewers(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume)
    assert image.catalogue_entries == 0
    assert bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT) == ("v0",)
    assert told(bench, image, "volume.unlock") == [
        {"image": image.number, "volume": "v0", "encryption": "luks", "key_kind": "password"}
    ]
    image = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    assert image.catalogue_entries
    assert len(read_large(bench, image)) == 64
    assert len(told(bench, image, "volume.unlock")) == 1
    assert bench.lab.verification.verify().ok


def test_a_wrong_key_is_said_to_open_nothing_and_is_not_repeated(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume)
    with pytest.raises(RefusedError, match="opens no locked volume") as refused:
        bench.lab.unlocking.unlock(bench.examiner, image.id, WRONG)
    shown = "".join(traceback.format_exception(refused.value))
    assert "Swordfish" not in shown
    assert "111111-" not in shown
    assert told(bench, image, "volume.unlock") == []
    with pytest.raises(PermissionRefusedError):
        bench.lab.unlocking.unlock(bench.supervisor, image.id, RIGHT)


def test_a_catalogue_that_is_built_with_a_key_records_what_was_unlocked(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume, RIGHT)
    assert image.catalogue_entries
    assert [facts["key_kind"] for facts in told(bench, image, "volume.unlock")] == ["password"]
    with pytest.raises(UnreadableContentError):
        read_large(bench, image)
    assert bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT) == ("v0",)
    assert read_large(bench, image)
    bench.lab.examine.forget_keys()
    with pytest.raises(UnreadableContentError):
        read_large(bench, image)


@pytest.mark.skipif(sys.platform == "win32", reason="a file that is open is not renamed on this system")
def test_a_catalogue_whose_keys_cannot_be_recorded_is_not_published(bench: Bench, volume: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(volume, tmp_path / "volume.dd"))
    image = took_in(bench, source)
    away = source.with_name("gone.dd")

    def lose_it(done_units: int, total_units: int) -> None:
        if source.exists():
            source.rename(away)

    with pytest.raises(EvidenceError):
        bench.lab.catalogues.build(bench.examiner, image.id, with_content=False, keys=RIGHT, on_progress=lose_it)
    assert away.exists()
    assert not bench.lab.catalogues.path(image).exists()
    assert told(bench, image, "image.catalogue") == []
    away.rename(source)
    built = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False, keys=RIGHT)
    assert built.catalogue_entries
    assert [facts["key_kind"] for facts in told(bench, image, "volume.unlock")] == ["password"]
    assert bench.lab.verification.verify().ok


def test_a_kept_key_is_used_again_by_the_same_person_only(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume, RIGHT)
    with pytest.raises(RefusedError, match="No key was given"):
        bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT)
    kept = bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    assert (kept.volume_id, kept.kind) == ("v0", "password")
    with pytest.raises(RefusedError, match="kept already"):
        bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    bench.lab.examine.forget_keys()
    again = bench.sign_in("Ana Kovač")
    assert bench.lab.unlocking.kept(again, image.id) == (kept,)
    assert bench.lab.unlocking.use_kept(again, image.id) == ("v0",)
    assert read_large(bench, image)
    bench.enrol("Second Examiner", Role.EXAMINER)
    other = bench.sign_in("Second Examiner")
    assert bench.lab.unlocking.kept(other, image.id) == ()
    with pytest.raises(RefusedError, match="keep no key"):
        bench.lab.unlocking.use_kept(other, image.id)
    with pytest.raises(RefusedError, match="Only who keeps"):
        bench.lab.unlocking.remove(other, kept.id)
    assert told(bench, image, "key.keep") == [{"image": image.number, "volume": "v0", "key_kind": "password"}]
    assert bench.lab.verification.verify().ok


def test_a_removed_key_is_gone_and_that_it_was_there_stays(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume)
    bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT)
    kept = bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    bench.lab.unlocking.remove(bench.examiner, kept.id)
    assert bench.lab.unlocking.kept(bench.examiner, image.id) == ()
    with bench.lab.database.reading() as connection:
        assert connection.execute(select(VOLUME_SECRET)).all() == []
        assert connection.execute(select(SEALED_KEY)).one().removed_at is not None
    with pytest.raises(NotFoundError):
        bench.lab.unlocking.remove(bench.examiner, kept.id)
    assert len(told(bench, image, "key.remove")) == 1
    assert bench.lab.verification.verify().ok


def test_a_sealed_key_that_was_changed_or_put_elsewhere_does_not_open_and_is_found(bench: Bench, volume: Path) -> None:
    image = catalogued(bench, volume)
    bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT)
    bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    forged = seal(bench.examiner.key, b'{"passwords":["x"]}', {"image": "another"})
    with bench.lab.database.writing() as connection:
        connection.execute(text("UPDATE volume_secret SET sealed = :sealed"), {"sealed": forged})
    with pytest.raises(RefusedError, match="does not open: it belongs elsewhere or was changed"):
        bench.lab.unlocking.use_kept(bench.examiner, image.id)
    assert "The kept key of v0 is missing or was changed." in bench.lab.verification.verify().row_findings


def test_a_sealed_key_does_not_open_for_the_new_key_of_its_person_and_is_given_again(
    bench: Bench, volume: Path
) -> None:
    image = catalogued(bench, volume, RIGHT)
    bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT)
    kept = bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    bench.lab.person_keys.replace(bench.admin, bench.examiner.person.id, PASSPHRASE, "Forgot the passphrase")
    bench.lab.examine.forget_keys()
    again = bench.sign_in("Ana Kovač")
    with pytest.raises(RefusedError, match="does not open: it was sealed for another key") as refused:
        bench.lab.unlocking.use_kept(again, image.id)
    assert refused.value.then.startswith("Remove it, unlock the volume with its key")
    bench.lab.unlocking.remove(again, kept.id)
    bench.lab.unlocking.unlock(again, image.id, RIGHT)
    bench.lab.unlocking.keep(again, image.id, "v0")
    bench.lab.examine.forget_keys()
    assert bench.lab.unlocking.use_kept(again, image.id) == ("v0",)
    assert bench.lab.verification.verify().ok


def test_a_key_reaches_no_file_no_log_no_report_and_no_representation(
    volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    caplog.set_level(logging.DEBUG)
    bench = make_bench(tmp_path / "lab")
    image = catalogued(bench, volume)
    with pytest.raises(RefusedError):
        bench.lab.unlocking.unlock(bench.examiner, image.id, WRONG)
    bench.lab.unlocking.unlock(bench.examiner, image.id, RIGHT)
    bench.lab.unlocking.keep(bench.examiner, image.id, "v0")
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    read_large(bench, image)
    bench.issued(ReportRequest(case_id=image.case_id, zone="UTC"))
    bench.lab.custody.export(image.case_id, bench.lab.folder.root / "custody", bench.examiner)
    secrets = (luks_images.PASSWORD, "Swordfish 5000", "111111-222222")
    for secret in secrets:
        assert not those_who_hold(tmp_path, secret)
        assert secret not in caplog.text
        assert secret not in repr(bench.lab)
        assert secret not in repr(bench.lab.examine.readers.keys.openings(image.id))
        assert secret not in str(dataclasses.asdict(bench.lab.unlocking.kept(bench.examiner, image.id)[0]))
    bench.lab.close()
    assert not [path for secret in secrets for path in those_who_hold(tmp_path, secret)]
