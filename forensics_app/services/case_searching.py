"""One search over every image of a case: a search of each, begun one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evidence.errors import EvidenceError
from forensics_app.errors import AppError, NotFoundError, PermissionRefusedError, RefusedError, explain
from forensics_app.model.case import CaseId
from forensics_app.model.finding import LeftOut
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.person import SignedIn
from forensics_app.model.search import CaseSearched, SearchId, SearchRequest
from forensics_app.services.intake import images_of
from forensics_app.services.searching import Searching


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSearching:
    """Use case of searching all images. Each has its own file of hits and its own entry, as if searched alone."""

    searching: Searching

    def begin(
        self,
        actor: SignedIn,
        case_id: CaseId,
        request: SearchRequest,
        on_progress: OnProgress = lambda done, total: None,
        on_begun: Callable[[EvidenceImage, SearchId], None] = lambda image, search_id: None,
    ) -> CaseSearched:
        """Search every image of a case.

        An image that cannot be searched is told as left out, with why, and the others are searched all the same.

        Args:
            actor: An examiner.
            case_id: The case.
            request: What is looked for.
            on_progress: Bytes done, bytes in all, each image counted by the size of its media. What it raises stops
                the search; what was found is kept, and that of the image in hand can be gone on with.
            on_begun: Is told each image and the id of its search.

        Raises:
            PermissionRefusedError: The actor is no examiner.
            NotFoundError: There is no image in the case.
            RefusedError: Something cannot be looked for.
        """
        self.searching.check(request)
        with self.searching.examine.db.reading() as connection:
            images = images_of(connection, case_id)
        if not images:
            raise NotFoundError("There is no image in this case.", then="Take one in; then it can be searched.")
        total = sum(image.source.media_bytes for image in images)
        found, left_out, before = [], [], 0
        for image in images:
            media_bytes = image.source.media_bytes

            def report(done: int, of: int, before: int = before, media_bytes: int = media_bytes) -> None:
                on_progress(before + media_bytes * done // max(of, 1), max(total, 1))

            def begun(search_id: SearchId, image: EvidenceImage = image) -> None:
                on_begun(image, search_id)

            try:
                found.append((image.number, self.searching.begin(actor, image.id, request, report, begun)))
            except PermissionRefusedError:
                raise
            except (AppError, EvidenceError) as error:
                told = explain(error)
                left_out.append(LeftOut(path=image.number, why=told.what if told else str(error)))
            before += media_bytes
        if not found:
            raise RefusedError(f"No image could be searched. {left_out[0].path}: {left_out[0].why}")
        return CaseSearched(found=tuple(found), left_out=tuple(left_out))
