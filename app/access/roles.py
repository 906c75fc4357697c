"""Roles and what they may do: a viewer sees, an analyst takes away, a curator changes the store."""

from dataclasses import dataclass
from typing import Literal

from db.errors import StoreError

Role = Literal["viewer", "analyst", "curator"]
Right = Literal["view", "export", "write"]

ROLES: tuple[Role, ...] = ("viewer", "analyst", "curator")
"""Each may do what those before it may."""

_RIGHTS: dict[Right, Role] = {"view": "viewer", "export": "analyst", "write": "curator"}
_WORDS: dict[Right, str] = {
    "view": "see this dashboard",
    "export": "cite and take data away",
    "write": "import, measure, review and roll back",
}


class NotAllowed(StoreError):
    """A person's role does not go as far as what was asked for; the message is one line for that person."""


@dataclass(frozen=True)
class Person:
    """Whoever uses the dashboard.

    Attributes
    ----------
    name : as it stands in the audit log
    role : None for somebody who is signed in and has none
    """

    name: str
    role: Role | None

    def may(self, right: Right) -> bool:
        """Tell whether this person's role goes so far.

        Examples
        --------
        >>> [Person("anna", role).may("export") for role in (None, "viewer", "analyst", "curator")]
        [False, False, True, True]
        """
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(_RIGHTS[right])

    def refusal(self, right: Right) -> str:
        """Say in one line why this person may not, and who may.

        Examples
        --------
        >>> Person("anna", "viewer").refusal("write")
        'Your role is viewer; only a curator may import, measure, review and roll back.'
        """
        mine = f"Your role is {self.role}" if self.role else "You have no role here"
        least = _RIGHTS[right]
        who = f"only a{'n' if least == 'analyst' else ''} {least}" + ("" if least == "curator" else " or above")
        return f"{mine}; {who} may {_WORDS[right]}."

    def needs(self, right: Right) -> None:
        """Raise NotAllowed where the role does not go so far."""
        if not self.may(right):
            raise NotAllowed(self.refusal(right))
