"""``search run``, ``search resume``, ``search list``, ``search hits``, ``search missed``, ``search reveal``."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    counted,
    opened,
    passphrase,
    passphrase_options,
    printable,
    signed_in,
    table,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_image
from forensics_app.errors import UsageError
from forensics_app.model.image import EvidenceImage
from forensics_app.model.search import (
    AREAS,
    ENCODINGS,
    USUAL_ENCODINGS,
    CaseSearched,
    SearchHit,
    SearchId,
    SearchInfo,
    SearchRequest,
    Space,
    secret_key,
    term_lines,
)
from forensics_app.services.case_searching import CaseSearching

_SPACES = {
    "files": Space.FILES, "deleted": Space.DELETED, "slack": Space.SLACK, "unallocated": Space.UNALLOCATED,
    "gaps": Space.GAPS,
}  # fmt: skip
_COLUMNS = (
    "id", "where", "volume", "path", "address", "offset", "unit", "length", "offset_on_media", "term", "kind",
    "validity", "encoding", "before", "text", "after",
)  # fmt: skip
_OLD = (
    "The catalogue of this image was built anew since this search: the paths of its hits are not known, and only their "
    "addresses are printed. Search again to see paths."
)


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    search = parsers.add_parser("search", help="search the content of images").add_subparsers(required=True)
    begin = command(
        search,
        "run",
        "search images: files, deleted files, slack, unallocated space, metadata and gaps",
        run,
        signs=True,
    )
    case_argument(begin)
    begin.add_argument(
        "--image", metavar="NUMBER", help="number of the image, such as LH/01-I1; without it all images of the case"
    )
    begin.add_argument("--term", action="append", default=[], metavar="TEXT", help="what is looked for, as it stands")
    begin.add_argument("--terms", type=Path, metavar="FILE", help="a list of terms in UTF-8, one a line")
    begin.add_argument("--regex", action="append", default=[], metavar="TEXT", help="a regular expression")
    begin.add_argument("--detect", action="store_true", help="also addresses, accounts, cards, keys and the like")
    begin.add_argument(
        "--secret", action="store_true",
        help="the terms are secrets, such as passwords: the record has no word of them; give them by --terms",
    )  # fmt: skip
    begin.add_argument("--match-case", action="store_true", help="upper and lower case are not the same")
    begin.add_argument("--no-documents", action="store_true", help="do not extract the text of documents")
    begin.add_argument(
        "--in", dest="spaces", nargs="+", choices=list(_SPACES), default=list(_SPACES), help="spaces to search"
    )
    begin.add_argument(
        "--encoding", nargs="+", choices=list(ENCODINGS), default=list(USUAL_ENCODINGS), metavar="NAME",
        help=f"of {', '.join(ENCODINGS)}; without it {', '.join(USUAL_ENCODINGS)}",
    )  # fmt: skip
    again = command(search, "resume", "go on with a search that was stopped", run_resume, signs=True)
    _search_argument(again)
    listing = command(search, "list", "list the searches of an image", run_list)
    case_argument(listing)
    image_argument(listing)
    hits = command(search, "hits", "print what a search found", run_hits)
    _search_argument(hits)
    hits.add_argument("--csv", action="store_true", help="as CSV")
    missed = command(search, "missed", "print what could not be searched", run_missed)
    _search_argument(missed)
    reveal = command(search, "reveal", "show a key or seed phrase to two people", run_reveal, signs=True)
    _search_argument(reveal)
    reveal.add_argument("--hit", type=int, required=True, metavar="N", help="number of the hit")
    reveal.add_argument("--reason", required=True, metavar="TEXT", help="why it has to be seen")
    reveal.add_argument("--second", required=True, metavar="PERSON", help="who answers for it too")
    passphrase_options(reveal, "second-")


def run(args: argparse.Namespace) -> int:
    """Search an image, or all of a case."""
    if args.secret and (args.term or args.regex):
        raise UsageError("Secrets are given in a file by --terms: others can read a command while it runs.")
    request = SearchRequest(
        terms=tuple(dict.fromkeys((*args.term, *_listed(args.terms)))),
        expressions=tuple(dict.fromkeys(args.regex)),
        encodings=tuple(args.encoding),
        any_case=not args.match_case,
        detect=args.detect,
        documents=not args.no_documents,
        spaces=tuple(dict.fromkeys(_SPACES[name] for name in args.spaces)),
        secret_key=secret_key() if args.secret else "",
    )
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        for term in lab.searching.check(request):
            named = "one of the secret terms" if args.secret else printable(term)
            sys.stderr.write(f"None of the encodings can write {named}: it is not looked for.\n")
        if args.image is None:
            return _tell_all(args, CaseSearching(searching=lab.searching).begin(
                actor, case.id, request, Progress("Searching")
            ))  # fmt: skip
        image = the_image(lab, case.id, args)
        found = lab.searching.begin(actor, image.id, request, Progress("Searching"))
        _tell(args, lab, image, found)
    return DONE


def run_resume(args: argparse.Namespace) -> int:
    """Go on with a search."""
    with signed_in(args) as (lab, actor):
        image, search_id = _the_search(lab, args)
        found = lab.searching.resume(actor, image.id, search_id, Progress("Searching"))
        _tell(args, lab, image, found)
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List searches."""
    with opened(args) as lab:
        found = lab.searching.list(the_image(lab, the_case(lab, args).id, args))
    rows = [
        [str(one.id), f"{one.started_at:%Y-%m-%d %H:%M}Z", one.person, _state(one), counted(one.hits, "hit"),
         printable(one.request.words)]
        for one in found
    ]  # fmt: skip
    answer(args, document([_shown(one) for one in found]), table(rows) or ["This image has not been searched."])
    return DONE


