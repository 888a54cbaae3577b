"""The first page and the table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from forensics_app.model.dossier import Dossier, LedgerHead, ReportKind
from forensics_app.reports.book import Book, Part, person_line
from forensics_app.reports.fonts import Face
from forensics_app.reports.layout import (
    BOTTOM_PT,
    CODE,
    LEFT_PT,
    OVERLINE,
    RIGHT_PT,
    TITLE_1,
    TOP_PT,
    VALUE,
    WIDTH_PT,
    Value,
)
from forensics_app.reports.lines import Piece, Style, clip
from forensics_app.reports.pictures import fitted, picture_size
from forensics_app.reports.values import Clock, grouped, joined, number
from forensics_app.reports.wording import DRAFT_WORDS
from forensics_app.reports.words import as_told, say, spoken

REPORT_TITLE = Style(Face.BOLD, 19.0, 25.0)
CASE_TITLE = Style(Face.REGULAR, 12.0, 17.0)
LABORATORY = Style(Face.BOLD, 11.0, 15.0)
SMALL = Style(Face.REGULAR, 8.5, 12.0, 0.25)
STATUS = Style(Face.BOLD, 9.5, 14.0)

_KINDS = {
    ReportKind.EXAMINATION: "Report of a forensic examination",
    ReportKind.STATEMENT: "Expert statement",
    ReportKind.CUSTODY: "Report on custody",
    ReportKind.ACQUISITION: "Report on an acquisition",
    ReportKind.BUNDLE: "Bundle for the court",
    ReportKind.VERIFICATION: "Report on a verification",
}
_TIMES = (
    "Times of the record are read from the clock of the computer that recorded them, or as an entry says, and are cut "
    "to the second; UTC stands behind “=” where the zone is not UTC. Times of files say their own source, basis and "
    "resolution."
)
_AS_RECORDED = (
    "What people wrote, why a step was refused and what a tool says stand as they were recorded, not translated."
)
_LOGO_PT = (170.0, 60.0)
DRAFT = "DRAFT, not signed"
_SIGNED_WHERE = "Valid when signed in the part “Declaration and signatures”"
_CONTENTS_LEADING_PT = 15.5
_CONTENTS_PER_PAGE = int((TOP_PT - BOTTOM_PT - 64.0) / _CONTENTS_LEADING_PT)
_MOST_CONTENTS_PAGES = 3
_ANSWERS = {True: "yes", False: "NO", None: "not checked"}


def status(dossier: Dossier, clock: Clock) -> str:
    """Whether and when the report was issued, as printed on every page."""
    issued = dossier.head.issued_at
    return say(DRAFT) if issued is None else say("Issued {time}", time=clock.moment(issued))


def draw_cover(book: Book) -> None:
    """Draw the first page, and go on to the next."""
    sheet, dossier = book.sheet, book.dossier
    laboratory, head = dossier.laboratory, dossier.head
    _logo(book)
    sheet.paragraph(laboratory.name, LABORATORY)
    for line in (*dossier.stationery.letterhead, *laboratory.address, laboratory.contact, laboratory.accreditation):
        if line:
            sheet.paragraph(line, SMALL)
    sheet.skip(44.0)
    sheet.pen.overline(LEFT_PT, sheet.y_pt - 8.0, _KINDS[dossier.kind], OVERLINE)
    sheet.y_pt -= 16.0
    sheet.paragraph(as_told(head.title), REPORT_TITLE)
    sheet.y_pt -= 2.0
    sheet.paragraph(dossier.case.title, CASE_TITLE, after_pt=10.0)
    _status_box(book)
    sheet.y_pt -= 18.0
    if book.wording.is_draft:
        sheet.paragraph(DRAFT_WORDS, STATUS)
        if say(DRAFT_WORDS) != DRAFT_WORDS:
            sheet.paragraph(say(DRAFT_WORDS), STATUS)
        sheet.skip(8.0)
    sheet.properties(_particulars(book))
    if head.changes:
        sheet.subtitle("Changes against the replaced report")
        sheet.items(head.changes)
    sheet.skip(16.0)
    _heads(book)
    sheet.new_page()


def _logo(book: Book) -> None:
    """At the upper right, where the lines of the letterhead seldom reach; they are drawn below it."""
    jpeg = book.dossier.stationery.logo_jpeg
    size = picture_size(jpeg) if jpeg is not None else None
    if jpeg is None or size is None:
        return
    width, height = fitted(size, *_LOGO_PT)
    sheet = book.sheet
    place = (RIGHT_PT - width, sheet.y_pt - height, width, height)
    sheet.pen.picture(jpeg, (size.width, size.height), size.components, place, book.dossier.laboratory.name)
    sheet.y_pt -= height + 10.0


def _status_box(book: Book) -> None:
    sheet = book.sheet
    words = status(book.dossier, book.clock)
    where = "" if book.dossier.is_draft else say(_SIGNED_WHERE)
    is_one_line = STATUS.width_pt(words) + SMALL.width_pt(where) <= WIDTH_PT - 30.0
    height_pt = 22.0 if is_one_line else 36.0
    sheet.pen.box(LEFT_PT, sheet.y_pt - height_pt, WIDTH_PT, height_pt, grey=0.0)
    sheet.pen.text(LEFT_PT + 9.0, sheet.y_pt - 14.6, words, STATUS)
    sheet.pen.text_right(RIGHT_PT - 9.0, sheet.y_pt - height_pt + 7.4, where, SMALL)
    sheet.y_pt -= height_pt


def _particulars(book: Book) -> list[tuple[str, Value]]:
    dossier, clock = book.dossier, book.clock
    head, case = dossier.head, dossier.case
    period = None
    if head.activity_from and head.activity_to:
        since, until = clock.both(head.activity_from), clock.both(head.activity_to)
        period = say("{since} to {until}", since=since, until=until)
    rows: list[tuple[str, Value]] = [
        ("Report", say("{number}, version {version}", number=as_told(head.number), version=head.version)),
        (
            "Case",
            joined(
                (case.number, case.reference and say("requester's reference {reference}", reference=case.reference))
            ),
        ),
        ("Offence", case.offence),
        ("Requested by", _requested_by(dossier)),
        ("Exhibits", number(len(dossier.exhibits))),
        ("Period of the work", period),
        ("Record as of", clock.both(head.made_at)),
        ("Issued", say(DRAFT) if head.issued_at is None else clock.both(head.issued_at)),
        ("Times", say(_TIMES)),
        ("Author", person_line(dossier.author)),
        ("Reviewer", person_line(dossier.reviewer) if dossier.reviewer else None),
    ]
    if dossier.stationery.language != "en":
        rows.append(("Words of the record", say(_AS_RECORDED)))
    if head.replaces:
        rows.insert(1, ("Replaces report", head.replaces))
    return rows


def _heads(book: Book) -> None:
    sheet = book.sheet
    sheet.need(60.0)
    sheet.pen.overline(LEFT_PT, sheet.y_pt - 8.0, "Heads of the custody ledger", OVERLINE)
    sheet.y_pt -= 14.0
    if not book.dossier.ledger_heads:
        book.absent()
    for head in book.dossier.ledger_heads:
        sheet.need(4 * VALUE.leading_pt)
        sheet.properties([(as_told(head.chain), _head_pieces(book, head))])


def _head_pieces(book: Book, head: LedgerHead) -> list[Piece]:
    verified = say("not verified when this report was made")
    if head.verified_at is not None:
        words = "verified {time} by {person}" if head.verified_by else "verified {time}"
        verified = say(words, time=book.clock.both(head.verified_at), person=head.verified_by)
    answers = " · ".join(
        say("{label}: {value}", label=say(word), value=say(_ANSWERS[answer]))
        for word, answer in (("Intact", head.intact), ("Signed", head.signed), ("Trusted", head.trusted))
    )
    if head.first_bad is not None:
        answers = f"{answers}; {say('first entry that fails: {entry}', entry=number(head.first_bad))}"
    when = book.clock.both(head.recorded_at)
    return [
        Piece(say("Entry {entry} of {time}, SHA-256:", entry=number(head.sequence), time=when), VALUE),
        Piece(grouped(head.digest), CODE),
        Piece(answers, VALUE),
        Piece(spoken().begun(verified), VALUE),
        Piece(say("Chain {id}", id=head.chain_id), VALUE),
        *(Piece(say("Also laid down: {where}", where=as_told(anchor)), VALUE) for anchor in head.anchors),
    ]


def planned(parts: Sequence[Part]) -> list[tuple[str, str, int]]:
    """Number, title and level of every heading to come; sections are left out where they would fill many pages."""
    whole: list[tuple[str, str, int]] = []
    for position, part in enumerate(parts, start=1):
        whole.append((str(position), say(part.title), 1))
        whole.extend((f"{position}.{order}", title, 2) for order, title in enumerate(part.sections, start=1))
    if len(whole) > _MOST_CONTENTS_PAGES * _CONTENTS_PER_PAGE:
        return [entry for entry in whole if entry[2] == 1]
    return whole


def draw_contents(book: Book, parts: Sequence[Part]) -> int:
    """Draw the table of contents without its page numbers; returns how many pages it takes."""
    entries = planned(parts)
    sheet = book.sheet
    pages = 0
    for start in range(0, len(entries), _CONTENTS_PER_PAGE):
        sheet.paragraph(say("Contents" if start == 0 else "Contents, continued"), TITLE_1, after_pt=14.0)
        sheet.pen.stamp(f"contents-{pages}", RIGHT_PT, sheet.y_pt)
        for numeral, title, level in entries[start : start + _CONTENTS_PER_PAGE]:
            style = _contents_style(level)
            indent = 0.0 if level == 1 else 26.0
            sheet.pen.text(LEFT_PT + indent, sheet.y_pt - 10.0, numeral, style)
            words = clip(title, style, WIDTH_PT - indent - 80.0)
            sheet.pen.text(LEFT_PT + indent + (26.0 if level == 1 else 32.0), sheet.y_pt - 10.0, words, style)
            sheet.pen.rule(LEFT_PT, sheet.y_pt - 13.2, WIDTH_PT, weight_pt=0.25, grey=0.75)
            sheet.pen.link(f"part-{numeral}", LEFT_PT, sheet.y_pt - 13.0, WIDTH_PT, _CONTENTS_LEADING_PT)
            sheet.y_pt -= _CONTENTS_LEADING_PT
        sheet.new_page()
        pages += 1
    return pages


def _contents_style(level: int) -> Style:
    return Style(Face.BOLD if level == 1 else Face.REGULAR, 9.0, 13.0)


def define_contents(book: Book, parts: Sequence[Part]) -> None:
    """Set the page numbers of the table of contents, known once everything is drawn."""
    entries = planned(parts)
    pages = {entry.number: entry.page for entry in book.sheet.entries}
    for page, start in enumerate(range(0, len(entries), _CONTENTS_PER_PAGE)):
        book.sheet.pen.begin_stamp(f"contents-{page}")
        for position, (numeral, _, level) in enumerate(entries[start : start + _CONTENTS_PER_PAGE]):
            y = -10.0 - position * _CONTENTS_LEADING_PT
            book.sheet.pen.text_right(0.0, y, str(pages[numeral]), _contents_style(level))
        book.sheet.pen.end_stamp()


def subject(dossier: Dossier) -> str:
    """The document's subject in its metadata."""
    head, words = dossier.head, "Case {case}, report {number}, version {version}"
    return say(words, case=dossier.case.number, number=as_told(head.number), version=head.version)


def _requested_by(dossier: Dossier) -> str | None:
    person, authority = person_line(dossier.request.requester), dossier.case.requesting_authority
    return joined((person, authority if authority != person else None))
