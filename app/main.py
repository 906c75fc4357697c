"""MS Cohort Explorer: the page list, and what all pages share. Run by `mscohort app`."""

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, StopException

from app import importing
from app.address import link, versions
from app.components import banner, entry, language
from app.components.content_notice import content_notice, link_notices
from app.components.export_button import export_dataset
from app.state import OpenedStore, open_store, release

# Group -> title -> module of app.views; a page is imported when it is first opened.
PAGES = {
    "Explore": {
        "Overview": "overview",
        "Compare": "compare",
        "Age and sex": "age_sex",
        "Correlations": "correlations",
        "Lesion zones": "zones",
        "Regions": "regions",
        "Lesion map": "lesion_map",
        "Clusters": "clusters",
    },
    "People": {"Patient": "patient", "Scans": "scans", "Subject": "subject", "Visits": "visits"},
    "Trust": {"Norms": "norms", "Models": "models", "Published vs recomputed": "published", "Methods": "methods"},
    "Data": {"Add scans": "add_scans", "Data": "data"},
}
NOT_ABOUT_THE_STORE = {"Models"}
"""Pages whose numbers come from real patients whoever the store holds: no banner may call them synthetic."""
WITH_OWN_EXPORT = {*PAGES["Explore"], "Data"}
"""Pages that export the people they show, or offer every dataset; at the foot of the others stands a button."""
OF_THE_NEWEST_STORE = {"Models", "Methods", *PAGES["Data"]}
"""Pages about the store itself, or about nobody in it: no link can ask them to show an earlier content."""


def url_path(title: str) -> str:
    """Return the address of a page: 'Age and sex' is at /age-and-sex."""
    return title.lower().replace(" ", "-")


def opener(module: str, opened: OpenedStore | None) -> Callable[[], None]:
    """Return what draws the page of ``app.views.<module>`` from one version of the store."""

    def draw() -> None:
        importing.view(module).page(opened)

    return draw


def main() -> None:
    """Draw the chosen page between the banner and the limits of use, all from one version of the store."""
    st.set_page_config(page_title="MS Cohort Explorer", layout="wide")
    # Sent while the rest is still imported: the browser fetches what draws figures meanwhile.
    banner.style()
    with importing.run():
        _draw()
    importing.drawn()


def _draw() -> None:
    entry.only_with_a_role()
    link.arrive()
    language.arrive()
    newest = open_store()
    opened = versions.as_linked(newest)
    pages = {
        group: [
            st.Page(
                opener(module, newest if title in OF_THE_NEWEST_STORE else opened),
                title=title,
                url_path=url_path(title),
                default=title == "Overview",
            )
            for title, module in titles.items()
        ]
        for group, titles in PAGES.items()
    }
    chosen = st.navigation(pages, position="sidebar", expanded=True)
    link.placed()
    banner.product()
    banner.heading(chosen.title, synthetic=chosen.title not in NOT_ABOUT_THE_STORE and banner.all_synthetic(opened))
    entry.style()
    notices, place = st.container(), st.container()
    # Drawn before the page, below it: a page with nothing to show stops the script.
    entry.signed_in()
    if opened is not None and chosen.title not in WITH_OWN_EXPORT:
        export_dataset(opened)
    banner.research_only()
    try:
        with place:
            chosen.run()
    except RerunException:
        raise
    except StopException:
        _say_on_top(notices, chosen.title, newest)
        raise
    finally:
        release()
    _say_on_top(notices, chosen.title, newest)


def _say_on_top(place: "st.delta_generator.DeltaGenerator", title: str, newest: OpenedStore | None) -> None:
    """Say above the page what its link asked for and it could not give; only the drawn page knows."""
    link.left_over()
    with place:
        link_notices()
        if title not in OF_THE_NEWEST_STORE:
            content_notice(newest)


main()
