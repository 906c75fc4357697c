"""The dashboard as a server: its pages, who may ask for them, what becomes of one that fails. Run by `mscohort app`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.guarding import Guard, ask_nobody_for_our_address
from app.page_errors import page_failed

ask_nobody_for_our_address()
app = st.App(Path(__file__).with_name("main.py"), middleware=[Middleware(Guard)], on_script_error=page_failed)
