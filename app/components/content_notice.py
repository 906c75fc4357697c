"""What a page says on top about its link: what it could not give, and that the people are others than they were."""

import streamlit as st

from app.address import link, versions
from app.sentences.as_written import as_written
from app.state import OpenedStore


def link_notices() -> None:
    """Say what the address asked for that is not here."""
    said = link.notices()
    if not said:
        return
    with st.container(key="link-notices", border=True):
        for sentence in said:
            st.markdown(f"**!** {as_written(sentence)}")
        st.button("Dismiss", key="dismiss-notices", on_click=link.dismiss)


def content_notice(newest: OpenedStore | None) -> None:
    """Say that a dataset's content is another than a link was made from, in n, with the way to the other one."""
    found = versions.change()
    if found is None or newest is None:
        return
    present = next((dataset for dataset in newest.datasets() if dataset.key == found.key), None)
    now = "The store no longer holds this dataset" if present is None else f"Now it has {versions.people(present)}"
    title = as_written(found.title)
    if found.shown:
        said = f"This is {title} as it was in version {found.version}: {found.then}. {now}."
    elif found.by_link:
        said = (
            f"This link was made when {title} had another content ({found.then}), which this store does not keep. "
            f"{now}: other people, so other numbers than the link's maker saw."
        )
    else:
        said = f"{title} was imported anew while this page was open: it had {found.then}. {now}."
    with st.container(key="content-notice", border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**!** {said}")
        if found.shown:
            st.button("Show the present content", key="content-newest", on_click=versions.forget)
        else:
            if found.version is not None:
                st.button("Show it as it was", key="content-earlier", on_click=versions.show_earlier)
            st.button("Keep the present content", key="content-newest", on_click=versions.forget)
