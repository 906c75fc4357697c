"""Panels that are filled when they are opened."""

from streamlit.testing.v1 import AppTest

from tests import patience

PAGE = """
import streamlit as st
from app.components.part import Panel, on_opening

def draw():
    st.markdown("inside")
    st.selectbox("Shape", ["a", "b"], key="shape")

on_opening(Panel("Download", draw, "panel", "Download this"))
"""


def test_a_panel_is_empty_until_it_is_opened() -> None:
    page = AppTest.from_string(PAGE, default_timeout=patience.SECONDS).run()
    assert not page.exception
    assert not page.markdown
    page.session_state["panel"] = True
    page.run()
    assert [element.value for element in page.markdown] == ["inside"]
    page.selectbox(key="shape").select("b").run()
    assert page.selectbox(key="shape").value == "b"
    page.session_state["panel"] = False
    assert not page.run().markdown
