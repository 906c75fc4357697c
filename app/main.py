"""MS Cohort Explorer: the page list, and what all pages share. Run by `mscohort app`."""

from collections.abc import Callable
from importlib import import_module
from threading import Thread

import streamlit as st

from app.components import banner, entry
from app.state import OpenedStore, open_store

# Title -> module of app.views; a page is imported when it is first opened.
PAGES = {
    "Overview": "overview",
    "Compare": "compare",
    "Age and sex": "age_sex",
    "Correlations": "correlations",
    "Lesion zones": "zones",
    "Regions": "regions",
    "Norms": "norms",
    "Patient": "patient",
    "Scans": "scans",
    "Subject": "subject",
    "Visits": "visits",
    "Published vs recomputed": "published",
    "Models": "models",
    "Add scans": "add_scans",
    "Data": "data",
    "Methods": "methods",
}
NOT_ABOUT_THE_STORE = {"Models"}
"""Pages whose numbers come from real patients whoever the store holds: no banner may call them synthetic."""


def url_path(title: str) -> str:
    """Return the address of a page: 'Age and sex' is at /age-and-sex."""
    return title.lower().replace(" ", "-")


def opener(module: str, opened: OpenedStore | None) -> Callable[[], None]:
    """Return what draws the page of ``app.views.<module>`` from one version of the store."""

    def draw() -> None:
        import_module(f"app.views.{module}").page(opened)

    return draw


def main() -> None:
    """Draw the chosen page between the banner and the limits of use, all from one version of the store."""
    st.set_page_config(page_title="MS Cohort Explorer", layout="wide")
    entry.only_with_a_role()
    opened = open_store()
    pages = [
        st.Page(opener(module, opened), title=title, url_path=url_path(title), default=title == "Overview")
        for title, module in PAGES.items()
    ]
    chosen = st.navigation(pages, position="top")
    banner.style()
    if chosen.title not in NOT_ABOUT_THE_STORE:
        banner.synthetic_banner_if_shown(opened)
    entry.style()
    place = st.container()
    # Drawn before the page, below it: a page with nothing to show stops the script.
    entry.signed_in()
    banner.research_only()
    with place:
        chosen.run()
    import_the_rest()


@st.cache_resource(show_spinner=False)
def import_the_rest() -> None:
    """Import the other pages while the first one is being read, once per server."""
    modules = (f"app.views.{module}" for module in PAGES.values())
    Thread(target=lambda: [import_module(name) for name in modules], daemon=True).start()


main()
