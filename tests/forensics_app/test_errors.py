"""Every error that a service can raise has words; what has none is a bug."""

import inspect
from pathlib import Path

import pytest

import forensics_app.model.filter_language.errors
import forensics_app.reports.checks
import forensics_app.services.verification  # noqa: F401  the classes below have to be there
from chain_of_custody.errors import CustodyError
from evidence.errors import EvidenceError, HashSetError, MissingSegmentError, NotAnImageError, SourceEndedError
from evidence.images.opening import open_image
from forensics_app.errors import AppError, explain
from forensics_app.model.report import FindingKind

SAMPLES: dict[str, object] = {
    "found": (Path("/a.E01"),), "missing": ("a.E02",), "path": Path("/a.E01"), "offset_bytes": 5, "length_bytes": 5,
    "read_bytes": 5, "declared_bytes": 9, "exit_status": -9, "silent_s": 3.0, "limit_bytes": 5, "retry_after_s": 4,
    "lacks": ("the reviewer",), "container": "vhd", "kept_bytes": 5, "at": 5,
}  # fmt: skip


def below(root: type[BaseException]) -> list[type[BaseException]]:
    return [root, *(deeper for kind in root.__subclasses__() for deeper in below(kind))]


def made(kind: type[BaseException]) -> BaseException:
    """An error of ``kind`` with something for each of its parameters."""
    needed = [
        parameter
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if name != "self" and parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        and parameter.kind is not parameter.VAR_KEYWORD
    ]  # fmt: skip
    given = {one: "words" if one.annotation == "str" else SAMPLES.get(one.name, "words") for one in needed}
    named = {one.name: value for one, value in given.items() if one.kind is one.KEYWORD_ONLY}
    return kind(*[value for one, value in given.items() if one.kind is not one.KEYWORD_ONLY], **named)


@pytest.mark.parametrize("kind", below(AppError) + below(EvidenceError), ids=lambda kind: kind.__name__)
def test_an_error_of_the_application_or_the_evidence_has_words(kind: type[BaseException]) -> None:
    explanation = explain(made(kind))
    assert explanation is not None
    assert explanation.what
    assert explanation.then
    assert explanation.exit_status in (1, 2, 3)


@pytest.mark.parametrize("kind", below(CustodyError), ids=lambda kind: kind.__name__)
def test_an_error_of_the_ledger_has_words(kind: type[BaseException]) -> None:
    assert explain(kind.__new__(kind)) is not None


def test_a_system_that_refuses_has_words_and_a_bug_has_none() -> None:
    refused = explain(OSError(28, "No space left on device", "/lab/x"))
    assert refused is not None
    assert "/lab/x: No space left on device" in refused.what
    assert explain(ValueError("a bug")) is None
    assert explain(KeyError(FindingKind.FACT)) is None


def test_what_to_do_about_an_empty_file_is_not_to_look_for_a_first_one(tmp_path: Path) -> None:
    (tmp_path / "a.dd").touch()
    with pytest.raises(NotAnImageError) as refused:
        open_image([tmp_path / "a.dd"])
    explanation = explain(refused.value)
    assert explanation is not None
    assert (explanation.what, explanation.then) == (
        "a.dd is not an image: it is an empty file.",
        "Look whether it was copied to its end, and copy it again from its source.",
    )


@pytest.mark.parametrize(("here", "words"), [(1, "1 of its files is there"), (2, "2 of its files are there")])
def test_the_files_of_an_image_that_is_not_whole_are_counted_in_a_sentence(here: int, words: str) -> None:
    explanation = explain(MissingSegmentError([f"a.E{number:02}" for number in range(1, here + 1)], ["a.E09"]))
    assert explanation is not None
    assert explanation.what == f"The image is not whole: {words}, missing: a.E09."


def test_a_source_that_ends_early_is_not_called_an_image_and_what_was_copied_is_told_of() -> None:
    explanation = explain(SourceEndedError("/dev/sdb", 1000, 4096))
    assert explanation is not None
    assert explanation.what == "The source /dev/sdb ends after 1,000 of 4,096 bytes."
    assert "written of the image was kept" in explanation.kept
    assert "--resume" in explanation.then


def test_a_sentence_leaves_the_name_of_a_file_as_it_is() -> None:
    told = explain(HashSetError("/lists/empty.txt", "is empty"))
    assert told is not None
    assert told.what == "empty.txt is empty."
