"""Widgets that are kept in the address: what a link asks for and the widget lacks is said, never dropped.

Every widget with ``bind="query-params"`` is drawn here (a test holds it), with Streamlit's own arguments.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from app.address import link
from app.components.language import in_words, written
from app.words.tables import LANGUAGES

_SHOWN = "linked-shown"


def selectbox(label: str, options: Sequence[Any], *, key: str, **settings: Any) -> Any:
    """Draw ``st.selectbox``, kept in the address."""
    settings = in_words(settings)
    _check(label, options, key, settings.get("format_func", str), several=False)
    _recall(key, lambda value: value in options, settings.get("format_func", str))
    index = settings.get("index", 0)
    drawn = st.selectbox(label, options, key=key, bind="query-params", **_kept(settings))
    return _remember(key, drawn, options[index] if index is not None and index < len(options) else None)


def multiselect(label: str, options: Sequence[Any], *, key: str, **settings: Any) -> list[Any]:
    """Draw ``st.multiselect``, kept in the address."""
    settings = in_words(settings)
    _check(label, options, key, settings.get("format_func", str), several=True)
    _recall(key, lambda values: all(value in options for value in values), settings.get("format_func", str))
    drawn = list(st.multiselect(label, options, key=key, bind="query-params", **_kept(settings)))
    return list(_remember(key, drawn, list(settings.get("default") or ())))


def pills(label: str, options: Sequence[Any], *, key: str, **settings: Any) -> Any:
    """Draw ``st.pills``, kept in the address."""
    settings = in_words(settings)
    _check(label, options, key, settings.get("format_func", str), several=settings.get("selection_mode") == "multi")
    several = settings.get("selection_mode") == "multi"
    _recall(
        key,
        lambda value: all(one in options for one in (value if several else [value])),
        settings.get("format_func", str),
    )
    first = settings.get("default")
    drawn = st.pills(label, options, key=key, bind="query-params", **_kept(settings))
    return _remember(key, drawn, list(first or ()) if several else first)


def segmented_control(label: str, options: Sequence[Any], *, key: str, **settings: Any) -> Any:
    """Draw ``st.segmented_control``, kept in the address."""
    settings = in_words(settings)
    _check(label, options, key, settings.get("format_func", str), several=False)
    _recall(key, lambda value: value in options, settings.get("format_func", str))
    drawn = st.segmented_control(label, options, key=key, bind="query-params", **_kept(settings))
    return _remember(key, drawn, settings.get("default"))


def toggle(label: str, *, key: str, **settings: Any) -> bool:
    """Draw ``st.toggle``, kept in the address."""
    for value in link.asked(key) or ():
        if value.lower() not in ("true", "false"):
            link.unknown(_named(label), value, ("true", "false"))
    _recall(key, lambda value: isinstance(value, bool), lambda value: str(value).lower())
    drawn = st.toggle(label, key=key, bind="query-params", **_kept(settings))
    return bool(_remember(key, drawn, settings.get("value", False)))


def number_input(label: str, low: float, high: float, value: float, step: float, *, key: str, **settings: Any) -> Any:
    """Draw ``st.number_input``, kept in the address."""
    for given in link.asked(key) or ():
        try:
            within = low <= float(given) <= high
        except ValueError:
            within = False
        if not within:
            link.unknown(_named(label), given, (f"{low:g} to {high:g}",))
    _recall(key, lambda held: low <= held <= high, lambda held: f"{held:g}")
    drawn = st.number_input(label, low, high, value, step, key=key, bind="query-params", **_kept(settings))
    return _remember(key, drawn, value)


def text_input(label: str, *, key: str, **settings: Any) -> str:
    """Draw ``st.text_input``, kept in the address; what the words mean is judged by who reads them."""
    link.asked(key)
    _recall(key, lambda value: isinstance(value, str))
    drawn = st.text_input(label, key=key, bind="query-params", **_kept(settings))
    return str(_remember(key, drawn, settings.get("value", "")) or "")


def named_only(key: str) -> list[str]:
    """Return what the address asks of a widget that is not drawn, because it would have nothing to choose from."""
    return [value for value in link.asked(key) or () if value]


def say_unknown(what: str, value: str, known: Iterable[str]) -> None:
    """Say that a link asks for something that is not here."""
    link.unknown(what, value, known)


def tabs(names: Sequence[str], *, key: str, **settings: Any) -> Any:
    """Draw ``st.tabs``, the open one kept in the address."""
    settings = in_words(settings)
    words = settings.pop("format_func", str)
    _check("Tab", names, key, words, several=False)
    return st.tabs([words(name) for name in names], key=key, bind="query-params", **settings)


def _remember(key: str, value: Any, first: Any) -> Any:
    """Keep what a widget shows, for the next page, beside what it shows unless asked."""
    st.session_state.setdefault(_SHOWN, {})[key] = (list(value) if isinstance(value, tuple) else value), first
    return value


def _recall(key: str, still: Callable[[Any], bool], words: Callable[[Any], str] = str) -> None:
    """Give a widget of a newly opened page what it showed on the page before, and the address with it.

    Streamlit persists what was clicked, and forgets what only the address asked for.
    """
    shown: dict[str, Any] = st.session_state.setdefault(_SHOWN, {})
    if not link.another_page() or key not in shown or key in st.query_params or link.came_back():
        return
    value, first = shown[key]
    if value is None or value == first or not still(value):
        return
    st.session_state[key] = value
    link.write(key, [words(one) for one in value] if isinstance(value, list) else [words(value)])


def _kept(settings: dict[str, Any]) -> dict[str, Any]:
    return {"persist_state": "session"} | settings


def _named(label: str) -> str:
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _check(label: str, options: Sequence[Any], key: str, words: Callable[[Any], str], *, several: bool) -> None:
    """Note what the address asks for that is no option; an option by its identifier or in other capitals is taken."""
    given = [value for value in link.asked(key) or () if value]
    if not given:
        return
    shown = {words(option): option for option in options}
    if all(value in shown for value in given):
        return
    spelled = {str(option).casefold(): option for option in options}
    for code in LANGUAGES:
        # A link made in one language is opened in another.
        spelled |= {written(words, option, code).casefold(): option for option in options}
    spelled |= {w.casefold(): o for w, o in shown.items()}
    found = []
    for value in given:
        if value in shown:
            found.append(shown[value])
        elif value.casefold() in spelled:
            found.append(spelled[value.casefold()])
        else:
            link.unknown(_named(label), value, shown)
    if found:
        st.session_state[key] = list(dict.fromkeys(found)) if several else found[-1]
