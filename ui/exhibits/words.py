"""What exhibits, their states and their images are called on screens, and by which mark."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from forensics_app.model.container_name import container_name
from forensics_app.model.exhibit import Exhibit, ExhibitType, PhotoView, State
from forensics_app.model.image import EvidenceImage, ImageDescription, Integrity
from forensics_app.model.logical import digested_words, is_archive_file, is_logical
from ui.text import rough_duration_text
from ui.tones import Tone

IN_STORE = frozenset({State.STORED})
OUT = frozenset({
    State.IDENTIFIED, State.LEFT_IN_PLACE, State.IMAGED_ON_SCENE, State.SEIZED, State.IN_TRANSIT, State.LOST_INCIDENT,
    State.IN_COURT, State.RETAINED_BY_COURT, State.TRANSFERRED, State.RETURNED, State.DESTROYED, State.FORFEITED,
})  # fmt: skip
NEVER_IMAGED = frozenset({ExhibitType.PAPER, ExhibitType.OTHER})
GONE = frozenset({State.RETURNED, State.DESTROYED, State.FORFEITED, State.RETAINED_BY_COURT})
_IMEI_DIGITS = 15
_ALARMING = frozenset({State.LOST_INCIDENT, State.REFUSED})
_ICONS = {
    ExhibitType.COMPUTER: "laptop",
    ExhibitType.STORAGE: "disk",
    ExhibitType.MOBILE: "phone",
    ExhibitType.SIM: "usb",
    ExhibitType.NETWORK: "router",
    ExhibitType.IOT: "photo",
    ExhibitType.ACCOUNT: "person",
    ExhibitType.PAPER: "wallet",
    ExhibitType.IMAGE: "image",
    ExhibitType.EXPORT: "export",
    ExhibitType.MEDIUM: "disk",
    ExhibitType.OTHER: "exhibit",
}


def icon_of_type(kind: ExhibitType) -> str:
    """The icon of a type of device."""
    return _ICONS[kind]


def type_words(kind: ExhibitType) -> str:
    """A type of device, as a choice."""
    return {
        ExhibitType.COMPUTER: _tr("Computer"),
        ExhibitType.STORAGE: _tr("Storage medium"),
        ExhibitType.MOBILE: _tr("Mobile device"),
        ExhibitType.SIM: _tr("SIM or memory card"),
        ExhibitType.NETWORK: _tr("Network device"),
        ExhibitType.IOT: _tr("CCTV, vehicle or IoT"),
        ExhibitType.ACCOUNT: _tr("Online account"),
        ExhibitType.PAPER: _tr("Paper or wallet"),
        ExhibitType.IMAGE: _tr("Image"),
        ExhibitType.EXPORT: _tr("Exported files"),
        ExhibitType.MEDIUM: _tr("Medium of the laboratory"),
        ExhibitType.OTHER: _tr("Other"),
    }[kind]


def state_words(state: State) -> str:
    """A custody state in a badge."""
    return {
        State.IMAGED_ON_SCENE: _tr("Imaged on scene"),
        State.LEFT_IN_PLACE: _tr("Left in place"),
        State.IN_TRANSIT: _tr("In transit"),
        State.LOST_INCIDENT: _tr("Lost, incident open"),
        State.CHECKED_OUT: _tr("Checked out"),
        State.UNDER_EXAM: _tr("Under examination"),
        State.IN_COURT: _tr("In court"),
        State.RETAINED_BY_COURT: _tr("Retained by court"),
        State.RETURN_IN: _tr("Coming back"),
        State.DISPOSAL_PENDING: _tr("Disposal proposed"),
        State.RETURNED: _tr("Returned to owner"),
    }.get(state) or state.value.replace("_", " ").capitalize()


def where_words(exhibit: Exhibit) -> str:
    """Its place, an image lies in none; of what is on its way the one that it left, as nobody knows where it is."""
    if exhibit.type is ExhibitType.IMAGE:
        return _tr("files on a computer")
    if exhibit.state is State.IN_TRANSIT and exhibit.place:
        return _tr("on the way, from {place}").format(place=exhibit.place)
    return exhibit.place


def is_overdue(exhibit: Exhibit, now: datetime) -> bool:
    """Whether it should have come back by ``now``."""
    return exhibit.due_at is not None and exhibit.due_at < now and exhibit.state not in IN_STORE


def needs_attention(exhibit: Exhibit, now: datetime) -> bool:
    """Whether something about it waits for a person: a mismatch, a delay, a loss."""
    return exhibit.integrity_failed or is_overdue(exhibit, now) or exhibit.state in _ALARMING


def state_badge(exhibit: Exhibit, now: datetime) -> tuple[Tone, str]:
    """The mark and the word of an exhibit's state."""
    tone, words, late = state_and_delay(exhibit, now)
    return tone, f"{words}, {late}" if late else words


def state_and_delay(exhibit: Exhibit, now: datetime) -> tuple[Tone, str, str]:
    """The mark and the word of an exhibit's state, and how late it is; empty when it is not."""
    late = delay_words(exhibit, now)
    return Tone.LATE if late else _tone(exhibit.state), state_words(exhibit.state), late


def delay_words(exhibit: Exhibit, now: datetime) -> str:
    """How late an exhibit is, in words; empty when it is not."""
    if exhibit.due_at is None or not is_overdue(exhibit, now):
        return ""
    return _tr("{time} overdue").format(time=rough_duration_text((now - exhibit.due_at).total_seconds()))


