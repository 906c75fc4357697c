"""What the address asked for when a page was opened, and what of it the page could not give.

Streamlit drops a value it does not know without a word, so the address is read before any widget sees it. Every widget
that is kept in the address is drawn by ``app.components.linked``, which asks here.
"""

from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_ASKED, _PLACE, _NOTICES = "link-asked", "link-place", "link-notices"
_ANOTHER = "link-another-page"
_MOST_NAMED = 12
OF_WIDGETS = frozenset(
    {
        *("adjust", "bands", "caliper", "case", "cases-by", "colour", "colour-regions", "covariates", "curve", "flaw"),
        *(
            "group",
            "lesions",
            "matched",
            "matrix",
            "measure",
            "method",
            "model",
            "norm_measure",
            "norm_other",
            "outliers",
            "pair",
        ),
        *("partial", "passed", "patient_way", "per_patient", "person", "place", "present", "reference", "rows", "scan"),
        *("between", "cohort", "first", "second"),
        *("map-least", "map-shown", "pattern", "region", "region-column"),
        *("left-scan", "right-scan", "size"),
        *("age-part", "models-part", "overview-part", "patient-part", "regions-part", "subject-part", "visits-part"),
        *("score", "search", "sex", "split", "trend_sex", "variables", "verdict", "visits", "slides", "lang"),
    }
)
"""Parameters that some page keeps by a widget: one that a page does not draw just now is no fault of the link."""


def arrive() -> None:
    """Read the address at the start of a run: anew where it was opened, where another page came or Back was pressed."""
    ctx = get_script_run_ctx()
    if ctx is None:
        return
    # Streamlit's copy on the server misses what widgets wrote into the address since the page was opened, and would
    # send the old values back with the next change.
    with ctx.session_state.query_params() as known:
        known.populate_from_query_string(ctx.query_string)
    st.session_state[_ANOTHER] = st.session_state.get(_PLACE) != ctx.page_script_hash
    if st.session_state[_ANOTHER] or came_back():
        st.session_state[_PLACE] = ctx.page_script_hash
        _read()


def placed() -> None:
    """Note which page the address led to; before, a page opened by its address is known as the first one."""
    ctx = get_script_run_ctx()
    if ctx is not None:
        st.session_state[_PLACE] = ctx.page_script_hash


def _read() -> dict[str, list[str]]:
    asked_for = {key: st.query_params.get_all(key) for key in st.query_params}
    st.session_state[_ASKED] = asked_for
    st.session_state[_NOTICES] = []
    return asked_for


def another_page() -> bool:
    """Tell whether this run is the first of its page."""
    return bool(st.session_state.get(_ANOTHER))


def came_back() -> bool:
    """Tell whether this run shows an address that Back or Forward led to."""
    ctx = get_script_run_ctx()
    return ctx is not None and ctx.is_history_navigation


def asked(key: str) -> list[str] | None:
    """Return the values that the address gave a parameter, once; None where it gave none or they were asked for."""
    values: dict[str, list[str]] | None = st.session_state.get(_ASKED)
    return (_read() if values is None else values).pop(key, None)


def unknown(what: str, value: str, known: Iterable[str]) -> None:
    """Note that a link asks for something that is not here, and what there is."""
    names = list(known)
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    there = ", ".join(names[:_MOST_NAMED]) or "nothing"
    note(f"This link asks for {what} '{value[:60]}', which is not here. There is: {there}{more}.")


def note(sentence: str) -> None:
    """Add a sentence to what the page says about the link it was opened by."""
    said: list[str] = st.session_state.setdefault(_NOTICES, [])
    if sentence not in said:
        said.append(sentence)


def notices() -> Sequence[str]:
    """Return what the page could not give, each in a sentence, until it is dismissed or another page comes."""
    return tuple(st.session_state.get(_NOTICES, ()))


def dismiss() -> None:
    """Forget what the page could not give."""
    st.session_state[_NOTICES] = []


def left_over() -> None:
    """Note the parameters that no page keeps, or none for this dataset; called when the page is drawn."""
    values: dict[str, list[str]] = st.session_state.get(_ASKED) or {}
    for key, given in values.items():
        if key not in OF_WIDGETS and any(given):
            what = key.removeprefix("where-").replace("_", " ")
            note(f"This link asks for {what} '{', '.join(given)[:60]}', which is not here; it is shown without it.")
    values.clear()


def write(key: str, values: Sequence[str]) -> None:
    """Put a parameter that no widget keeps into the address; no values take it out."""
    if st.query_params.get_all(key) == list(values):
        return
    if values:
        st.query_params[key] = list(values)
    else:
        del st.query_params[key]
