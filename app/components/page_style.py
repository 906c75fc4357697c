"""The look of every page beyond Streamlit's theme, and the few lines of script that make Back undo a filter."""

from app.plotly_file import LOADER

STYLE = """
<style>
[data-testid="stHeader"] {height: 2.2rem; background: transparent; pointer-events: none;}
[data-testid="stHeader"] button, [data-testid="stHeader"] a {pointer-events: auto;}
.block-container {padding: 1rem 2rem 2.5rem 2rem; max-width: 1680px;}
.block-container > div, .st-key-filter-bar, [class*="st-key-controls"] {row-gap: .5rem;}
[data-testid="stSidebar"] {min-width: 208px; max-width: 208px;}
[data-testid="stSidebar"][aria-expanded="false"] {min-width: 0; max-width: 0;}
[data-testid="stSidebarHeader"] {padding: .4rem .6rem 0; height: 2rem; margin-bottom: 0;}
[data-testid="stSidebarNav"] {padding: .6rem .3rem 0;}
[data-testid="stSidebarContent"] {position: relative; padding-left: .2rem; padding-right: .2rem;}
[data-testid="stSidebarUserContent"] {padding: .3rem .9rem .6rem;}
.st-key-product {position: absolute; top: .55rem; left: .9rem; width: auto;}
[data-testid="stSidebarNavLink"] {
  padding: .1rem .5rem; margin: 0; min-height: 1.75rem; font-size: .95rem;
}
[data-testid="stSidebarNavLink"] span {overflow: visible; text-overflow: clip; white-space: nowrap;}
[data-testid="stNavSectionHeader"] {padding-top: .55rem; padding-bottom: .1rem;}
[data-testid="stSidebarNavItems"] li {margin: 0; line-height: 1.3;}
.product {
  font-weight: 700; font-size: .95rem; white-space: nowrap; line-height: 1.6rem; padding-left: 1.9rem;
  background: no-repeat left center / 1.5rem url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'\
 viewBox='0 0 24 24'%3E%3Ccircle cx='12' cy='12' r='10.6' fill='%23F2F4F7' stroke='%235B6B7A' stroke-width='1.6'/%3E\
%3Cpath d='M9.6 7.2c-2.4 2-2.4 7.4 0 9.6M14.4 7.2c2.4 2 2.4 7.4 0 9.6' fill='none' stroke='%230072B2'\
 stroke-width='2.6' stroke-linecap='round'/%3E%3Ccircle cx='6.2' cy='8.4' r='1.6' fill='%23D55E00'/%3E%3Ccircle\
 cx='18' cy='15' r='1.6' fill='%23E69F00'/%3E%3C/svg%3E");
}
h1 {font-size: 1.05rem !important; font-weight: 650 !important; margin: 0 !important; padding: 0 !important;}
h2, h3, h4 {font-size: 1.05rem !important; font-weight: 650 !important; padding: .5rem 0 .1rem !important;}
.st-key-page-head {min-height: 1.9rem; padding-right: 2.2rem; flex-wrap: nowrap;}
.synthetic-banner {
  padding: .2rem .8rem; border-radius: .4rem; font-weight: 600; color: #1D2733; font-size: .92rem;
  background: repeating-linear-gradient(-45deg, #FFE9A8, #FFE9A8 14px, #FFD970 14px, #FFD970 28px);
}
.st-key-filter-bar button {min-height: 2.1rem; padding: .1rem .7rem;}
[class*="st-key-chip-"] button {border-radius: 1.2rem; background: #47708C; border-color: #47708C; color: #FFFFFF;}
[class*="st-key-chip-"] button:hover {background: #365A73; color: #FFFFFF;}
@media (max-width: 1100px) {.numbers :is(td, th) {padding-inline: .3rem;}}
.st-key-filter-panel {width: min(34rem, calc(100vw - 5rem));}
.who {font-size: .95rem; line-height: 1.3;}
.st-key-filter-bar {row-gap: .35rem;}
.st-key-filter-bar [data-testid="stSelectbox"] > div {min-height: 2.1rem;}
.st-key-correlation-panel {width: min(44rem, calc(100vw - 5rem));}
.answer {font-size: 1.3rem; line-height: 1.4; margin: 0; max-width: 66rem; text-wrap: pretty;}
.figure-title {margin: 0 !important; padding: 0 !important;}
[class*="st-key-figure-head-"] {row-gap: 0; min-height: 2rem;}
[class*="st-key-figure-head-"] button {
  min-height: 1.7rem; width: 2.1rem; padding: 0; border-color: transparent; background: transparent; font-size: 0;
}
[class*="st-key-figure-head-"] button :is(div, span, p) {font-size: 0 !important; gap: 0; margin: 0;}
[class*="st-key-figure-head-"] button svg, [class*="st-key-figure-head-"] button [aria-hidden="true"] {
  display: none;
}
/* The words of a tool are for those who cannot see it; they take no room beside its sign. */
[class*="st-key-figure-head-"] button {position: relative;}
[class*="st-key-figure-head-"] button > div {position: absolute;}
[class*="st-key-figure-head-"] button::before {font-size: 1rem; line-height: 1.4; opacity: .85;}
a.language {color: inherit; white-space: nowrap;}
[class*="st-key-tool-slide-"] button::before {content: "\\229E"; font-size: 1.1rem;}
[class*="st-key-tool-unslide-"] button::before {content: "\\2611"; font-size: 1.1rem;}
.st-key-first-steps [data-testid="stPageLink"] a {
  border: 1px solid #8090A0; border-radius: .4rem; padding: .4rem .75rem;}
.st-key-slides button {min-height: 1.7rem; padding: 0 .6rem;}
.st-key-slides-list {width: min(34rem, calc(100vw - 5rem));}
[class*="st-key-slides-row-"] {flex-wrap: nowrap;}
[class*="st-key-slides-row-"] button {min-height: 1.7rem; padding: 0 .5rem;}
[class*="st-key-tool-download-"] button::before {content: "\\2913"; font-size: 1.15rem;}
[class*="st-key-tool-cite-"] button::before {content: "\\275D";}
[class*="st-key-tool-command-"] button::before {content: ">_"; font-family: monospace; font-weight: 700;}
[class*="st-key-figure-head-"] button:hover {border-color: #8A96A3;}
.research-only {opacity: .85; font-size: .85rem; border-top: 1px solid #8886; padding-top: .6rem;}
.st-key-link-notices, .st-key-content-notice {border-color: #D55E00; border-left-width: .35rem;}
.window-drag {
  border: 1px solid #8886; border-radius: .4rem; background: transparent; color: inherit; font: inherit;
  font-size: .875rem; padding: .3rem .6rem; min-height: 2.1rem; white-space: nowrap; cursor: help;
}
.st-key-slice-picture {touch-action: pan-y; user-select: none;}
.chart {overflow: auto hidden;}
.load-bar {height: .3rem; border-radius: .15rem; background: #8883;}
.load-bar div {height: 100%; border-radius: .15rem; background: #D55E00;}
.term {
  text-decoration: underline dotted; text-underline-offset: .2em; cursor: help; position: relative; white-space: nowrap;
}
.term:hover::after, .term:focus::after {
  content: attr(data-means); position: absolute; inset-inline-start: 0; top: 1.6em; z-index: 1000;
  width: max-content; max-width: 22rem;
  padding: .4rem .6rem; border-radius: .3rem; background: #1D2733; color: #F2F4F7; font-size: .9rem; font-weight: 400;
  line-height: 1.35; white-space: normal; text-align: start;
}
.further {margin: 0; line-height: 1.6; max-width: 66rem;}
.terms {font-size: .85rem; margin: .3rem 0 0; text-align: start !important;}
.numbers {overflow-x: auto;}
.numbers table {border-collapse: collapse; min-width: 100%; font-size: .875rem; line-height: 1.5;}
.numbers :is(td, th) {
  padding: .4rem .5rem; border-bottom: 1px solid #8886; vertical-align: middle;
  text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums;
}
.numbers th {font-weight: 400; opacity: .8; vertical-align: bottom;}
.numbers.wrapping :is(td, th) {white-space: normal;}
.numbers :is(td, th).text {text-align: start; white-space: normal; max-width: max(400px, 40vw);}
.numbers td.sentences {min-width: 9rem;}
/* Streamlit's faded and chosen texts, brought to contrast AA in light and dark. */
[data-testid="stCaptionContainer"] {opacity: .8;}
button kbd {opacity: .8 !important;}
[data-testid="stButtonGroup"] button[data-selected="true"] {
  background: #47708C !important; border-color: #47708C !important; color: #FFFFFF !important;
}
[data-testid="stTab"][aria-selected="true"], [data-testid="stSliderThumbValue"] {
  color: inherit !important; font-weight: 600;
}
/* What fades or turns is painted sixty times a second, which without a graphics card takes a sixth of every click.
   Parts are named, for a rule for all of them makes the browser ask every mark of every figure, some thousands. */
.stMain :is(div, section, span, a, button, label, input, summary, svg), .stAppHeader :is(div, span, button, svg, img) {
  transition: none !important; animation: none !important;
}
[data-stale="true"] {opacity: 1 !important;}
/* Streamlit puts another arrow on a button whose panel opens; where that takes longer than 50 ms it no longer finds the
   arrow that was clicked within the button, takes the click for one beside the panel, and closes it again. */
[data-testid="stPopover"] button * {pointer-events: none;}
*:focus-visible {outline: 3px solid #0072B2 !important; outline-offset: 1px;}
@media (max-width: 640px) {
  .block-container {padding: .6rem .8rem 2rem;}
  .answer {font-size: 1.1rem;}
  .numbers td.text {min-width: 6rem;}
  .numbers td.sentences {min-width: 15rem;}
  .st-key-page-head {padding-left: 2.4rem; flex-wrap: wrap;}
  /* The banner stands on a line of its own below the name of the page, not in a column of one word each. */
  .st-key-page-head > :has(.synthetic-banner) {order: 9; flex: 1 0 100%; margin-left: -2.4rem; width: 100%;}
  [data-testid="stMarkdownContainer"] table {display: block; overflow-x: auto;}
}
</style>
"""