def run_hits(args: argparse.Namespace) -> int:
    """Print the hits."""
    with opened(args) as lab:
        image, search_id = _the_search(lab, args)
        rows = _rows(lab, image, search_id)
        if args.json:
            answer(args, list(rows), [])
        elif args.csv:
            writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        else:
            for row in rows:
                sys.stdout.write(printable(_line(row)) + "\n")
    return DONE


def run_missed(args: argparse.Namespace) -> int:
    """Print what was missed."""
    with opened(args) as lab:
        image, search_id = _the_search(lab, args)
        with lab.catalogues.open(image) as catalogue, lab.searching.open(image, search_id) as found:
            missed, limit = found.missed(), found.info.request.limit
            paths = found.paths(catalogue, missed)
    told = [(one, paths.get(one.entry_id or 0, "")) for one in missed]
    lines = [printable(f"{one.where(path)}: {one.why}") for one, path in told]
    said = [{**document(one), "path": path} for one, path in told]
    answer(args, said, [*(lines or ["Everything was searched that was asked for."]), limit])
    return DONE


def run_reveal(args: argparse.Namespace) -> int:
    """Show a secret."""
    with signed_in(args) as (lab, actor):
        second = lab.people.sign_in(args.second, passphrase(args, f"Passphrase of {args.second}", "second-"))
        try:
            image, search_id = _the_search(lab, args)
            text = lab.searching.reveal(actor, second, image.id, search_id, args.hit, args.reason)
        finally:
            second.key.close()
    answer(args, {"text": text}, [text])
    return DONE


def _search_argument(parser: argparse.ArgumentParser) -> None:
    case_argument(parser)
    image_argument(parser)
    parser.add_argument("--search", required=True, metavar="ID", help="as search list has it")


def _the_search(lab: Lab, args: argparse.Namespace) -> tuple[EvidenceImage, SearchId]:
    image = the_image(lab, the_case(lab, args).id, args)
    try:
        return image, SearchId(UUID(args.search))
    except ValueError as error:
        raise UsageError(f"{args.search!r} is not the id of a search.", then="Take it from 'search list'.") from error


