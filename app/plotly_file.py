"""The program that draws figures in the browser, as the installed Plotly brings it along; kept by browsers for good."""

from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

ADDRESS = f"figures/plotly-{version('plotly')}.min.js"
"""Below the path of the dashboard; the version is part of it, so that no browser keeps an older one."""

LOADER = """window.mscohortPlotly ??= new Promise((done, failed) => {
  const script = document.createElement("script");
  // Streamlit's own files say under which path the dashboard lies.
  const own = document.querySelector('script[src*="static/js/"]').src;
  script.src = own.replace(/static\\/js\\/.*$/, "__PLOTLY__");
  script.onload = () => done(window.Plotly);
  script.onerror = () => failed(new Error("the program that draws figures did not come"));
  document.head.append(script);
});""".replace("__PLOTLY__", ADDRESS)
"""What makes a browser fetch the file once a visit, whoever asks first: a promise of Plotly."""


def plotly_route() -> "Route":
    """Return what answers for the file, whatever path the dashboard lies under."""
    from starlette.responses import FileResponse
    from starlette.routing import Route

    def send(_request: "Request") -> "Response":
        kept = {"cache-control": "private, max-age=31536000, immutable"}
        return FileResponse(str(files("plotly") / "package_data" / "plotly.min.js"), headers=kept)

    return Route(f"/{{below:path}}{ADDRESS}", send)
