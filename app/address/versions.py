"""Which version of the store a page shows: the one its link was made from, as long as that is kept, else the newest.

What changed, and the way to the other one, is remembered for ``app.components.content_notice``.
"""

from dataclasses import dataclass

import streamlit as st

from app.address import link
from app.address.content import Content, parsed
from app.state import Dataset, OpenedStore, open_version, store
from db.errors import StoreError

_CHANGE, _SEEN, _DATASET = "content-change", "content-seen", "dataset"


@dataclass(frozen=True)
class Change:
    """A dataset that is, or was, shown with another content than the store has now.

    Attributes
    ----------
    key, title : of the dataset
    then : people in it as the link had them, in words
    version : that has the earlier content; None when no version kept has it
    shown : whether the earlier content is what the pages show
    by_link : whether a link asked for it; False: it changed while the pages were open
    """

    key: str
    title: str
    then: str
    version: int | None
    shown: bool
    by_link: bool


def as_linked(newest: OpenedStore | None) -> OpenedStore | None:
    """Return the version that the pages about people show, after reading what the address asks for."""
    if newest is None:
        return None
    for text in link.asked("data") or ():
        _follow(text, newest)
    for text in link.asked(_DATASET) or ():  # As links had it before they carried the content.
        _choose(text, newest)
    found = change()
    if found is None or not found.shown or found.version is None:
        return newest
    earlier = _opened(found.version)
    if earlier is None:
        link.note(f"Version {found.version} is no longer kept; the present content is shown.")
        forget()
    return earlier or newest


def change() -> Change | None:
    """Return what differs between what was asked for and the newest content; None where nothing does."""
    found: Change | None = st.session_state.get(_CHANGE)
    return found


def forget() -> None:
    """Show the newest content and say no more about the earlier one."""
    st.session_state.update({_CHANGE: None, _SEEN: {}})


def show_earlier() -> None:
    """Show the content as it was before the store changed."""
    found = change()
    if found is not None:
        st.session_state[_CHANGE] = Change(found.key, found.title, found.then, found.version, True, found.by_link)


def seen(dataset: Dataset) -> None:
    """Note which content of a dataset a page shows, and whether it is another than the one it showed before."""
    before: dict[str, tuple[str, int, str]] = st.session_state.setdefault(_SEEN, {})
    known = before.get(dataset.key)
    found = change()
    another = known is not None and known[0] != dataset.content_sha256 and known[1] < dataset.version
    if known is not None and another and not (found is not None and found.shown):
        version = known[1] if _opened(known[1]) else None
        st.session_state[_CHANGE] = Change(dataset.key, dataset.title, known[2], version, False, by_link=False)
    before[dataset.key] = (dataset.content_sha256, dataset.version, people(dataset))


def people(dataset: Dataset) -> str:
    """Return how many people a dataset has: ``380 MS, 991 HC``, with those of unknown group where there are any."""
    unknown = dataset.n_subjects - dataset.n_ms - dataset.n_hc
    return f"{dataset.n_ms:,} MS, {dataset.n_hc:,} HC" + (f", {unknown:,} of unknown group" if unknown else "")


def _follow(text: str, newest: OpenedStore) -> None:
    """Choose the dataset and the version that a link names, or say that they are not here."""
    asked = parsed(text)
    present = {dataset.key: dataset for dataset in newest.datasets()}
    if asked is None:
        _choose(text, newest)
        return
    if asked.key in present and asked.is_of(present[asked.key]):
        st.session_state[_DATASET] = asked.key
        st.session_state[_CHANGE] = None
        return
    earlier = _kept(asked)
    if earlier is not None:
        version, dataset = earlier
        st.session_state[_DATASET] = asked.key
        st.session_state[_CHANGE] = Change(asked.key, dataset.title, people(dataset), version, True, by_link=True)
    elif asked.key in present:
        then = "an unknown number of people" if asked.n is None else f"{asked.n:,} people"
        st.session_state[_DATASET] = asked.key
        st.session_state[_CHANGE] = Change(asked.key, present[asked.key].title, then, None, False, by_link=True)
    else:
        link.unknown("the dataset", asked.key, [dataset.title for dataset in present.values()])


def _choose(text: str, newest: OpenedStore) -> None:
    datasets = newest.datasets()
    for dataset in datasets:
        if text in (dataset.key, dataset.dataset_id, dataset.title, f"{dataset.title} (synthetic)"):
            st.session_state[_DATASET] = dataset.key
            return
    link.unknown("the dataset", text, [dataset.title for dataset in datasets])


def _kept(asked: Content) -> tuple[int, Dataset] | None:
    """Return the newest kept version that has a content, with the dataset as it is there."""
    for version in reversed(store().versions()):
        opened = _opened(version.number)
        for dataset in opened.datasets() if opened else ():
            if asked.is_of(dataset):
                return version.number, dataset
    return None


def _opened(number: int) -> OpenedStore | None:
    try:
        return open_version(number)
    except StoreError:
        return None
