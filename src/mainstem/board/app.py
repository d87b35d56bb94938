"""The board as a web application: pages, the commands' JSON, events, and a few files."""

from __future__ import annotations

import contextlib
import logging
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request  # noqa: TC002  FastAPI reads annotations when it runs
from starlette.responses import JSONResponse, Response

from mainstem.board import answers
from mainstem.board.following import follow
from mainstem.board.guard import Guard
from mainstem.board.live import Hub, events
from mainstem.board.page import NotHereError, Page, Visit
from mainstem.board.pages import PAGES
from mainstem.board.render import compile_all, render
from mainstem.board.serving import Kitchen, Made, answer, made
from mainstem.domain.errors import MainstemError
from mainstem.plots.sheet import STYLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

    from mainstem.board.reader import Moment, Reader

_LOG = logging.getLogger(__name__)

_SCRIPTS = ("htmx.min.js", "events.js", "board.js")
_FILES = {**dict.fromkeys(_SCRIPTS, "text/javascript"), "board.css": "text/css"}


def create_app(reader: Reader, *, token: str | None = None) -> ASGIApp:
    """The application, ready to be served.

    Args:
        reader: The project to show.
        token: What visitors must know; None on loopback, where nobody else comes.
    """
    return Guard(_application(reader), token=token)


def _application(reader: Reader) -> FastAPI:
    hub, kitchen = Hub(reader), Kitchen()

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(compile_all)
        yield
        await hub.close()

    app = FastAPI(
        title="Mainstem board",
        description="What the commands say with --json, of the project that this board shows.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=life,
    )
    answers.add_routes(app, reader, hub)
    _add_files(app)

    @app.get("/events", include_in_schema=False)
    async def told() -> Response:
        """Server-sent events: the record has moved."""
        return events(hub)

    async def followed(request: Request) -> Response:
        """Server-sent events: what a run has printed since."""
        return await follow(reader, hub, request)

    app.add_route("/runs/{trial}/log", followed, methods=["GET"])
    for page in PAGES:
        app.add_route(page.path, _route(reader, kitchen, page), methods=["GET"])

    def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            return answers.misread(error)
        if request.url.path.startswith("/api/"):
            status, said = _said(error)
            return JSONResponse({"error": said}, status)
        return answer(request, _failure(reader, error))

    for kind in (HTTPException, RequestValidationError, MainstemError, Exception):
        app.add_exception_handler(kind, failed)
    return app


def _route(reader: Reader, kitchen: Kitchen, page: Page) -> Any:
    """The function that answers requests for a page."""

    async def show(request: Request) -> Response:
        visit = Visit(place=dict(request.path_params), query=dict(request.query_params))
        moment = reader.moment()
        return await kitchen.serve(request, moment.mark, partial(_page, reader, page, visit))

    return show


def _page(reader: Reader, page: Page, visit: Visit) -> Made:
    """A page, or why there is none."""
    # Before all else: what is read may be newer than the mark, never older.
    moment = reader.moment()
    try:
        content = page.content(reader, visit)
    except NotHereError as error:
        return _failure(reader, HTTPException(404, str(error)))
    except MainstemError as error:
        return _failure(reader, error)
    around = {**frame(reader, moment, page), "visit": visit}
    if hidden := around.keys() & content.keys():
        raise ValueError(f"the page {page.name} hides {sorted(hidden)} of what is around it")
    return made(render(f"{page.name}.html", {**around, **content}))


def frame(reader: Reader, moment: Moment, page: Page | None) -> dict[str, Any]:
    """What every page shows around its own: the menu and where the campaign stands."""
    campaign = reader.record().latest()
    progress = reader.progress()
    return {
        "page": page,
        "menu": [p for p in PAGES if p.menu],
        "here": "" if page is None else page.beside or page.name,
        "stack": reader.stack.name,
        "moment": moment,
        "campaign": None
        if campaign is None
        else {
            "id": campaign.id,
            "ended": campaign.ended,
            "spent": campaign.spent,
            "budget": campaign.budget,
        },
        "running": list(progress.get("running", [])),
        "at_work": bool(progress),
    }


def _failure(reader: Reader, error: Exception) -> Made:
    """A page that says what went wrong, in the frame if there is one."""
    status, said = _said(error)
    values: dict[str, Any] = {"status": status, "said": said}
    try:
        around = frame(reader, reader.moment(), None)
    except MainstemError as failed:
        values["said"] = str(failed)
        around = {"page": None, "menu": [p for p in PAGES if p.menu], "here": "", "stack": ""}
        around |= {"moment": None, "campaign": None, "running": [], "at_work": False}
    return made(render("failure.html", {**around, **values}), status=status)


def _said(error: Exception) -> tuple[int, str]:
    """The status of an error and what the visitor reads."""
    if isinstance(error, HTTPException):
        plain = error.detail != "Not Found"
        return error.status_code, error.detail if plain else "there is no such page"
    if isinstance(error, MainstemError):
        return 503, str(error)
    _LOG.error("a page failed", exc_info=error)
    return 500, f"{type(error).__name__}: {error}; this is a fault of the board: please report it"


def _add_files(app: FastAPI) -> None:
    """Scripts and styles, from memory."""
    folder = files("mainstem.board") / "static"
    found = {
        name: made((folder / name).read_text(encoding="utf-8"), media_type=kind)
        for name, kind in _FILES.items()
    }
    found["sheet.css"] = made(STYLE, media_type="text/css")

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in found:
            raise HTTPException(404)
        return answer(request, found[name])

    app.add_route("/static/{name}", file, methods=["GET"])