PRESENT_STYLE = """
<div class="presenting"></div>
<style>
[data-testid="stHeader"], [data-testid="stSidebar"], .st-key-filter-bar, .st-key-measure, .st-key-slides,
a.language,
[class*="st-key-page-extras"], [class*="st-key-controls"], [class*="st-key-figure-head-"] button,
.st-key-page-head [data-testid="stTooltipHoverTarget"] {
  display: none !important;
}
.block-container {padding-top: .4rem; max-width: 100%;}
.answer {font-size: clamp(1.2rem, 1.9vw, 2.2rem); max-width: 100%; margin-bottom: .2rem;}
[class*="st-key-figure-"]:has(.chart), [class*="st-key-figure-"] .chart {
  height: 66vh;
  min-height: 66vh;
}
</style>
"""

SCRIPT = """
<script>
// Streamlit replaces the address when a widget changes, so Back would leave the page instead of undoing the change.
// A change that a reader made becomes an entry of its own; what the server adds by itself replaces the entry.
(() => {
  if (window.mscohortBack) return;
  // What draws figures is fetched and read while the server still makes the page, not when the first figure comes.
  __LOADER__
  window.mscohortPlotly.catch(() => {});
  window.mscohortBack = true;
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  const SETTLED_MS = 1200;
  let acted = false, pushed = 0;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { acted = true; }, true);
  addEventListener("popstate", () => { acted = false; }, true);
  const filters = (address) => {
    const query = new URL(address, location.href).searchParams;
    for (const name of ["data", "slides"]) query.delete(name);
    query.sort();
    return query.toString();
  };
  const elsewhere = (address) => new URL(address, location.href).pathname !== location.pathname;
  const enter = (state, title, address) => {
    if (address === undefined || address === null) return replace(state, title, address);
    const another = filters(address) !== filters(location.href);
    const now = performance.now();
    if (acted && another && now - pushed > SETTLED_MS) {
      pushed = now;
      return push(state, title, address);
    }
    return replace(state, title, address);
  };
  history.replaceState = enter;
  history.pushState = (state, title, address) =>
    address && elsewhere(address) ? push(state, title, address) : enter(state, title, address);
  // While a page is presented, the arrow keys turn to the next page and back.
  addEventListener("keydown", (event) => {
    const step = {ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1}[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const writing = event.target.closest("input:not([type=checkbox]), textarea, canvas");
    if (writing || !document.querySelector(".presenting")) return;
    const pages = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
    const here = pages.findIndex((page) => new URL(page.href).pathname === location.pathname);
    const next = pages[here + step];
    if (here < 0 || !next) return;
    event.preventDefault();
    next.click();
  }, true);
  // The other language: the same page, with all that its address says now.
  addEventListener("click", (event) => {
    const other = event.target.closest?.("a.language");
    if (!other) return;
    event.preventDefault();
    const query = new URLSearchParams(location.search);
    query.set("lang", other.lang);
    location.search = query.toString();
  }, true);
  // Streamlit groups the pages in a list whose children are no list items, and lets no key into a part that scrolls.
  const tidy = () => {
    const turned = document.querySelector(".rtl");
    document.documentElement.lang = turned ? "fa" : "en";
    for (const list of document.querySelectorAll("[data-testid=stSidebarNavItems]")) {
      list.setAttribute("role", "group");
      for (const item of list.querySelectorAll("li")) item.setAttribute("role", "presentation");
    }
    for (const zone of document.querySelectorAll("[data-testid=stFileUploaderDropzone]")) {
      zone.setAttribute("role", "group");
    }
    const scrolling = "[data-testid=stVerticalBlock][overflow=auto], .numbers, "
      + "[data-testid=stCode] pre"
      + ", [data-testid=stMarkdownContainer] table";
    for (const part of document.querySelectorAll(scrolling)) {
      if (part.scrollHeight > part.clientHeight || part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    }
  };
  // Asking for sizes makes the browser lay the page out, so this waits until the page stands still.
  let due;
  const soon = () => {
    clearTimeout(due);
    document.body.dataset.tidy = "due";
    due = setTimeout(() => { tidy(); document.body.dataset.tidy = "done"; }, 250);
  };
  soon();
  new MutationObserver(soon).observe(document.body, { subtree: true, childList: true });
  // A panel opened by key takes the focus; it lies at the end of the document, far from its button.
  let keys = 0;
  addEventListener("keydown", (event) => {
    const mine = ++keys;
    const button = event.target.closest?.("[data-testid=stPopover] button");
    if (!button || (event.key !== "Enter" && event.key !== " ")) return;
    // It is drawn part by part, and Streamlit gives the focus to one of them; the next key ends this.
    const enter = (times) => {
      if (keys !== mine || !times) return;
      document.querySelector("[data-testid=stPopoverBody]")?.querySelector("button, input, textarea")?.focus();
      setTimeout(() => enter(times - 1), 150);
    };
    setTimeout(() => enter(24), 150);
  }, true);
})();
</script>
""".replace("__LOADER__", LOADER)
