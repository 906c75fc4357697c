"""The program that draws figures in the browser, as the installed Plotly brings it along; kept by browsers for good.

To read it takes a browser about a second, so the document of a page asks for it at once: it comes while the server
still imports what the first page needs, and is read while the server makes the page.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

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

EARLY = """<link rel="preload" as="script" fetchpriority="low" href="./__PLOTLY__"><script>
new MutationObserver((_, own) => {
  if (!document.querySelector("[data-testid=stApp][data-test-script-state=running]")) return;
  own.disconnect();
  setTimeout(() => {
    __LOADER__
    window.mscohortPlotly.catch(() => {});
  });
}).observe(document.documentElement, {
  childList: true, subtree: true, attributeFilter: ["data-test-script-state"],
});
</script></head>""".replace("__LOADER__", LOADER).replace("__PLOTLY__", ADDRESS)
"""Added to the head of a document: fetch the file now, read it as soon as the server has begun to make the page."""

STREAMLITS = b"./static/js/"
"""What only the document of a page asks for."""
_ASKED = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
_ANSWERED = (b"content-length", b"etag", b"last-modified", b"accept-ranges")

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Any, Send], Awaitable[None]]


class AskedForEarly:
    """ASGI middleware: adds ``EARLY`` to the document of a page; every other answer passes as it is."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        """Answer a request."""
        headers = dict(scope.get("headers", ()))
        if scope["type"] != "http" or scope["method"] != "GET" or b"text/html" not in headers.get(b"accept", b""):
            await self._app(scope, receive, send)
            return
        # Compressed, or not sent because the browser has it, there would be no head to find; what was kept may name a
        # Plotly that is no more.
        plain = [(name, value) for name, value in scope["headers"] if name not in _ASKED]
        started: list[Message] = []
        body = bytearray()

        async def gathered(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                if not _is_document(message):
                    await send(message)
                return
            if not started or not _is_document(started[0]) or message["type"] != "http.response.body":
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            # Frames of our pages, such as the viewer of scans, are documents, too.
            whole = bytes(body).replace(b"</head>", EARLY.encode(), 1) if STREAMLITS in body else bytes(body)
            kept = [(name, value) for name, value in started[0]["headers"] if name.lower() not in _ANSWERED]
            await send({**started[0], "headers": [*kept, (b"content-length", str(len(whole)).encode())]})
            await send({"type": "http.response.body", "body": whole})

        await self._app({**scope, "headers": plain}, receive, gathered)


def _is_document(start: Message) -> bool:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] == 200 and any(kind.startswith(b"text/html") for kind in kinds)


def plotly_route() -> "Route":
    """Return what answers for the file, whatever path the dashboard lies under."""
    from starlette.responses import FileResponse
    from starlette.routing import Route

    def send(_request: "Request") -> "Response":
        # To compress it anew for every visitor takes the server a fifth of a second of what the first page has; as with
        # Streamlit's own files, each browser fetches it once.
        kept = {"cache-control": "private, max-age=31536000, immutable", "content-encoding": "identity"}
        return FileResponse(str(files("plotly") / "package_data" / "plotly.min.js"), headers=kept)

    return Route(f"/{{below:path}}{ADDRESS}", send)
