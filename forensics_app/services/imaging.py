"""The step of custody that an intake is: imaged in the laboratory, or where it was found."""

from __future__ import annotations

from chain_of_custody.ledger import Json
from chain_of_custody.states import Event, State
from evidence.digest import MediaDigests
from forensics_app.db.mapping import Values, time_text
from forensics_app.errors import RefusedError
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import IntakeRequest
from forensics_app.model.person import SignedIn
from forensics_app.services.attempts import allowed_step
from forensics_app.services.custody_rules import NOBODY_OF_THE_LAB
from forensics_app.services.record import Writer
from forensics_app.services.seal_opening import opened


def check_scene(exhibit: Exhibit, request: IntakeRequest) -> None:
    """Refuse to record as imaged on scene what was not left there.

    Raises:
        RefusedError: It is said so, and the exhibit is not identified.
    """
    if request.on_scene and exhibit.state is not State.IDENTIFIED:
        raise RefusedError(
            f"{exhibit.number} is {exhibit.state.value.replace('_', ' ')}; imaged on scene is only what was identified "
            "there and stayed.",
            then="Take the image in without saying that it was made on scene.",
        )


def imaging_step(
    writer: Writer, actor: SignedIn, exhibit: Exhibit, request: IntakeRequest, media: MediaDigests
) -> tuple[Values, dict[str, Json]]:
    """What an intake changes of the exhibit, and states, where it is a step of its custody; else nothing.

    A seal that was on it is told of as it was found, and what is wrong with it is an incident of the same entry.

    Raises:
        RefusedError: Something is missing, such as how the seal was found.
    """
    event = _step_of(exhibit, request)
    if event is None:
        return {}, {}
    blocker = request.write_blocker.device.strip() or request.write_blocker.reason_for_none.strip()
    gates: dict[str, object] = {"hash_pair": media.digests["sha256"].hex(), "write_blocker": blocker}
    transition = allowed_step(exhibit, event, gates)
    to_state = transition.to_state.value
    columns: Values = {"state": to_state, "state_since": time_text(writer.now)}
    facts: dict[str, Json] = {"event": event.value, "from_state": exhibit.state.value, "to_state": to_state}
    if event is Event.IMAGE_ON_SCENE:
        return columns | {"holder_id": None, "holder": NOBODY_OF_THE_LAB}, facts
    seal, found = opened(writer, exhibit, request.seal, transition, actor)
    return columns | seal, facts | found


def _step_of(exhibit: Exhibit, request: IntakeRequest) -> Event | None:
    """The step of custody that an intake is; None where the state of the exhibit stays as it is."""
    if request.on_scene:
        return Event.IMAGE_ON_SCENE
    return Event.IMAGE if exhibit.state is State.CHECKED_OUT else None
