from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mainstem.frontier.harness_json import read
from mainstem.frontier.results import UnreadableError

WRITTEN: dict[str, Any] = {
    "results": {
        "gsm8k": {
            "alias": "gsm8k",
            "exact_match,strict-match": 0.3,
            "exact_match_stderr,strict-match": 0.0126,
            "exact_match,flexible-extract": 0.35,
            "exact_match_stderr,flexible-extract": "N/A",
        },
        "wikitext": {
            "alias": "wikitext",
            "name": "wikitext",
            "sample_len": 62,
            "bits_per_byte,none": 0.81,
            "bits_per_byte_stderr,none": "N/A",
        },
    },
    "group_subtasks": {"gsm8k": []},
    "configs": {"gsm8k": {"task": "gsm8k", "num_fewshot": 5}},
    "versions": {"gsm8k": 3.0, "wikitext": 2.0},
    "n-shot": {"gsm8k": 5, "wikitext": 0},
    "higher_is_better": {
        "gsm8k": {"exact_match": True},
        "wikitext": {"bits_per_byte": False},
    },
    "n-samples": {"gsm8k": {"original": 1319, "effective": 1319}},
    "config": {
        "model": "hf",
        "model_args": "pretrained=EleutherAI/pythia-160m,dtype=float32",
        "model_num_parameters": 162322944,
        "limit": None,
    },
    "git_hash": "1a2b3c4",
    "date": 1735689600.5,
    "lm_eval_version": "0.4.9",
    "model_name": "EleutherAI/pythia-160m",
    "chat_template": None,
}
"""As lm-evaluation-harness 0.4.9 lays its files out (its `EvaluationTracker`)."""


def changed(**keys: Any) -> str:
    """The file with other keys."""
    return json.dumps({**WRITTEN, **keys})


def test_every_metric_of_every_task_is_read() -> None:
    """With all that makes it another evaluation in its version, and a stated error as one."""
    strict, flexible, wikitext = read(json.dumps(WRITTEN))
    assert strict.names == ("gsm8k/exact_match,strict-match", "gsm8k/exact_match")
    assert (strict.value, strict.standard_error) == (0.3, 0.0126)
    assert strict.harness == "lm-evaluation-harness"
    assert strict.version == "0.4.9, task 3.0, 5-shot, filter strict-match"
    assert strict.date == dt.date(2025, 1, 1)
    assert strict.scale == {"params": 162322944}
    assert strict.higher_is_better is True
    assert strict.model == "EleutherAI/pythia-160m"
    assert strict.note == "model EleutherAI/pythia-160m, harness commit 1a2b3c4"
    assert (flexible.value, flexible.standard_error) == (0.35, None)
    assert wikitext.names == ("wikitext/bits_per_byte,none", "wikitext/bits_per_byte")
    assert wikitext.version == "0.4.9, task 2.0, 0-shot"
    assert wikitext.higher_is_better is False


@pytest.mark.parametrize(
    ("keys", "version"),
    [
        ({"chat_template": "{{x}}"}, "0.4.9, task 2.0, 0-shot, chat template"),
        ({"config": {"limit": 100.0}}, "0.4.9, task 2.0, 0-shot, first 100 only"),
        ({"versions": {"wikitext": "N/A"}, "n-shot": {}}, "0.4.9"),
        ({"lm_eval_version": None}, "commit 1a2b3c4, task 2.0, 0-shot"),
        ({"lm_eval_version": None, "git_hash": None}, ""),
    ],
)
def test_what_was_evaluated_otherwise_has_another_version(
    keys: dict[str, Any], version: str
) -> None:
    """And without the harness's own there is none: it will be compared with nothing."""
    assert read(changed(**keys))[2].version == version


def test_files_of_before_0_4_are_read() -> None:
    """Keys had no filter then."""
    old = {"results": {"piqa": {"acc": 0.6, "acc_stderr": 0.01}}, "versions": {"piqa": 0}}
    (found,) = read(json.dumps(old))
    assert (found.names, found.value, found.standard_error) == (("piqa/acc",), 0.6, 0.01)
    assert (found.version, found.date, found.scale, found.note) == ("", None, {}, "")


@pytest.mark.parametrize("value", ["N/A", None, True, float("nan"), float("inf"), [0.1]])
def test_what_is_no_finite_number_is_no_value(value: object) -> None:
    """It is there, so that it can be said that it was not taken."""
    (found,) = read(json.dumps({"results": {"t": {"acc,none": value}}}))
    assert found.value is None


def test_hostile_text_is_text_on_one_line() -> None:
    """Control characters are taken out; the rest is for whoever shows it to escape."""
    (found,) = read(
        json.dumps(
            {
                "results": {"<b>\n\x1b[31mt": {"acc,\u202ex": 1}},
                "model_name": "a\r\nb",
                "date": 1e300,
                "lm_eval_version": {"x": 1},
            }
        )
    )
    assert found.names[0] == "<b> [31mt/acc,x"
    assert (found.model, found.date, found.version) == ("a b", None, "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[1]", 'no "results" by task'),
        ('{"results": 3}', 'no "results" by task'),
        ('{"eval": {}}', 'no "results" by task'),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_such_file_is_said(content: str, said: str) -> None:
    """One line, no traceback."""
    with pytest.raises(UnreadableError, match=said):
        read(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["results", "versions", "n-shot", "config", "date", "higher_is_better"])


@pytest.mark.fuzz
@given(st.dictionaries(KEYS, st.dictionaries(st.just("t"), JSON) | JSON))
def test_any_such_object_is_read_or_refused(body: dict[str, Any]) -> None:
    """Whatever stands where something else should."""
    try:
        found = read(json.dumps(body))
    except UnreadableError:
        return
    assert all(one.names and one.names[0].isprintable() for one in found)
