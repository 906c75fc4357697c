"""The script that draws figures in the browser."""

from app.plotly_file import LOADER

SCRIPT = """
// One module for all figures of a page; it is called again for a figure whenever its data change.
const CONFIG = { displaylogo: false, displayModeBar: false, responsive: false };
// The style of every page asks for it, too, and mostly first.
let asked;
const plotly = () => (asked ??= (__LOADER__).then(quickened));

// Before it draws a trace, Plotly walks through all that a trace of this kind could have, to find what of it is a list:
// a sixth of the time. What could be a list is the same for all traces of a kind, so it is looked up once.
const quickened = (Plotly) => {
  const schema = Plotly.PlotSchema, { crawl, findArrayAttributes } = schema, found = new Map();
  const leadingToLists = (attributes) => {
    const visits = [], lists = [];
    crawl(attributes, (...visit) => {
      visits.push(visit);
      if (visit[0]?.valType === "data_array" || visit[0]?.arrayOk === true) lists.push(`${visit[4]}.`);
    });
    return visits.filter((visit) => lists.some((list) => list.startsWith(`${visit[4]}.`)));
  };
  const remembered = (attributes, visitor) => {
    schema.crawl = crawl;
    if (!found.has(attributes)) found.set(attributes, leadingToLists(attributes));
    for (const visit of found.get(attributes)) visitor(...visit);
    schema.crawl = remembered;
  };
  schema.findArrayAttributes = (trace) => {
    schema.crawl = remembered;
    try {
      return findArrayAttributes(trace);
    } finally {
      schema.crawl = crawl;
    }
  };
  return Plotly;
};

// Pictures side by side would lie on each other on a phone: there such a figure keeps this width and is scrolled.
const LEAST_PIXELS = 560;
const widthIn = (place) => Math.max(place.clientWidth, place.leastPixels ?? 0);

const inSight = (place) => {
  const box = place.getBoundingClientRect();
  return box.width > 0 && box.top < innerHeight && box.bottom > 0;
};

const draw = async (place) => {
  if (place.shown === place.wanted) return;
  const wanted = place.wanted;
  let Plotly;
  try {
    Plotly = await plotly();
  } catch (error) {
    place.textContent = `This figure could not be drawn: ${error.message}. Load the page again.`;
    return;
  }
  const width = place.clientWidth;
  if (place.wanted !== wanted || place.shown === wanted || !place.isConnected || !width) return;
  place.shown = wanted;
  const { data, layout } = JSON.parse(wanted);
  const starts = new Set();
  for (const [name, { domain }] of Object.entries(layout).filter(([, part]) => part)) {
    // Narrower ones are strips, such as that of people without lesions.
    if (/^xaxis\\d*$/.test(name) && domain && domain[1] - domain[0] > 0.15) starts.add(domain[0].toFixed(2));
  }
  // Some say of themselves that they need the room ("wide", such as a wheel on one axis) or how many pixels they need.
  const needed = typeof layout.meta === "number" ? layout.meta : LEAST_PIXELS;
  place.leastPixels = (starts.size > 1 || layout.meta) && !place.config.staticPlot ? needed : 0;
  layout.width = widthIn(place);
  if (layout.width > width) place.tabIndex = 0;
  else place.removeAttribute("tabindex");
  layout.height = place.stretched ? place.clientHeight : layout.height;
  layout.clickmode = "event";
  // A part without any mark in it, such as the strip of those without lesions, would have axes of no length at first.
  const drawn = new Set(data.map((trace) => trace.xaxis ?? "x"));
  for (const [name, axis] of Object.entries(layout)) {
    const id = name.replace("axis", "");
    if (name.startsWith("xaxis") && axis.anchor && !drawn.has(id)) {
      data.push({ x: [null], y: [null], xaxis: id, yaxis: axis.anchor, showlegend: false, hoverinfo: "skip" });
    }
  }
  await Plotly.react(place, data, layout, { ...CONFIG, ...place.config });
  if (!place.listens) {
    place.listens = true;
    place.on("plotly_click", ({ points }) => {
      const known = points?.[0]?.customdata;
      if (Array.isArray(known)) place.pick(known);
    });
  }
  if (place.shown === place.wanted) place.dataset.state = "drawn";
};

// What is out of sight is drawn when it comes into sight, or when the browser has nothing else to do.
const waiting = new Set();
const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
let planned = false;
const drawWaiting = () => {
  planned = false;
  for (const place of waiting) {
    if (!place.isConnected || place.shown === place.wanted) waiting.delete(place);
    else if (place.clientWidth) {
      waiting.delete(place);
      draw(place);
      break;
    }
  }
  if ([...waiting].some((place) => place.clientWidth)) plan();
};
const plan = () => {
  if (!planned) {
    planned = true;
    later(drawWaiting, { timeout: 3000 });
  }
};
const nearing = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
});
const sizing = new ResizeObserver((entries) => {
  for (const { target: place } of entries) {
    clearTimeout(place.resizing);
    place.resizing = setTimeout(() => {
      if (place.shown !== place.wanted) {
        if (place.clientWidth) inSight(place) ? draw(place) : (waiting.add(place), plan());
      } else if (place.clientWidth && place._fullLayout) {
        const width = widthIn(place), height = place.stretched ? place.clientHeight : place._fullLayout.height;
        if (width !== place._fullLayout.width || height !== place._fullLayout.height) {
          window.Plotly.relayout(place, { width, height });
        }
      }
    }, 60);
  }
});

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let place = parentElement.querySelector(":scope > .chart");
  if (!place) {
    place = document.createElement("div");
    place.className = "chart";
    place.setAttribute("role", "figure");
    parentElement.append(place);
    nearing.observe(place);
    sizing.observe(place);
  }
  place.setAttribute("aria-label", data.alt);
  place.pick = (known) => setTriggerValue("picked", known);
  place.config = JSON.parse(data.config);
  place.stretched = data.height === null;
  place.style.height = place.stretched ? "100%" : `${data.height}px`;
  place.wanted = data.figure;
  if (place.shown !== place.wanted) {
    place.dataset.state = "waiting";
    if (inSight(place)) draw(place);
    else {
      waiting.add(place);
      plan();
    }
  }
  return () => {
    nearing.unobserve(place);
    sizing.unobserve(place);
    waiting.delete(place);
    window.Plotly?.purge(place);
  };
}
""".replace("__LOADER__", LOADER.rstrip(";"))
