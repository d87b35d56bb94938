"""The results that model repositories on the Hugging Face Hub keep: YAML in `.eval_results/`.

A list of entries: `dataset` (`id`, `task_id`, `revision`; in older files `config` in place of
`task_id`), `value`, and where somebody wrote them `date`, `source` (`url`, `name`, `user`),
`evaluation_framework`, `notes`, `verifyToken`. The version of the framework is no part of the form:
so what is read from it is shown and compared with nothing until a person has looked it up.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from mainstem.frontier.results import Result, UnreadableError, finite, text

if TYPE_CHECKING:
    from collections.abc import Mapping

EXTRA = "frontier"
"""What brings the reader of YAML: `pip install mainstem[frontier]`."""


def read(content: str) -> list[Result]:
    """Every value of a file, in its order.

    Args:
        content: The file's text.

    Raises:
        UnreadableError: It is no such file.
        ModuleNotFoundError: PyYAML is not installed; says how to get it.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"reading YAML takes PyYAML, which is not installed: pip install 'mainstem[{EXTRA}]'"
        ) from None
    try:
        body = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split()) or "it is nested too deeply"
        raise UnreadableError(f"it is not valid YAML: {said}") from None
    if not isinstance(body, list) or not all(isinstance(entry, dict) for entry in body):
        raise UnreadableError(
            "it holds no list of entries with `dataset` and `value`, as in `.eval_results/`"
        )
    return [_entry(number, entry) for number, entry in enumerate(body, start=1)]


def _entry(number: int, entry: Mapping[str, Any]) -> Result:
    dataset, source = _part(entry, "dataset"), _part(entry, "source")
    name = text(dataset.get("id"))
    if not name:
        raise UnreadableError(f"its entry {number} has no dataset with an id")
    task = text(dataset.get("task_id") or dataset.get("config"))
    return Result(
        names=(f"{name}/{task}", name) if task else (name,),
        value=finite(entry.get("value")),
        model=text(source.get("user") or source.get("org")),
        harness=text(entry.get("evaluation_framework")),
        date=_date(entry.get("date")),
        source=text(source.get("url")),
        note=_note(entry, dataset, source),
    )


def _part(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = entry.get(key)
    return found if isinstance(found, dict) else {}


def _date(value: Any) -> dt.date | None:
    """A date, or the day of a time; as text or as YAML reads it."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.datetime.fromisoformat(text(value)).date()
    except ValueError:
        return None


def _note(entry: Mapping[str, Any], dataset: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """What else it says; of a token only that there is one."""
    revision, name = text(dataset.get("revision")), text(source.get("name"))
    parts = [text(entry.get("notes"))]
    parts += [f"source: {name}"] if name else []
    parts += [f"dataset revision {revision}"] if revision else []
    parts += ["bears a verifyToken, which was not checked"] if entry.get("verifyToken") else []
    return ", ".join(part for part in parts if part)
