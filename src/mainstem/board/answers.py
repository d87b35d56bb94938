"""The commands' JSON over HTTP: `/api/show` says what `mainstem show --json` says.

200 is the whole answer, of the last line or of one before, as the headers say. 202: it is being
worked out; `?wait=30` waits for it. 404: there is no such proposal, or no such objective. 409:
there is nothing to answer from, such as no `frontier.toml`. 422: a word of the address is missing
or makes no sense. Whatever is refused, `error` says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request  # noqa: TC002  FastAPI reads the annotation when it runs

from mainstem.board.framed import BODY
from mainstem.board.page import unknown
from mainstem.board.reader import Question
from mainstem.board.serving import answer, made
from mainstem.plots.numbers import brief

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi.exceptions import RequestValidationError

    from mainstem.board.live import Hub
    from mainstem.board.reader import Answer, Reader

_PLAIN = (
    (Question.STATUS, "Where the campaign stands."),
    (Question.SHOW, "Verdicts, effects, interactions and the Pareto front."),
    (Question.TRANSFER, "Whether what small runs say of each proposal has held."),
    (Question.STALE, "What each merged proposal still adds to the trunk."),
    (Question.CREDIT, "Who earned what of the trunk's gain."),
    (Question.SHARES, "Each contributor's share of the compute."),
    (Question.AUDIT, "Whether merit moves decisions."),
    (Question.FRONTIER, "The gap to results elsewhere."),
    (Question.FORECAST, "Values and gains at a larger scale."),
    (Question.LAB, "What another way of working would have cost, as last replayed."),
    (Question.VERIFY, "The state of the ledger's hash chain."),
)

_SAID = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
_JSON = "application/json"
_SHOWN = 60  # characters of what makes no sense
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {_JSON: {"schema": {"type": "object"}}}},
    202: {
        "description": "It is being worked out.",
        "content": {_JSON: {"schema": {"type": "object", "required": ["working"]}}},
    },
    409: {
        "description": "It cannot be worked out; says why.",
        "content": {_JSON: {"schema": _SAID}},
    },
    422: {
        "description": "A word of the address is missing or makes no sense; says which.",
        "content": {_JSON: {"schema": _SAID}},
    },
}
_NONE: dict[int | str, dict[str, Any]] = {
    404: {
        "description": "There is no such proposal or objective.",
        "content": {_JSON: {"schema": _SAID}},
    },
}

Wait = Annotated[float, Query(ge=0.0, le=60.0, description="Seconds to wait for the answer.")]


def add_routes(app: FastAPI, reader: Reader, hub: Hub) -> None:
    """A route for each question.

    Args:
        app: Where to add them.
        reader: Who answers.
        hub: Who tells when an answer has come.
    """

    def add(question: Question, said: str) -> None:
        async def plain(request: Request, wait: Wait = 0.0) -> Response:
            return await _answered(request, lambda: reader.ask(question), hub, wait)

        app.add_api_route(
            f"/api/{question}",
            plain,
            name=question,
            summary=said,
            responses=_RESPONSES,
            response_class=JSONResponse,
        )

    for question, said in _PLAIN:
        add(question, said)

    @app.get("/api/why", summary="The evidence behind one verdict.", responses=_RESPONSES | _NONE)
    async def why(request: Request, id: str, wait: Wait = 0.0) -> Response:  # noqa: A002  its name in the address
        return await _answered(request, lambda: reader.ask(Question.WHY, id=id), hub, wait)

    @app.get(
        "/api/interactions",
        summary="Interactions of some proposals with others, on one objective.",
        responses=_RESPONSES | _NONE,
    )
    async def interactions(
        request: Request, objective: str, rows: str = "", columns: str = "", wait: Wait = 0.0
    ) -> Response:
        known = [one.name for one in reader.stack.objectives]
        if objective not in known:
            return JSONResponse({"error": unknown("objective", objective, known)}, 404)
        words = {"objective": objective, "rows": rows, "columns": columns}
        return await _answered(
            request, lambda: reader.ask(Question.INTERACTIONS, **words), hub, wait
        )


def misread(error: RequestValidationError) -> JSONResponse:
    """What is wrong with an address of data, word by word, in the form of every other refusal."""
    said = [f"{one['loc'][-1]}: {_wrong(one)}" for one in error.errors()]
    return JSONResponse({"error": f"the address is not understood: {'; '.join(said)}"}, 422)


def _wrong(one: Mapping[str, Any]) -> str:
    """What is wrong with one word: pydantic's text in our own manner."""
    if one["type"] == "missing":
        return "it is missing"
    text = str(one["msg"])
    return f"{text[:1].lower()}{text[1:]}, not {brief(str(one['input']), _SHOWN)!r}"


async def _answered(
    request: Request, ask: Callable[[], Answer], hub: Hub, wait_s: float
) -> Response:
    """The answer to a request, after a while if the visitor waits for it."""
    try:
        found = await run_in_threadpool(ask)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                async with contextlib.aclosing(hub.moments()) as moments:
                    while wait_s and found.working and not found.current:
                        await anext(moments)
                        found = await run_in_threadpool(ask)
    except KeyError as error:
        return JSONResponse({"error": str(error.args[0])}, 404)
    if found.body is None and found.error:
        return JSONResponse({"error": found.error}, 409)
    if found.body is None:
        return JSONResponse({"working": found.working}, 202)
    # Pages bring along what they draw; who wants data wants what the command says.
    body = {key: value for key, value in found.body.items() if key != BODY}
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    told = (
        ("mainstem-line", str(found.line)),
        ("mainstem-current", "true" if found.current else "false"),
    )
    return answer(request, made(text, media_type=_JSON, headers=told))
