"""The dashboard as a server: the pages of main.py, and what becomes of a page that fails. Run by `mscohort app`."""

from pathlib import Path

import streamlit as st

from app.page_errors import page_failed

app = st.App(Path(__file__).with_name("main.py"), on_script_error=page_failed)
