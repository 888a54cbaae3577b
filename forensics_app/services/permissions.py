"""Who may do what; asked in services, so that no screen can forget it."""

from __future__ import annotations

from forensics_app.errors import PermissionRefusedError
from forensics_app.model.person import Role, SignedIn


def require(actor: SignedIn, act: str, *roles: Role) -> None:
    """Refuse unless ``actor`` holds one of ``roles``.

    Args:
        actor: The person who acts.
        act: What they want to do, as it follows "may not": "enrol a person".
        roles: Each of these is enough.

    Raises:
        PermissionRefusedError: They hold none of them.
    """
    if not actor.person.roles & set(roles):
        needed = " or ".join(role.value for role in roles)
        raise PermissionRefusedError(f"{actor.person.name} may not {act}: that needs the role {needed}.")
