import inspect
from pathlib import Path

import pytest

from evidence import errors

EXAMPLES = [
    errors.SourceAccessError("a.raw", "no such file"),
    errors.SourceChangedError(Path("a.raw"), "size"),
    errors.NotAnImageError("a.raw", "a folder"),
    errors.UnsupportedContainerError("a.qcow2", "QCOW"),
    errors.MissingSegmentError(["a.E01"], ["a.E02", "a.E03"]),
    errors.DamagedContainerError("a.E01", "the volume is gone", None),
    errors.UnreadableRegionError(0, 512, "checksum"),
    errors.ShortReadError(3, 4),
    errors.SourceEndedError("/dev/sdb", 3, 4),
    errors.SourceGoneError("/dev/sdb", "no such device"),
    errors.AcquisitionRefusedError("The source is empty."),
    errors.TargetError("a.E01", "no room", 4096),
    errors.ResumeError("a.acquisition.json", "it is damaged"),
]


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_can_be_made_again_from_its_attributes(error: errors.SourceError) -> None:
    again = type(error)(**vars(error))
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_every_error_of_a_source_or_a_target_has_an_example_here() -> None:
    classes = {
        value
        for value in vars(errors).values()
        if inspect.isclass(value)
        and issubclass(value, (errors.SourceError, errors.AcquisitionError))
        and value not in (errors.SourceError, errors.AcquisitionError)
    }
    assert classes == {type(error) for error in EXAMPLES}


def test_messages_are_sentences_with_the_facts() -> None:
    assert str(EXAMPLES[4]) == "1 segments found, missing: a.E02, a.E03"
    assert str(errors.DamagedContainerError("a.E01", "no volume", 13)) == "a.E01 is damaged at byte 13: no volume"
