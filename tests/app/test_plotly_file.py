"""What draws figures is asked for by the document of a page itself; every other answer passes untouched."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from app.plotly_file import ADDRESS, EARLY, AskedForEarly, plotly_route

PROGRAM = '<script type="module" src="./static/js/index.js"></script>'
DOCUMENT = f"<html><head>{PROGRAM}</head><body>{'word ' * 500}</body></html>"
FRAME = "<html><head></head><body>a viewer</body></html>"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "gzip"}


async def document(_request: Request) -> Response:
    """Answer as Streamlit does: with the document, whatever page is asked for."""
    return HTMLResponse(DOCUMENT, headers={"etag": '"one"'})


async def in_parts(_request: Request) -> Response:
    """Answer with the document in two parts, the end of its head cut through."""
    cut = DOCUMENT.index("</head>") + 3
    return StreamingResponse(iter([DOCUMENT[:cut].encode(), DOCUMENT[cut:].encode()]), media_type="text/html")


async def missing(_request: Request) -> Response:
    """Answer that there is nothing, in words."""
    return HTMLResponse(DOCUMENT, status_code=404)


async def frame(_request: Request) -> Response:
    """Answer with a document that a page has in a frame."""
    return HTMLResponse(FRAME)


async def numbers(_request: Request) -> Response:
    """Answer with something that is no document."""
    return JSONResponse({"text": "</head>"})


@pytest.fixture
def client() -> TestClient:
    """Return who asks a server of documents that compresses what it sends."""
    routes = [
        Route("/compare", document),
        Route("/parts", in_parts),
        Route("/missing", missing),
        Route("/frame", frame),
        Route("/numbers", numbers),
        plotly_route(),
    ]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(AskedForEarly), Middleware(GZipMiddleware)]))


@pytest.mark.parametrize("path", ["/compare", "/parts"])
def test_a_document_asks_for_it_in_its_head(path: str, client: TestClient) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.text == DOCUMENT.replace("</head>", EARLY)
    assert f'href="./{ADDRESS}"' in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_no_document_is_kept_that_names_another_plotly(client: TestClient) -> None:
    """Streamlit's document stays the same when Plotly is another; by its mark a browser would keep the old one."""
    assert "etag" not in client.get("/compare", headers=BROWSER).headers
    again = client.get("/compare", headers=BROWSER | {"if-none-match": '"one"', "range": "bytes=0-9"})
    assert again.status_code == 200
    assert again.text.count(EARLY) == 1


def test_what_is_no_document_passes_as_it_is(client: TestClient) -> None:
    assert client.get("/numbers", headers=BROWSER).json() == {"text": "</head>"}
    assert client.get("/missing", headers=BROWSER).text == DOCUMENT
    assert client.get("/frame", headers=BROWSER).text == FRAME
    assert client.get("/compare", headers={"accept": "*/*"}).text == DOCUMENT
    with client.stream("GET", "/compare", headers={"accept": "*/*", "accept-encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())).decode() == DOCUMENT


def test_the_file_is_sent_as_it_lies_there(client: TestClient) -> None:
    """To compress it for every visitor takes a fifth of a second of the server, while the first page is made."""
    answer = client.get(f"/user/7/{ADDRESS}", headers=BROWSER)
    assert answer.headers["content-encoding"] == "identity"
    assert int(answer.headers["content-length"]) == len(answer.content) > 4_000_000
    assert "immutable" in answer.headers["cache-control"]
