"""MS Cohort Explorer: the page list, and what all pages share. Run by `mscohort app`."""

import streamlit as st

from app.components import banner
from app.views import age_sex, compare, correlations, data, methods, overview, published, zones

PAGES = {
    "Overview": overview,
    "Compare": compare,
    "Age and sex": age_sex,
    "Correlations": correlations,
    "Lesion zones": zones,
    "Published vs recomputed": published,
    "Data": data,
    "Methods": methods,
}


def url_path(title: str) -> str:
    """Return the address of a page: 'Age and sex' is at /age-and-sex."""
    return title.lower().replace(" ", "-")


def main() -> None:
    """Draw the chosen page between the banner and the limits of use."""
    st.set_page_config(page_title="MS Cohort Explorer", layout="wide")
    pages = [
        st.Page(module.page, title=title, url_path=url_path(title), default=title == "Overview")
        for title, module in PAGES.items()
    ]
    chosen = st.navigation(pages, position="top")
    banner.style()
    banner.synthetic_banner_if_shown()
    chosen.run()
    banner.research_only()


main()
