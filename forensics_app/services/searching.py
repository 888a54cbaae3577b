"""Searching the content of an image: begun, stopped, gone on with, looked at; and showing a secret to two people."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import uuid4

from chain_of_custody.ledger import Json, SignerRole, Subject
from evidence.filesystems.ranges import SLACK
from evidence.search.expressions import ExpressionError
from evidence.search.finder import Finder, Wanted
from evidence.search.searching import search_isolated
from forensics_app.db.catalogue import Catalogue
from forensics_app.db.filelock import held
from forensics_app.db.search_file import SearchFile, create_search
from forensics_app.errors import RefusedError
from forensics_app.model.catalogue import Volume
from forensics_app.model.image import EvidenceImage, ImageDescription, ImageId, OnProgress
from forensics_app.model.logical import opening
from forensics_app.model.mark import Mark
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.search import (
    Missed,
    SearchError,
    SearchHit,
    SearchId,
    SearchInfo,
    SearchRequest,
    readable,
)
from forensics_app.services.cases import case_with, check_authority
from forensics_app.services.catalogues import check_examinable
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.examine import Examine
from forensics_app.services.intake import image_with
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.readers import check_source
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.search_hiding import Hiding
from forensics_app.services.search_plan import SOON_UNITS, Plan, Spaces, terms_facts
from forensics_app.services.search_rows import HIDDEN, left_out, rows_of, spaces_left_out
from forensics_app.services.search_spaces import spaces_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """Use cases about searches. What they find is derived: a file beside the catalogue, found again the same."""

    examine: Examine

    def check(self, request: SearchRequest) -> tuple[str, ...]:
        """Terms that none of the encodings can write.

        Raises:
            RefusedError: Something cannot be looked for; it says what, and at which character.
        """
        if not (request.terms or request.expressions or request.detect):
            raise RefusedError(
                "There is nothing to look for.", then="Give a term or an expression, or let detectors look."
            )
        if not request.spaces:
            raise RefusedError("There is no place to look in.", then="Choose at least one.")
        if not request.encodings:
            raise RefusedError("There is no encoding to look for the terms in.", then="Choose at least one.")
        try:
            return Finder(_wanted(request)).without_form
        except ExpressionError as error:
            raise RefusedError(str(error), then="Change it, and search again.") from error

    def begin(
        self,
        actor: SignedIn,
        image_id: ImageId,
        request: SearchRequest,
        on_progress: OnProgress = lambda done, total: None,
        on_begun: Callable[[SearchId], None] = lambda search_id: None,
    ) -> SearchInfo:
        """Search an image; what was found so far can be read by :meth:`open` from ``on_begun`` on.

        Args:
            actor: An examiner.
            image_id: The image; its catalogue is there.
            request: What is looked for.
            on_progress: Bytes done, bytes in all. What it raises stops the search; what was found is kept, and
                :meth:`resume` goes on.
            on_begun: Is told the id.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            RefusedError: Something cannot be looked for, or the image has no catalogue or may not be examined.
            EvidenceError: The image cannot be opened.
            SearchError: What is found cannot be written.
        """
        image = self._allowed(actor, image_id)
        self.check(request)
        assert image.catalogue_sha256 is not None
        search_id = SearchId(uuid4())
        plan = self._plan(image, request, {})
        units, spaces = plan.size()[0] + 1, None
        if units - 1 <= SOON_UNITS:
            spaces = self._spaces(image, request, lambda done, total: on_progress(0, 1))
            units = replace(plan, spaces=spaces).size()[0]
        create_search(
            self._path(image, search_id),
            search_id=search_id,
            request=request,
            catalogue_sha256=image.catalogue_sha256.hex(),
            started_at=self.examine.now(),
            person=actor.person.name,
            units=units,
            spaces=spaces,
        )
        on_begun(search_id)
        return self._run(actor, image, search_id, on_progress)

    def resume(
        self,
        actor: SignedIn,
        image_id: ImageId,
        search_id: SearchId,
        on_progress: OnProgress = lambda done, total: None,
    ) -> SearchInfo:
        """Go on with a search that was stopped or cut off; as :meth:`begin`.

        Raises:
            RefusedError: It is complete, or the catalogue was built anew since.
        """
        image = self._allowed(actor, image_id)
        with self.open(image, search_id) as found:
            info = found.info
        if info.is_complete:
            raise RefusedError("This search is complete.", then="Look at what it found, or begin another one.")
        if not info.is_current:
            raise RefusedError("The catalogue was built anew since this search was begun.", then="Begin a new search.")
        return self._run(actor, image, search_id, on_progress)

    def list(self, image: EvidenceImage) -> tuple[SearchInfo, ...]:
        """The searches of an image, the newest first; those that cannot be read are left out."""
        found, image = [], self._as_recorded(image)
        for path in self.examine.catalogues.folder.searches(image.case_id, image.id).glob("*.db"):
            with contextlib.suppress(SearchError), SearchFile(path) as file:
                found.append(file.info(_catalogue(image)))
        return tuple(sorted(found, key=lambda info: info.started_at, reverse=True))

    def open(self, image: EvidenceImage, search_id: SearchId) -> FoundHits:
        """What a search found so far; close it when done.

        Entries that hits name are those of the catalogue that the image has when this is called, or of none
        (:attr:`SearchInfo.is_current`): who looks them up opens the catalogue before.

        Raises:
            SearchError: There is none, or it cannot be read.
        """
        image = self._as_recorded(image)
        marks = self.examine.marks.list(image.case_id)
        hiding = Hiding(examine=self.examine, image=image, places=self.examine.places, marks=marks)
        return FoundHits(SearchFile(self._path(image, search_id)), image, hiding.hides)

    def reveal(
        self, actor: SignedIn, second: SignedIn, image_id: ImageId, search_id: SearchId, hit_id: int, reason: str
    ) -> str:
        """A key or a seed phrase in clear, for two people who both answer for it (REQ-58); nothing of it is kept.

        Args:
            actor: An examiner.
            second: Another examiner or supervisor, who gave their passphrase.
            image_id: The image.
            search_id: The search that found it.
            hit_id: The hit.
            reason: Why it has to be seen.

        Raises:
            PermissionRefusedError: One of them may not.
            RefusedError: It is one person, there is no reason, or the hit is no secret.
            EvidenceError: It cannot be read.
        """
        image = self._allowed(actor, image_id)
        require(second, "let a secret be shown", Role.EXAMINER, Role.SUPERVISOR)
        if actor.person.id == second.person.id:
            raise RefusedError(
                "A secret is shown to two people only.", then="Let another person give their passphrase."
            )
        if not reason.strip():
            raise RefusedError("That needs a reason.", then="Write it; it becomes part of the record.")
        with self.open(image, search_id) as found:
            hit = found.hit(hit_id)
        if hit is None or not hit.is_secret or hit.is_hidden:
            raise RefusedError("This is no key or seed phrase that is masked.")
        text = self._clear_text(image, hit)
        facts: dict[str, Json] = {
            "image": image.number, "search": str(search_id), "kind": hit.kind, "shown_as": hit.text,
            "volume": hit.volume_id, "address": hit.address, "space": hit.space, "offset_bytes": hit.offset_bytes,
            "length_bytes": hit.length_bytes, "in_text": hit.is_in_text,
        }  # fmt: skip
        with self.examine.db.writing() as connection:
            chain = case_chain(case_with(connection, image.case_id))
            subject = Subject(kind="image", id=str(image.id), label=image.number)
            signers: list[tuple[SignerRole, SignedIn]] = [("actor", actor), ("witness", second)]
            Writer(connection, self.examine.now()).append(
                chain, "secret.reveal", subject, facts, signers, reason.strip()
            )
        return text

    def _clear_text(self, image: EvidenceImage, hit: SearchHit) -> str:
        if hit.is_in_text:
            raise RefusedError(
                "It stands in the text of a document, and not in the bytes of the file.",
                then="Export the file, and look at it together.",
            )
        if (area := hit.area()) is not None:
            data = self.examine.read_area(image, area, hit.offset_bytes, hit.length_bytes)
        else:
            data = self.examine.read_file(image, hit.volume_id, hit.address, hit.offset_bytes, hit.length_bytes)
        return readable(data, "utf-16-le" if _is_wide(data) else "utf-8")

    def _run(self, actor: SignedIn, image: EvidenceImage, search_id: SearchId, on_progress: OnProgress) -> SearchInfo:
        path = self._path(image, search_id)
        parameters = {"image_id": str(image.id), "search_id": str(search_id)}
        with (
            _one_at_a_time(path),
            self.examine.catalogues.journal.running("search", image.number, image.case_id, parameters) as say,
            SearchFile(path) as file,
        ):
            plan = replace(self._plan(image, file.request, file.spaces or {}), is_older=file.is_older)
            try:
                self._take(image, file, plan, on_progress)
            finally:
                info = file.info(_catalogue(image))
                self._record(actor, image, info, file)
            say(f"{image.number}: {info.hits:,} hits; {info.missed:,} stretches were not searched or not listed whole.")
        if info.is_complete:
            self.examine.catalogues.journal.settle_done(actor, "search_id", str(search_id))
        return info

    def _take(self, image: EvidenceImage, file: SearchFile, plan: Plan, on_progress: OnProgress) -> None:
        """Look through what is left: contents at once, and then what is beside them, which takes time to be known."""
        if not file.is_divided_as_now:
            raise RefusedError("An older program began this search, and divided it otherwise.", then="Begin another.")
        if file.spaces is None:
            _, size = plan.size()
            of_media = max(size + 1, image.source.media_bytes)  # how much is beside contents is not known yet
            self._look(image, file, plan, lambda done, total: on_progress(done, of_media))
            spaces = self._spaces(image, file.request, lambda done, total: on_progress(size, of_media))
            plan = replace(plan, spaces=spaces)
            file.divide(spaces, plan.size()[0], spaces_left_out(spaces))
        self._look(image, file, plan, on_progress)

    def _look(self, image: EvidenceImage, file: SearchFile, plan: Plan, on_progress: OnProgress) -> None:
        done = file.done()
        units, total = plan.size()
        left = sum(unit.size_bytes for unit in plan.units(done)) if done else total
        self._note_what_is_left_out(file, plan, done)
        if next(plan.units(done), None) is None:
            return
        arguments = {**opening(image.source), "keys": self.examine.readers.keys.of(image.id)}
        found = search_isolated(
            arguments, _wanted(file.request), plan.lineages, plan.starts, plan.units(done),
            check=lambda described: _check(image, described), at_most=units - len(done),
            on_progress=lambda bytes_done, _: on_progress(min(total, total - left + bytes_done), max(total, 1)),
        )  # fmt: skip
        with closing(found):
            for one in found:
                hits, missed = rows_of(one)
                file.add(one.unit.number, hits, missed)

    def _spaces(self, image: EvidenceImage, request: SearchRequest, on_progress: OnProgress) -> Spaces:
        call = partial(self.examine.readers.call, image, on_progress=on_progress)
        catalogue = self.examine.catalogues.folder.catalogue(image.case_id, image.id)
        return spaces_of(call, catalogue, self._volumes(image), request)

    def _note_what_is_left_out(self, file: SearchFile, plan: Plan, done: frozenset[int]) -> None:
        """Write what this run leaves out; a content may have been marked since an earlier one."""
        if done:
            noted = {_content(one.volume_id, one.address) for one in file.missed(-1) if one.why.startswith(HIDDEN)}
            left = (piece for piece in plan.hidden(done) if _content(*piece[1:3]) not in noted)
            file.note_missed(map(left_out, left), in_place=False)
            return
        file.note_missed([*map(left_out, plan.hidden(done)), *spaces_left_out(plan.spaces)])

    def _record(self, actor: SignedIn, image: EvidenceImage, info: SearchInfo, file: SearchFile) -> None:
        request = info.request
        told: dict[str, Json] = {
            **terms_facts(request), "terms_count": len(request.terms),
            "expressions_count": len(request.expressions),
            "encodings": list(request.encodings), "any_case": request.any_case, "detectors": request.detect,
            "documents": request.documents, "spaces": [space.value for space in request.spaces],
        }  # fmt: skip
        facts: dict[str, Json] = {
            "image": image.number, "search": str(info.id), "hits": info.hits, "not_searched": info.missed,
            "complete": info.is_complete, "units": f"{info.done} of {info.units}",
            **act_facts(
                told, configuration=configuration_sha256(self.examine.lab, self.examine.catalogues.folder),
                inputs={"catalogue": _catalogue(image), image.number: image.digests["sha256"].hex()},
                outputs={"hits": file.content_sha256().hex()},
            ),
        }  # fmt: skip
        with self.examine.db.writing() as connection:
            chain = case_chain(case_with(connection, image.case_id))
            subject = Subject(kind="image", id=str(image.id), label=image.number)
            Writer(connection, self.examine.now()).append(chain, "image.search", subject, facts, [("actor", actor)])

    def _allowed(self, actor: SignedIn, image_id: ImageId) -> EvidenceImage:
        require(actor, "search an image", Role.EXAMINER)
        with self.examine.db.reading() as connection:
            image = image_with(connection, image_id)
            check_authority(case_with(connection, image.case_id), self.examine.now(), self.examine.lab.zone)
        check_examinable(image)
        if image.catalogue_sha256 is None:
            raise RefusedError(f"{image.number} has no catalogue yet.", then="Build it; then it can be searched.")
        return image

    def _as_recorded(self, image: EvidenceImage) -> EvidenceImage:
        """The image as it is now: its catalogue may have been built anew since it was read."""
        with self.examine.db.reading() as connection:
            return image_with(connection, image.id)

    def _volumes(self, image: EvidenceImage) -> Mapping[str, Volume]:
        with self.examine.catalogues.open(image) as catalogue:
            return {volume.id: volume for volume in catalogue.volumes()}

    def _plan(self, image: EvidenceImage, request: SearchRequest, spaces: Spaces) -> Plan:
        return Plan(
            catalogue=self.examine.catalogues.folder.catalogue(image.case_id, image.id),
            volumes=self._volumes(image),
            request=request,
            spaces=spaces,
            is_hidden=self._hides(image),
        )

    def _hides(self, image: EvidenceImage) -> Callable[[str, str], bool]:
        marks: tuple[Mark, ...] = self.examine.marks.list(image.case_id)
        return lambda volume_id, address: any(mark.hides(image, volume_id, address) for mark in marks)

    def _path(self, image: EvidenceImage, search_id: SearchId) -> Path:
        return self.examine.catalogues.folder.searches(image.case_id, image.id) / f"{search_id}.db"


class FoundHits:
    """The hits of a search, read-only; what a mark hides is not shown. A context manager, for one thread at a time."""

    def __init__(self, file: SearchFile, image: EvidenceImage, hides: Callable[[SearchHit], bool]) -> None:
        """Show what ``file`` holds."""
        self._file, self._image, self._hides = file, image, hides

    def __enter__(self) -> FoundHits:
        """The hits themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self._file.close()

    @property
    def info(self) -> SearchInfo:
        """How far the search is."""
        return self._file.info(_catalogue(self._image))

    @property
    def catalogue_sha256(self) -> str:
        """Content of the catalogue whose entries the hits name, hex."""
        return self._file.catalogue_sha256

    def page(self, after: int = 0, limit: int = 200) -> tuple[SearchHit, ...]:
        """So many hits behind the one with the id ``after``."""
        return tuple(map(self._shown, self._file.hits(after, limit)))

    def hit(self, hit_id: int) -> SearchHit | None:
        """One hit; None where there is none with that id."""
        hit = self._file.hit(hit_id)
        return None if hit is None else self._shown(hit)

    def ids(self, term: int | None = None, order: str = "id", *, descending: bool = False) -> array[int]:
        """The ids of all hits, or of those of one term; see :meth:`SearchFile.ids`."""
        return self._file.ids(term, order, descending=descending)

    def rows(self, ids: Sequence[int]) -> tuple[SearchHit, ...]:
        """The hits with these ids, at most some hundreds, in that order."""
        return tuple(map(self._shown, self._file.rows(ids)))

    def all(self) -> Iterator[SearchHit]:
        """Every hit."""
        return map(self._shown, self._file.all_hits())

    def missed(self, limit: int = -1) -> tuple[Missed, ...]:
        """What was not looked through; the first so many, or all of it."""
        return self._file.missed(limit)

    def paths(self, catalogue: Catalogue, found: Iterable[SearchHit | Missed]) -> Mapping[int, str]:
        """The paths of the files they are of, by entry; none where the catalogue was built anew since."""
        ids = {one.entry_id for one in found if one.entry_id is not None} if self.info.is_current else set()
        return {entry.id: entry.path for entry in catalogue.rows(tuple(ids))}

    def term_counts(self) -> Mapping[int, int]:
        """How many hits each term has; -1 stands for what was detected."""
        return self._file.term_counts()

    def _shown(self, hit: SearchHit) -> SearchHit:
        if self._hides(hit):
            return replace(hit, text="", before=b"", after=b"", is_hidden=True)
        return hit


def _wanted(request: SearchRequest) -> Wanted:
    return Wanted(
        terms=request.terms, expressions=request.expressions, encodings=request.encodings,
        any_case=request.any_case, detect=request.detect,
    )  # fmt: skip


def _catalogue(image: EvidenceImage) -> str:
    return (image.catalogue_sha256 or b"").hex()


def _check(image: EvidenceImage, described: object) -> None:
    assert isinstance(described, ImageDescription)
    check_source(image, described)


def _content(volume_id: str, address: str) -> tuple[str, str]:
    return volume_id, address.removesuffix(SLACK)


def _is_wide(data: bytes) -> bool:
    """Whether a secret is written in UTF-16LE: a letter of ASCII first, or no text in UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return data[1:2] == b"\0" or any(byte in data for byte in (b"\x01", b"\x03", b"\x04"))


@contextlib.contextmanager
def _one_at_a_time(path: Path) -> Iterator[None]:
    holding = held(path.with_name(f"{path.name}.lock"))
    try:
        holding.__enter__()
    except OSError as error:
        raise RefusedError("This search is running already.", then="Wait until it is done, or stop it.") from error
    try:
        yield
    finally:
        holding.__exit__(None, None, None)
