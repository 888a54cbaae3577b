from forensics_app.model.catalogue import Volume
from forensics_app.services.volume_words import place_words


def volume(volume_id: str, parent: str | None, kind: str, **more: object) -> Volume:
    return Volume(
        id=volume_id,
        parent=parent,
        kind=kind,
        start_bytes=0,
        length_bytes=1,
        description="",
        **more,  # type: ignore[arg-type]
    )


VOLUMES = (
    volume("v0", None, "whole"),
    volume("v0.p1", "v0", "partition", encryption="bitlocker"),
    volume("v0.p1.d", "v0.p1", "decrypted"),
    volume("v0.p1.d.s2", "v0.p1.d", "snapshot", snapshot_time_ns=1_769_851_800_123_456_789),
    volume("v0.p2", "v0", "partition"),
    volume("v0.p3", "v0", "snapshot"),
    volume("v0.p2!zip-local2s", "v0.p2", "archive"),
    volume("v0.p1.d!zip-local2s", "v0.p1.d", "archive"),
)


def test_a_member_of_an_archive_is_cited_by_the_volume_that_the_archive_lies_in() -> None:
    assert place_words(VOLUMES, "v0.p2!zip-local2s") == "v0.p2 (in an archive)"
    assert place_words(VOLUMES, "v0.p1.d!zip-local2s") == "v0.p1.d (decrypted from v0.p1, BitLocker; in an archive)"


def test_a_file_is_cited_with_what_its_volume_was_decrypted_from_and_the_time_of_its_snapshot() -> None:
    assert place_words(VOLUMES, "v0.p1.d.s2") == (
        "v0.p1.d.s2 (decrypted from v0.p1, BitLocker; snapshot of 2026-01-31 09:30:00 UTC)"
    )
    assert place_words(VOLUMES, "v0.p1.d") == "v0.p1.d (decrypted from v0.p1, BitLocker)"
    assert place_words(VOLUMES, "v0.p3") == "v0.p3 (snapshot of a time that is not stored)"


def test_a_plain_volume_is_cited_by_its_id_alone() -> None:
    assert place_words(VOLUMES, "v0.p2") == "v0.p2"
    assert place_words((), "v0.p9") == "v0.p9"
