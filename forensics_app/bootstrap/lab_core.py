"""What every use case of an open lab rests on: its record, its people and cases, and their verification."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING

from forensics_app.bootstrap.built import Built
from forensics_app.bootstrap.guidance import load_guidance
from forensics_app.db.engine import Database
from forensics_app.db.server import shown
from forensics_app.model.lab import LabInfo
from forensics_app.services.folder import LabFolder

if TYPE_CHECKING:
    from chain_of_custody.guidance.library import Guidance
    from chain_of_custody.passphrase import Argon2Parameters
    from forensics_app.services.cases import Cases
    from forensics_app.services.certificates import Certificates
    from forensics_app.services.competence import Competence
    from forensics_app.services.journal import Journal
    from forensics_app.services.notes import Notes
    from forensics_app.services.outsiders import Outsiders
    from forensics_app.services.people import People
    from forensics_app.services.person_keys import PersonKeys
    from forensics_app.services.places import Places
    from forensics_app.services.principles import Principles
    from forensics_app.services.time_stamps import TimeStamps
    from forensics_app.services.tools import Tools
    from forensics_app.services.validating import Validating
    from forensics_app.services.verification import Verification


class LabCore:
    """What an open lab is, and its people, cases, keys and verification.

    Attributes:
        info: What the lab says of itself.
        folder: Where its files are.
        database: Its record.
        building: Held while a use case is built.
        is_open: Whether it was not closed yet.
    """

    def __init__(
        self,
        *,
        info: LabInfo,
        folder: LabFolder,
        database: Database,
        now: Callable[[], datetime],
        key_parameters: Argon2Parameters,
    ) -> None:
        """Take what every use case needs.

        Args:
            info: What the lab says of itself.
            folder: Where its files are.
            database: Its record, open.
            now: The clock.
            key_parameters: How new keys are sealed.
        """
        self.info, self.folder, self.database = info, folder, database
        self._now, self._key_parameters = now, key_parameters
        self.building, self.is_open = RLock(), True

    @property
    def server(self) -> str:
        """URL of the database on a server, without a password; empty for a record in the folder."""
        return "" if self.database.is_sqlite else shown(self.database.url)

    def guidance(self) -> Guidance:
        """The guidance that the lab corrected in its folder ``guidance``, or the one that the program ships with.

        Raises:
            LabUnusableError: The lab's own files do not say what is needed.
        """
        return self._guidance

    def build_all(self) -> None:
        """Build what is not yet, so that nobody has to wait for it later."""
        for name, value in inspect.getmembers_static(type(self)):
            if isinstance(value, Built) and name != "_guidance":
                getattr(self, name)

    @Built
    def _guidance(self) -> Guidance:
        return load_guidance(self.folder)

    @Built
    def people(self) -> People:
        """Who is enrolled, and signing in."""
        from forensics_app.services.people import People
        from forensics_app.services.store import Store

        parameters = self._key_parameters
        store = Store(folder=self.folder, parameters=parameters)
        return People(db=self.database, lab=self.info, now=self._now, key_parameters=parameters, store=store)

    @Built
    def person_keys(self) -> PersonKeys:
        """Changing and ending people's keys."""
        from forensics_app.services.person_keys import PersonKeys

        return PersonKeys(people=self.people)

    @Built
    def outsiders(self) -> Outsiders:
        """People who are no users."""
        from forensics_app.services.outsiders import Outsiders

        return Outsiders(db=self.database, lab=self.info, now=self._now)

    @Built
    def places(self) -> Places:
        """The tree of places."""
        from forensics_app.services.places import Places

        return Places(db=self.database, lab=self.info, now=self._now)

    @Built
    def cases(self) -> Cases:
        """Cases and their teams."""
        from forensics_app.services.cases import Cases

        return Cases(db=self.database, lab=self.info, now=self._now)

    @Built
    def principles(self) -> Principles:
        """The principles, case by case."""
        from forensics_app.services.principles import Principles

        return Principles(db=self.database, lab=self.info, now=self._now, guidance=self.guidance)

    @Built
    def notes(self) -> Notes:
        """Contemporaneous notes."""
        from forensics_app.services.notes import Notes

        return Notes(db=self.database, lab=self.info, now=self._now)

    @Built
    def competence(self) -> Competence:
        """Training and competence."""
        from forensics_app.services.competence import Competence

        return Competence(db=self.database, lab=self.info, now=self._now)

    @Built
    def tools(self) -> Tools:
        """The register of tools."""
        from forensics_app.services.tools import Tools

        return Tools(db=self.database, lab=self.info, now=self._now)

    @Built
    def validating(self) -> Validating:
        """Validation of this program on this computer."""
        import resources
        from forensics_app.services.validating import Validating

        return Validating(
            tools=self.tools,
            lab=self.info,
            folder=self.folder,
            now=self._now,
            set_folder=resources.path("validation"),
        )

    @Built
    def verification(self) -> Verification:
        """Verification of the whole record."""
        from forensics_app.services.verification import Verification
        from forensics_app.services.verified_apart import verified_apart

        folder = self.folder
        elsewhere = None if folder.is_read_only else partial(verified_apart, folder)
        return Verification(db=self.database, lab=self.info, folder=folder, now=self._now, elsewhere=elsewhere)

    @Built
    def certificates(self) -> Certificates:
        """Certificates with which people sign reports."""
        from forensics_app.services.certificates import Certificates

        return Certificates(db=self.database, lab=self.info, folder=self.folder, now=self._now)

    @Built
    def time_stamps(self) -> TimeStamps:
        """Stamps of time-stamp authorities."""
        from forensics_app.services.time_stamps import TimeStamps

        return TimeStamps(db=self.database, lab=self.info, now=self._now)

    @Built
    def journal(self) -> Journal:
        """Jobs, and what was interrupted."""
        from forensics_app.services.journal import Journal

        return Journal(db=self.database, lab=self.info, folder=self.folder, now=self._now)
