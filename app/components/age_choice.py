"""The range of ages, slid or typed; kept in the address, turned round where it comes reversed, never dropped."""

import math

import polars as pl
import streamlit as st

from app.address import link

_CHOSEN = "age"
"""(from, to) in years as it was asked for, None for everybody: also limits that nobody in the dataset reaches."""
_SLIDER, _FROM, _TO = "age-slider", "age-from", "age-to"
OLDEST = 120

Ages = tuple[float | None, float | None]


def age_range(people: pl.DataFrame) -> tuple[int, int] | None:
    """Return the youngest and oldest age in whole years; None when there is no range to choose from."""
    youngest, oldest = people.select(low=pl.col("age_years").min(), high=pl.col("age_years").max()).row(0)
    if youngest is None:
        return None
    low, high = math.floor(youngest), math.ceil(oldest)
    return (low, high) if low < high else None


def age_choice(people: pl.DataFrame) -> Ages:
    """Draw the slider and the two fields; return the limits, None where there is none.

    The whole range keeps people of unknown age; a limit leaves them out.
    """
    whole = age_range(people)
    _from_address()
    if whole is None:
        link.write(_CHOSEN, ())
        return None, None
    chosen = st.session_state.get(_CHOSEN)
    low, high = chosen or whole
    st.session_state[_SLIDER] = tuple(min(max(round(age), whole[0]), whole[1]) for age in (low, high))
    st.session_state[_FROM], st.session_state[_TO] = round(low), round(high)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.slider("Age (years)", *whole, key=_SLIDER, on_change=_slid, args=(whole,), width=190)
        st.number_input("From", 0, OLDEST, step=1, key=_FROM, on_change=_typed, args=(whole,), width=96)
        st.number_input("to", 0, OLDEST, step=1, key=_TO, on_change=_typed, args=(whole,), width=96)
    link.write(_CHOSEN, [f"{age:g}" for age in chosen] if chosen else ())
    if chosen is None:
        return None, None
    # A limit that is the end of the range leaves nobody of known age out, and is none.
    return (None if low == whole[0] else low), (None if high == whole[1] else high)


def reset_ages() -> None:
    """Show every age."""
    st.session_state[_CHOSEN] = None


def _from_address() -> None:
    given = link.asked(_CHOSEN)
    if given is None:
        # Back may lead to an address without ages, and a page that was left comes back with those it had.
        if link.came_back():
            reset_ages()
        return
    try:
        ages = [float(age) for age in given]
        if len(ages) != 2 or not all(0 <= age <= OLDEST for age in ages):
            raise ValueError
    except ValueError:
        link.unknown("the ages", " to ".join(given), ("two numbers of years, as in age=30&age=45",))
        reset_ages()
        return
    st.session_state[_CHOSEN] = tuple(sorted(ages))


def _slid(whole: tuple[int, int]) -> None:
    chosen = tuple(st.session_state[_SLIDER])
    st.session_state[_CHOSEN] = None if chosen == whole else chosen


def _typed(whole: tuple[int, int]) -> None:
    first, last = st.session_state[_FROM], st.session_state[_TO]
    chosen = tuple(sorted((whole[0] if first is None else first, whole[1] if last is None else last)))
    st.session_state[_CHOSEN] = None if chosen == whole else chosen
