"""A lesion map as one HTML file: NiiVue, the average head and the maps in it; it asks nothing of any other place."""

import base64
import html
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' \
blob:; style-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:; worker-src blob:">
<title>{title}</title><style>{css}</style>
<style>body{{margin:0;font:16px/1.45 system-ui,sans-serif;background:#10161d;color:#f2f4f7}}
header,footer{{padding:.7rem 1.2rem}}h1{{font-size:1.15rem;margin:0 0 .3rem}}p{{margin:.2rem 0;color:#cbd3dc}}
nav button{{font:inherit;margin:.5rem .5rem 0 0;padding:.25rem .8rem;border-radius:.4rem;border:1px solid #5b86a3;
background:#1b2733;color:inherit;cursor:pointer}}nav button[aria-pressed=true]{{background:#5b86a3;color:#0b1116}}
#root{{height:{height}px}}</style></head>
<body><header><h1>{title}</h1><p>{sentence}</p>{synthetic}<nav id="maps"></nav></header>
<div id="root"></div>
<footer><p>{caption}</p></footer>
<script>
const maps = {maps};
const head = "{head}";
const names = Object.keys(maps);
const asked = decodeURIComponent(location.hash.slice(1));
const now = names.includes(asked) ? asked : names[0];
for (const name of names) {{
  const button = document.createElement("button");
  button.textContent = name;
  button.setAttribute("aria-pressed", String(name === now));
  button.onclick = () => {{ location.hash = encodeURIComponent(name); location.reload(); }};
  document.getElementById("maps").append(button);
}}
const args = {{nifti_data: head, filename: "ICBM152.nii.gz", paired_data: null, overlays: maps[now], meshes: null,
  height: {height}, view_mode: "multiplanar", styled: false, update_interval_ms: null,
  settings: {{radiological: true, crosshair: true, interpolation: false, colorbar: false}}}};
window.addEventListener("message", event => {{
  if (event.data && event.data.type === "streamlit:componentReady")
    window.postMessage({{type: "streamlit:render", args: args, disabled: false, theme: null}}, "*");
}});
</script>
<script type="module">{script}</script></body></html>
"""


@lru_cache(maxsize=1)
def _viewer() -> tuple[str, str]:
    """Return the style and the script of the viewer that the page Subject shows as well."""
    built = files("niivue_component") / "frontend" / "build" / "assets"
    script = (built / "index.js").read_text(encoding="utf-8")
    # Within HTML a script ends at its closing tag, wherever that stands.
    return (built / "index.css").read_text(encoding="utf-8"), script.replace("</script", "<\\/script")


def map_page(
    head: bytes,
    maps: Mapping[str, list[tuple[bytes, str]]],
    *,
    title: str,
    sentence: str,
    caption: str,
    synthetic_notice: str = "",
    height: int = 620,
) -> bytes:
    """Return the file.

    Parameters
    ----------
    head : the average head, gzipped NIfTI
    maps : what a button calls a map -> its overlays, each gzipped NIfTI and the viewer's colour map
    title, sentence, caption : plain text
    synthetic_notice : shown where nobody was scanned
    """
    css, script = _viewer()
    overlays = {
        name: [
            {"data": base64.b64encode(data).decode(), "name": f"map{i}.nii.gz", "colormap": colours, "opacity": 0.85}
            for i, (data, colours) in enumerate(parts)
        ]
        for name, parts in maps.items()
    }
    notice = f"<p><b>{html.escape(synthetic_notice)}</b></p>" if synthetic_notice else ""
    return _PAGE.format(
        title=html.escape(title),
        sentence=html.escape(sentence),
        caption=html.escape(caption),
        synthetic=notice,
        css=css.replace("</style", "<\\/style"),
        height=height,
        maps=json.dumps(overlays).replace("</", "<\\/"),
        head=base64.b64encode(head).decode(),
        script=script,
    ).encode()