def _tone(state: State) -> Tone:
    match state:
        case State.STORED | State.ARCHIVED:
            return Tone.STORE
        case State.CHECKED_OUT | State.IMAGED | State.UNDER_EXAM | State.RECEIVED | State.RETURN_IN:
            return Tone.RUN
        case State.IN_TRANSIT:
            return Tone.LATE
        case State.LOST_INCIDENT:
            return Tone.BAD
        case State.REFUSED | State.DISPOSAL_PENDING:
            return Tone.WARN
        case State.IN_COURT | State.RETAINED_BY_COURT:
            return Tone.LOCK
        case State.RETURNED | State.TRANSFERRED | State.DESTROYED | State.FORFEITED:
            return Tone.DONE
    return Tone.NONE


def integrity_mark(image: EvidenceImage, *, read_back: bool) -> tuple[Tone, str]:
    """What is known of an image in one word; ``read_back`` says that a later reading agreed with the first."""
    match image.integrity:
        case Integrity.FAILED:
            return Tone.BAD, _tr("Mismatch")
        case Integrity.QUARANTINED:
            return Tone.LOCK, _tr("Quarantined")
        case Integrity.RELEASED:
            return Tone.WARN, _tr("Released")
        case Integrity.NONE_STORED if not read_back:
            return Tone.DONE, _tr("Hashed once")
    return Tone.OK, _tr("Verified")


def integrity_words(image: EvidenceImage) -> str:
    """What the comparison at the intake gave, in a sentence."""
    lost = sum(region.length_bytes for region in image.unreadable)
    compared = bool(image.source.stored_digests)
    match image.integrity:
        case Integrity.MATCH if not compared:
            return _tr("Each file in it was read, and equals the digests that the container stores of it.")
        case Integrity.FAILED if not compared and not lost:
            return _tr("What the container holds is not what the digests stored of it say: see what was found below.")
        case Integrity.NONE_STORED if is_logical(image.source):
            return _tr(
                "It stores no digests of its files, so nothing could be compared. The computed digests are recorded; "
                "every later reading is held against them."
            )
        case Integrity.MATCH:
            return _tr("Every digest stored in the container equals the one computed from the media.")
        case Integrity.NONE_STORED:
            return _tr(
                "The container stores no digest of the media, so nothing could be compared. "
                "The computed digests are recorded; every later reading is held against them."
            )
        case Integrity.RELEASED:
            return _tr("The integrity failed; a supervisor released the image: {reason}").format(reason=image.decision)
        case Integrity.QUARANTINED:
            return _tr("The integrity failed; a supervisor keeps the image closed: {reason}").format(
                reason=image.decision
            )
    if lost:
        return _tr("{n} bytes of the media cannot be read, so the image cannot be said to be whole.").format(
            n=f"{lost:,}"
        )
    return _tr("A stored digest differs from the one computed: the media is not what was acquired.")


def serial_words(exhibit: Exhibit) -> str:
    """The second line of an exhibit in a list."""
    if not exhibit.serial:
        return _tr("No serial number recorded")
    digits = sum(1 for sign in exhibit.serial if sign.isdecimal())
    match exhibit.type:
        case ExhibitType.MOBILE if digits == _IMEI_DIGITS:
            return f"IMEI {exhibit.serial}"
        case ExhibitType.ACCOUNT:
            return exhibit.serial
    return f"S/N {exhibit.serial}"


def serial_title(kind: ExhibitType) -> str:
    """What the field of the serial number is called for this type of device."""
    return {
        ExhibitType.MOBILE: _tr("Serial number or IMEI"),
        ExhibitType.SIM: _tr("ICCID or serial number"),
        ExhibitType.NETWORK: _tr("Serial number or MAC"),
        ExhibitType.ACCOUNT: _tr("Account id"),
        ExhibitType.PAPER: _tr("Number or mark"),
    }.get(kind) or _tr("Serial number")


def make_title(kind: ExhibitType) -> str:
    """What the field of the maker is called for this type of device."""
    return _tr("Provider") if kind is ExhibitType.ACCOUNT else _tr("Make")


def view_words(view: PhotoView) -> str:
    """What a photograph shows."""
    return {
        PhotoView.CONTEXT: _tr("Where it was found"),
        PhotoView.WHOLE: _tr("Whole"),
        PhotoView.LABEL: _tr("Label"),
        PhotoView.PORTS: _tr("Ports"),
        PhotoView.SCREEN: _tr("Screen"),
        PhotoView.SEAL: _tr("Seal"),
        PhotoView.DAMAGE: _tr("Damage"),
    }[view]


def container_words(source: ImageDescription) -> str:
    """What the container of a source is called; the name of its first file tells the kinds of EWF apart."""
    return _tr(container_name(source))


def digest_words(algorithm: str) -> str:
    """An algorithm; those that no longer stand alone say so (REQ-25)."""
    return {"md5": _tr("MD5 (legacy)"), "sha1": _tr("SHA-1 (legacy)"), "sha256": "SHA-256"}.get(
        algorithm, algorithm.upper()
    )


def digests_of_words(source: ImageDescription) -> str:
    """What the digests of an image are of."""
    words = _tr(digested_words(source))
    return f"{words[:1].upper()}{words[1:]}"


def size_title(source: ImageDescription) -> str:
    """What the size of the media is called."""
    return _tr("Size of the file") if is_archive_file(source) else _tr("Media")


def write_block_words(image: EvidenceImage) -> str:
    """How the source was protected."""
    blocker = image.write_blocker
    return blocker.device or _tr("none: {reason}").format(reason=blocker.reason_for_none)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Exhibits", words)
