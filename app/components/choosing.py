"""Widgets to choose with that are not kept in the address, their options in the language of the page."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from app.components.language import in_words, language
from app.words.translating import as_name, translated


def selectbox(label: str, options: Sequence[Any], **settings: Any) -> Any:
    """Draw ``st.selectbox``."""
    return st.selectbox(label, options, **in_words(settings))


def multiselect(label: str, options: Sequence[Any], **settings: Any) -> Any:
    """Draw ``st.multiselect``."""
    return st.multiselect(label, options, **in_words(settings))


def radio(label: str, options: Sequence[Any], **settings: Any) -> Any:
    """Draw ``st.radio``."""
    return st.radio(label, options, **in_words(settings))


def segmented_control(label: str, options: Sequence[Any], **settings: Any) -> Any:
    """Draw ``st.segmented_control``."""
    return st.segmented_control(label, options, **in_words(settings))


def named(*ours: str) -> Callable[[Any], str]:
    """Return how to write options that are names out of somebody's file, all but ``ours``, which are words."""
    code = language()

    def written(option: Any) -> str:
        return translated(str(option), code) if option in ours else as_name(str(option), code)

    return written
