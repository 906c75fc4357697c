"""Normative references a person can be scored against: those that ship, and those in the store's folder."""

import re
from dataclasses import dataclass
from pathlib import Path

from analysis.norms.bridge import Bridge, shipped_bridges
from analysis.norms.reference import Reference
from analysis.norms.reference_files import ReferenceUnreadable, references_in, shipped_references, to_json
from vocabulary.files import write_whole

FOLDER = "norms"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NoReference(ValueError):
    """There is no reference to answer with; the message says which there are."""


@dataclass(frozen=True)
class Library:
    """All references at hand, shipped ones first, and a line for each file that could not be read."""

    references: tuple[Reference, ...]
    problems: tuple[str, ...] = ()

    def named(self, name: str) -> Reference:
        """Return the reference of a name.

        Raises
        ------
        NoReference : there is none; the message lists those there are
        """
        found = next((r for r in self.references if r.name == name), None)
        if found is None:
            raise NoReference(f"there is no reference '{name}'; there are: {self._names()}")
        return found

    def of_protocol(self, protocol: str, group: str = "HC") -> list[Reference]:
        """Return the references of a group measured under a protocol, a site's own before a shipped one."""
        return [r for r in reversed(self.references) if r.protocol == protocol and r.group == group]

    def for_protocol(self, protocol: str, group: str = "HC") -> Reference:
        """Return the reference to score values of a protocol against.

        Raises
        ------
        NoReference : nobody of this group was measured under this protocol
        """
        found = self.of_protocol(protocol, group)
        if not found:
            who = {"HC": "controls", "MS": "patients"}[group]
            have = ", ".join(sorted({r.protocol for r in self.references}))
            raise NoReference(
                f"no {who} measured under {protocol} are known (there are references of {have}), and numbers of "
                f"different protocols are not compared; fit one from your own {who} with 'mscohort norms fit'"
            )
        return found[0]

    def _names(self) -> str:
        return ", ".join(r.name for r in self.references)


def bridge_for(found: Library, protocol: str, group: str = "HC") -> Bridge | None:
    """Return the bridge that carries a protocol's values to controls of another; None where its own are known."""
    if group != "HC" or found.of_protocol(protocol, group):
        return None
    bridge = shipped_bridges().get(protocol)
    return bridge if bridge and found.of_protocol(bridge.target_protocol) else None


def library(root: Path) -> Library:
    """Return the references that ship and those of the store in ``root``."""
    own, problems = references_in(root / FOLDER)
    shipped = shipped_references()
    taken = {r.name for r in shipped}
    problems += [f"{r.name}.json has the name of a shipped reference and is not used" for r in own if r.name in taken]
    return Library((*shipped, *(r for r in own if r.name not in taken)), tuple(problems))


def write_reference(root: Path, reference: Reference, *, replace: bool = False) -> Path:
    """Keep a reference in the store's folder, whole or not at all.

    Raises
    ------
    ReferenceUnreadable : the name is no file name, is that of a shipped reference, or is taken
    """
    if not NAME.fullmatch(reference.name):
        raise ReferenceUnreadable(f"'{reference.name}' cannot name a reference: letters, digits and . _ - only")
    if reference.name in {r.name for r in shipped_references()}:
        raise ReferenceUnreadable(f"'{reference.name}' is the name of a reference that ships; choose another")
    folder = root / FOLDER
    path = folder / f"{reference.name}.json"
    if path.exists() and not replace:
        raise ReferenceUnreadable(f"there is a reference '{reference.name}' already; --replace fits it anew")
    folder.mkdir(parents=True, exist_ok=True)
    return write_whole(to_json(reference), path)