def _listed(path: Path | None) -> tuple[str, ...]:
    """The terms of a list.

    Raises:
        UsageError: It cannot be read.
    """
    if path is None:
        return ()
    try:
        return term_lines(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The list of terms {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(
            f"The list of terms {path} is no text in UTF-8 or UTF-16.",
            then="Save it as UTF-8, one term on each line, and try again.",
        ) from error


def _tell(args: argparse.Namespace, lab: Lab, image: EvidenceImage, found: SearchInfo) -> None:
    with lab.searching.open(image, found.id) as hits:
        counts = hits.term_counts()
    named = {number: found.request.term(number) if number >= 0 else "detected" for number in counts}
    lines = [f"{counted(counts[number], 'hit'):>12}  {named[number]}" for number in sorted(counts)]
    missed = f"{_stretches(found.missed)} not searched, or not listed whole; see 'search missed'."
    words = [f"Search {found.id}: {counted(found.hits, 'hit')}.", *lines, *([missed] if found.missed else [])]
    answer(args, {**document(_shown(found)), "hits_by_term": {named[n]: counts[n] for n in counts}}, words)


def _tell_all(args: argparse.Namespace, found: CaseSearched) -> int:
    lines = [f"{number}: search {info.id}: {counted(info.hits, 'hit')}." for number, info in found.found]
    lines += [
        f"{number}: {counted(info.missed, 'stretch')} not searched." for number, info in found.found if info.missed
    ]
    lines += [f"NOT SEARCHED: {one.path}: {one.why}" for one in found.left_out]
    searches = [{"image": number, **document(_shown(info))} for number, info in found.found]
    answer(args, {"hits": found.hits, "searches": searches, "left_out": document(found.left_out)}, lines)
    return FINDING if found.left_out else DONE


def _stretches(number: int) -> str:
    return f"{number:,} stretch{'' if number == 1 else 'es'}"


def _shown(info: SearchInfo) -> SearchInfo:
    """As it may be printed."""
    return replace(info, request=info.request.shown)


def _state(info: SearchInfo) -> str:
    if info.is_complete:
        return "complete" if info.is_current else "complete, of an older catalogue"
    return f"{100 * info.done // max(info.units, 1)} %" if info.is_current else "stopped, of an older catalogue"


def _rows(lab: Lab, image: EvidenceImage, search_id: SearchId) -> Iterator[dict[str, object]]:
    with lab.catalogues.open(image) as catalogue, lab.searching.open(image, search_id) as found:
        request, is_current, after = found.info.request, found.info.is_current, 0
        if not is_current:
            sys.stderr.write(f"{_OLD}\n")
        while page := found.page(after, 500):
            paths = found.paths(catalogue, page)
            for hit in page:
                yield _row(hit, request, paths.get(hit.entry_id or 0, ""))
            after = page[-1].id


def _row(hit: SearchHit, request: SearchRequest, path: str) -> dict[str, object]:
    before, behind = hit.context()
    text = "(marked: not shown)" if hit.is_hidden else hit.text
    media = hit.media_offset_bytes
    values = (
        hit.id, hit.space, hit.volume_id, printable(path), hit.address, hit.offset_bytes,
        "characters of its text" if hit.is_in_text else "bytes", hit.length_bytes, "" if media is None else media,
        request.term(hit.term) if hit.term >= 0 else "", hit.kind, hit.validity, hit.encoding, before,
        printable(text), behind,
    )  # fmt: skip
    return dict(zip(_COLUMNS, values, strict=True))


def _line(row: dict[str, object]) -> str:
    what = row["kind"] or row["term"]
    where = row["path"] or AREAS.get(str(row["where"])) or f"address {row['address']}"
    slack = "slack of " if row["where"] == "slack" else ""
    unit = "character" if row["unit"] != "bytes" else "byte"
    place = f"{row['id']:>7}  {row['volume']} {slack}{where}, {unit} {row['offset']:,}"
    return f"{place}  {what}: {row['before']}[{row['text']}]{row['after']}"
