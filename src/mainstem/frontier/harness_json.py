"""The results that lm-evaluation-harness writes (`--output_path`): JSON, one file per run.

`results` holds a table per task, with `METRIC,FILTER` and `METRIC_stderr,FILTER` as keys (before
version 0.4: `METRIC` and `METRIC_stderr`). Beside it stand `versions`, `n-shot` and
`higher_is_better` by task, `config` (model, limit), `lm_eval_version`, `git_hash` and `date` (in
seconds). All that makes an evaluation another one goes into the version that is compared.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from mainstem.frontier.results import Result, UnreadableError, finite, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HARNESS = "lm-evaluation-harness"

_NO_METRICS = ("alias", "name", "sample_len", "samples")
_STDERR = "_stderr"


def read(content: str) -> list[Result]:
    """Every value of a file, in its order.

    Args:
        content: The file's text.

    Raises:
        UnreadableError: It is no such file.
    """
    try:
        body = json.loads(content)
    except RecursionError:
        raise UnreadableError("it is nested too deeply") from None
    except ValueError as error:
        raise UnreadableError(f"it is not valid JSON: {error}") from None
    tasks = body.get("results") if isinstance(body, dict) else None
    if not isinstance(tasks, dict):
        raise UnreadableError(
            'it holds no "results" by task, as lm-evaluation-harness writes them with --output_path'
        )
    return [
        result
        for task, metrics in tasks.items()
        if isinstance(metrics, dict)
        for result in _task(body, task, metrics)
    ]


def _task(body: Mapping[str, Any], task: str, metrics: Mapping[str, Any]) -> Iterator[Result]:
    """The values of one task."""
    for key, value in metrics.items():
        metric, _, chosen = key.partition(",")
        if key in _NO_METRICS or metric.endswith(_STDERR):
            continue
        error = f"{metric}{_STDERR},{chosen}" if chosen else f"{metric}{_STDERR}"
        name = f"{text(task)}/{text(metric)}"
        yield Result(
            names=(f"{name},{text(chosen)}", name) if chosen else (name,),
            value=finite(value),
            model=_model(body),
            harness=HARNESS,
            version=_version(body, task, chosen),
            date=_date(body.get("date")),
            standard_error=_not_negative(finite(metrics.get(error))),
            scale=_scale(body),
            higher_is_better=_direction(body, task, metric),
            note=_note(body),
        )


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A table of the file; empty if it is none."""
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def _version(body: Mapping[str, Any], task: str, chosen: str) -> str:
    """Harness, task, shots, filter and what was left out; empty if the harness's own is missing."""
    own = text(body.get("lm_eval_version"))
    commit = text(body.get("git_hash"))
    if not own and not commit:
        return ""
    parts = [own or f"commit {commit}"]
    of_task, shots = text(_part(body, "versions").get(task)), _part(body, "n-shot").get(task)
    parts += [f"task {of_task}"] if of_task and of_task != "N/A" else []
    parts += [f"{shots}-shot"] if isinstance(shots, int) and not isinstance(shots, bool) else []
    parts += [f"filter {text(chosen)}"] if chosen and chosen != "none" else []
    parts += ["chat template"] if body.get("chat_template") else []
    limit = finite(_part(body, "config").get("limit"))
    parts += [f"first {limit:g} only"] if limit is not None else []
    return ", ".join(parts)


def _model(body: Mapping[str, Any]) -> str:
    """The model's name, as well as the file says it."""
    named = text(body.get("model_name"))
    arguments = _part(body, "config").get("model_args")
    if isinstance(arguments, dict):
        arguments = arguments.get("pretrained", "")
    return named or text(arguments).partition("pretrained=")[2].partition(",")[0]


def _scale(body: Mapping[str, Any]) -> dict[str, int]:
    """The number of parameters, where the file says it."""
    found = _part(body, "config").get("model_num_parameters")
    if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**63:
        return {"params": found}
    return {}


def _date(seconds: Any) -> dt.date | None:
    """The day of a time in seconds since 1970."""
    found = finite(seconds)
    try:
        return None if found is None else dt.datetime.fromtimestamp(found, dt.UTC).date()
    except (OverflowError, OSError, ValueError):
        return None


def _direction(body: Mapping[str, Any], task: str, metric: str) -> bool | None:
    found = _part(_part(body, "higher_is_better"), task).get(metric)
    return found if isinstance(found, bool) else None


def _not_negative(value: float | None) -> float | None:
    return value if value is not None and value >= 0.0 else None


def _note(body: Mapping[str, Any]) -> str:
    """Of what, and by which commit of the harness."""
    commit = text(body.get("git_hash"))
    parts = [f"model {_model(body)}"] if _model(body) else []
    parts += [f"harness commit {commit}"] if commit else []
    return ", ".join(parts)
