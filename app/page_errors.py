"""A page that fails: an error number on the page, the traceback under that number in the log."""

import os

import streamlit as st

from app.error_log import error_number, log_error
from db.errors import StoreError


def page_failed(error: Exception) -> bool:
    """Show an error's number in place of what could not be drawn, and log its traceback.

    What the store itself says is shown in its own words, without folders. Anything else is a fault of this software,
    whose message may hold a path or a row of data: it stays in the log.

    Returns
    -------
    bool : True, so that Streamlit adds nothing of its own
    """
    # The server has this at hand from its start; what draws pages it imports when it waits for them.
    from app.components import banner
    from app.sentences.as_written import as_written

    where = "the log file that `mscohort doctor` names" if log_error(error) else "the terminal that runs the dashboard"
    with st.container(key="page-error"):
        if isinstance(error, StoreError):
            st.error(f"The store cannot be shown: {as_written(_without_folders(error))}.")
        else:
            st.error("This page could not be drawn. Reload it; if it fails again, reset the filters.")
        st.markdown(f"Error number **{error_number(error)}**: what happened stands under this number in {where}.")
    banner.research_only()
    return True


def _without_folders(error: StoreError) -> str:
    from db.store import default_root

    line = " ".join(str(error).split()).rstrip(".")
    for folder in (default_root().absolute(), default_root()):
        line = line.replace(os.fspath(folder), "its folder")
    return line
