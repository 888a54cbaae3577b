"""What may be written in a report, whoever writes it and however far it is."""

from __future__ import annotations

import zoneinfo

from forensics_app.errors import RefusedError
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.report import LANGUAGES, ReportRequest
from forensics_app.model.report_parts import ALWAYS, MOST_LISTS
from forensics_app.reports.standards import statable

LONGEST_TEXT_CHARACTERS = 100_000


def check_content(content: ReportRequest) -> None:
    """Refuse what no draft may hold, finished or not.

    Raises:
        RefusedError: A zone is none, a section is missing or named twice, there is no title, a text is too long, or
            the filter of a list cannot be understood.
    """
    for zone in (content.zone, content.zone_of_local_times):
        if zone not in zoneinfo.available_timezones():
            raise RefusedError(f"{zone!r} is not a time zone.", then="Name one like Europe/Berlin or UTC.")
    if content.language not in LANGUAGES:
        raise RefusedError(
            f"{content.language!r} is no language of reports.", then=f"Choose of {', '.join(LANGUAGES)}."
        )
    if not content.title.strip():
        raise RefusedError("A report needs a title.")
    printed = content.printed
    twice = sorted({section for section in printed if printed.count(section) > 1})
    if twice:
        raise RefusedError(f"A section stands twice: {', '.join(twice)}.")
    if missing := sorted(ALWAYS - set(printed)):
        raise RefusedError(f"No report goes without: {', '.join(missing)}.")
    ids = [*(one.id for one in content.blocks), *(one.id for one in content.lists)]
    if len(set(ids)) < len(ids):
        raise RefusedError("A block stands twice.")
    if strange := [one.item for one in content.statements if one.item not in statable()]:
        raise RefusedError(
            f"{strange[0]!r} is no item that can be stated.",
            then="The check of the report against the standards names those that can.",
        )
    texts = [block.text + block.basis + block.heading for block in content.blocks]
    texts += [*content.summary, *content.limitations, *content.changes, *(one.text for one in content.statements)]
    texts += [one.title for one in content.lists]
    if any(len(text) > LONGEST_TEXT_CHARACTERS for text in (content.title, *texts)):
        raise RefusedError(f"A text has more than {LONGEST_TEXT_CHARACTERS:,} characters.", then="Part it in blocks.")
    _check_lists(content)


def _check_lists(content: ReportRequest) -> None:
    if len(content.lists) > MOST_LISTS:
        raise RefusedError(f"A report has at most {MOST_LISTS} lists of files.")
    for one in content.lists:
        if not one.title.strip():
            raise RefusedError("A list of files needs a title.")
        try:
            parse(one.filter, zoneinfo.ZoneInfo(content.zone))
        except FilterError as error:
            raise RefusedError(
                f"The filter of the list “{one.title}” cannot be understood: {error}", then=error.then
            ) from error
