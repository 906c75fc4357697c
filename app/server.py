"""The dashboard as a server: its pages, who may ask for them, what becomes of one that fails. Run by `mscohort app`."""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.access import token
from app.access.gate import ClosedGate, Gate, SignInGate, TokenGate
from app.access.sign_in import current_sign_in
from app.guarding import Guard, ask_nobody_for_our_address
from app.page_errors import page_failed
from app.plotly_file import AskedForEarly, plotly_route
from app.pressed_downloads import keep_pressed_downloads
from app.warming import warming

ask_nobody_for_our_address()
keep_pressed_downloads()
# Taken out of the environment, so that nothing this server starts can read it there.
secret = os.environ.pop(token.VARIABLE, "")
sign_in = current_sign_in()
gate: Gate = ClosedGate()
if secret:
    gate = TokenGate(secret) if sign_in is None else SignInGate(sign_in, secret)
secure = sign_in is not None and sign_in.origin.startswith("https:")
app = st.App(
    Path(__file__).with_name("main.py"),
    secrets={"auth": dict(sign_in.auth)} if sign_in else None,
    routes=[plotly_route()],
    middleware=[Middleware(Guard, gate=gate, secure=secure), Middleware(AskedForEarly)],
    on_script_error=page_failed,
    lifespan=warming,
)
