"""Who uses the page that is being drawn, and the doors through which they change or take away anything."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.access.roles import NotAllowed, Person, Right
from app.access.sign_in import VARIABLE, SignInError, current_sign_in
from db.audit_log import AuditLog, acting, user_of_this_machine
from db.store import Store, default_root


@dataclass(frozen=True)
class Visitor:
    """A person as known when a page was drawn; every question is answered by what the settings say at that moment.

    Attributes
    ----------
    claims : of the identity token; empty for the owner, who came by the token
    """

    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def person(self) -> Person | None:
        """Return who this is and the role they have now; None where nobody is signed in, or not any more."""
        try:
            sign_in = current_sign_in()
        except SignInError:
            return None
        if sign_in is None:
            return Person(user_of_this_machine(), "curator")
        return sign_in.person(self.claims, time.time())

    def needs(self, right: Right, what: str) -> Person:
        """Return who this is if they may; a refusal stands in the audit log.

        Raises
        ------
        NotAllowed : they may not, or are not signed in any more.
        """
        person = self.person()
        if person is None:
            raise NotAllowed("Your sign-in has ended; reload the page to sign in again.")
        if not person.may(right):
            with suppress(OSError):
                AuditLog(default_root()).append(person.name, f"refused: {what}")
            raise NotAllowed(person.refusal(right))
        return person


def visitor() -> Visitor:
    """Return who looks at the page that is being drawn."""
    # Where nobody signs in there is nothing to know, and Streamlit would look for its secrets at every question.
    return Visitor(dict(st.user) if os.environ.get(VARIABLE) else {})


def may(right: Right) -> bool:
    """Tell whether whoever looks at this page may; for what a page shows, never in place of ``Visitor.needs``."""
    person = visitor().person()
    return person is not None and person.may(right)


def or_say_why_not(right: Right) -> bool:
    """Tell whether whoever looks at this page may, and where they may not, say on the page who may."""
    person = visitor().person()
    if person is not None and person.may(right):
        return True
    st.info(person.refusal(right) if person else "Your sign-in has ended; reload the page to sign in again.")
    return False


class PersonsStore(Store):
    """The store as one person may use it: to write needs the right to, and the audit log says who wrote."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store against other writers; every way of writing comes through here.

        Raises
        ------
        NotAllowed : this person may not write.
        """
        person = visitor().needs("write", "write to the store")
        with acting(person.name), super().lock():
            yield


def taken_away(make: Callable[[], bytes], name: str) -> Callable[[], bytes]:
    """Return what makes a file for whoever looks at this page: only if they may when they ask for it, and logged.

    Parameters
    ----------
    make : makes the file's content
    name : of the file, for the log
    """
    asked = visitor()

    def content() -> bytes:
        person = asked.needs("export", f"take away {name}")
        log = AuditLog(default_root())
        try:
            log.append(person.name, f"took away {name}")
        except OSError:
            if asked.claims:  # Among several people, nothing goes out unseen; the owner of a read-only store may.
                raise
        return make()

    return content
