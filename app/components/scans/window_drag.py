"""Window and level of a picture by hand: dragged on the picture, or by arrow keys; shown at once, then drawn anew.

As viewers of scans have it: to the right a wider window (softer), upwards a lower level (brighter). While something is
dragged the browser bends the grey levels of what it has, colours included; let go, the server draws them rightly.
"""

from collections.abc import Callable

import streamlit as st

from app.components.language import language, words
from app.words.numbers import DIGITS

WIDEST = (0.0, 255.0)
"""Grey levels shown as black and as white where nothing is chosen."""
CHOSEN = "levels"

SCRIPT = """
const WIDEST = 255, NARROWEST = 5, KEY_STEP = 5;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// Window (width) and level (middle) to the grey levels of black and of white, whole and within what a picture has.
const ends = ({ width, level }) => {
  const low = clamp(Math.round(level - width / 2), 0, WIDEST - NARROWEST);
  return [low, clamp(low + Math.round(width), low + NARROWEST, WIDEST)];
};

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const part = (parentElement.windowing ??= {});
  part.levels = data.levels;
  part.send = (levels) => setTriggerValue("levels", levels);
  const pictures = () => document.querySelectorAll(`.st-key-${data.picture}`);
  const bent = (filter) => pictures().forEach((picture) => (picture.style.filter = filter));
  bent("");
  const number = (value) => String(value).replace(/[0-9]/g, (digit) => data.digits[digit]);
  const name = ([low, high]) =>
    `${data.window} ${number(high - low)}${data.comma} ${data.level} ${number(Math.round((low + high) / 2))}`;
  if (!part.button) {
    parentElement.insertAdjacentHTML("beforeend", `
      <svg width="0" height="0" style="position: absolute" aria-hidden="true"><filter id="bent-levels"
        color-interpolation-filters="sRGB"><feComponentTransfer><feFuncR type="linear"/><feFuncG type="linear"/>
        <feFuncB type="linear"/></feComponentTransfer></filter></svg>
      <button type="button" class="window-drag"></button>`);
    part.button = parentElement.querySelector(".window-drag");
    part.functions = [...parentElement.querySelectorAll("feComponentTransfer > *")];

    const show = (levels) => {
      const [low, high] = part.levels, slope = (high - low) / (levels[1] - levels[0]);
      const intercept = (low - levels[0]) / (levels[1] - levels[0]);
      for (const one of part.functions) {
        one.setAttribute("slope", slope);
        one.setAttribute("intercept", intercept);
      }
      part.bent("url(#bent-levels)");
      part.button.textContent = part.name(levels);
      part.wanted = levels;
    };
    const done = () => {
      if (part.wanted && String(part.wanted) !== String(part.levels)) part.send(part.wanted);
      part.wanted = undefined;
    };
    const moved = ([low, high], wider, higher) => ends({
      width: clamp(high - low + wider, NARROWEST, WIDEST), level: clamp((low + high) / 2 + higher, 0, WIDEST),
    });

    let from;
    const press = (event) => {
      const picture = event.target.closest?.(`.st-key-${part.picture}`);
      if (!picture || !(event.button === 2 || (event.button === 0 && event.shiftKey))) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type !== "pointerdown") return;
      const { width } = picture.getBoundingClientRect();
      from = { x: event.clientX, y: event.clientY, levels: part.levels, perPixel: WIDEST / Math.max(width, 1) };
    };
    const drag = (event) => {
      if (!from) return;
      event.preventDefault();
      event.stopPropagation();
      show(moved(from.levels, (event.clientX - from.x) * from.perPixel, (event.clientY - from.y) * from.perPixel));
    };
    const letGo = (event) => {
      if (!from) return;
      event.stopPropagation();
      from = undefined;
      done();
    };
    const menu = (event) => {
      if (event.target.closest?.(`.st-key-${part.picture}`)) event.preventDefault();
    };
    const heard = [
      ["pointerdown", press], ["mousedown", press], ["pointermove", drag], ["mousemove", drag], ["pointerup", letGo],
      ["contextmenu", menu],
    ];
    for (const [what, does] of heard) document.addEventListener(what, does, true);
    part.leave = () => heard.forEach(([what, does]) => document.removeEventListener(what, does, true));

    const KEYS = {
      ArrowRight: [KEY_STEP, 0], ArrowLeft: [-KEY_STEP, 0], ArrowUp: [0, -KEY_STEP], ArrowDown: [0, KEY_STEP],
    };
    part.button.addEventListener("keydown", (event) => {
      const by = KEYS[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      show(moved(part.wanted ?? part.levels, ...by));
      clearTimeout(part.resting);
      part.resting = setTimeout(done, 500);
    });
    part.button.addEventListener("blur", () => {
      clearTimeout(part.resting);
      done();
    });
  }
  Object.assign(part, { bent, name, picture: data.picture });
  part.button.textContent = name(data.levels);
  part.button.title = data.help;
  return () => part.leave?.();
}
"""

_mount = st.components.v2.component("mscohort_window_drag", js=SCRIPT, isolate_styles=False)
HELP = (
    "On the picture: drag with the right button, or with Shift held; to the right softer, upwards brighter. Here: the "
    "arrow keys."
)


def window_drag(picture: str, window: tuple[float, float] | None, *, key: str, on_change: Callable[[], None]) -> None:
    """Let the grey levels of a picture be dragged; the part itself shows them and takes the arrow keys.

    Parameters
    ----------
    picture : key of the container that holds it
    window : grey levels shown as black and as white now; None: as stored
    key : unique on the page
    on_change : called before the page is drawn anew; ``dragged(key)`` has the levels
    """
    data = {
        "picture": picture,
        "levels": list(window or WIDEST),
        "window": words("Window"),
        "level": words("level"),
        "help": words(HELP),
        "digits": DIGITS if language() == "fa" else "0123456789",
        "comma": "،" if language() == "fa" else ",",
    }
    _mount(key=key, data=data, on_levels_change=on_change)


def dragged(key: str) -> tuple[float, float] | None:
    """Return the levels dragged just now, black below white; None where there are none, or no such ones."""
    told = (st.session_state.get(key) or {}).get(CHOSEN)
    if not isinstance(told, list | tuple) or len(told) != 2 or not all(isinstance(one, int | float) for one in told):
        return None
    low, high = (min(max(float(one), WIDEST[0]), WIDEST[1]) for one in told)
    return (low, high) if low < high else None
