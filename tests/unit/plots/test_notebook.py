"""Pictures of what an `Integrator` knows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainstem import Integrator, Objective, plots
from mainstem.plots import notebook
from tests.unit.plots.reading import sane, texts, tips
from tests.unit.test_integrator import NAMES, World, drive, fresh

PAGE = Path(__file__).parents[3] / "docs" / "parts" / "plots.md"


@pytest.fixture(scope="module")
def integrator() -> Integrator:
    """A campaign of a few batches over four proposals."""
    found = fresh()
    drive(found, World(), most=6)
    return found


def test_the_example_of_the_page_runs() -> None:
    """What docs/parts/plots.md shows is true: its assertions hold."""
    (code,) = re.findall(
        r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert "assert" in code
    exec(compile(code, "docs/parts/plots.md", "exec"), {})  # noqa: S102  # our own page


@pytest.mark.parametrize("name", ["effects", "interactions", "front", "credit"])
@pytest.mark.parametrize("given", ["x", None, Integrator, {"a": 1}])
def test_what_is_no_integrator_is_told(name: str, given: object) -> None:
    """By what it is, whichever picture was asked for."""
    with pytest.raises(TypeError, match=r"what a mainstem\.Integrator knows.*of the type"):
        getattr(plots, name)(given)


def test_arguments_of_the_wrong_kind_are_told(integrator: Integrator) -> None:
    """A text is no list of names, though it has letters; nor is it a mapping."""
    with pytest.raises(TypeError, match=r"members are names of proposals.* not 'ab', of the type"):
        plots.credit(integrator, members="ab")
    with pytest.raises(TypeError, match=r"members are names of proposals.* not 3, of the type int"):
        plots.credit(integrator, members=3)  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(TypeError, match=r"components is a mapping.* not 'ab', of the type str"):
        plots.interactions(integrator, components="ab")  # type: ignore[arg-type]  # as above
    with pytest.raises(ValueError, match="no objective is called 'x'; there are loss"):
        plots.front(integrator, x="x")


def test_effects_are_the_integrator_s(integrator: Integrator) -> None:
    """A row each, the largest on top, with the verdict; drawn are the same numbers."""
    picture = plots.effects(integrator)
    sane(picture.svg)
    said = {e.proposals: e for e in integrator.effects(pairs=False) if e.objective == "loss"}
    assert [row[0] for row in picture.rows] == sorted(NAMES, key=lambda n: -said[frozenset(n)].mean)
    for name, verdict, objective, mean, low, high, unit in picture.rows:
        effect = said[frozenset({str(name)})]
        assert (mean, low, high) == (effect.mean, effect.low, effect.high)
        assert (objective, unit) == ("loss", "")
        assert verdict == integrator.verdicts()[str(name)].kind
    assert set(NAMES) <= set(texts(picture.svg))
    assert "margin" in texts(picture.svg)


def test_interactions_say_what_ran_together(integrator: Integrator) -> None:
    """All pairs and all proposals alone, with the number of runs that hold them."""
    picture = plots.interactions(integrator, components={"a": "one", "b": "two", "c": "one"})
    sane(picture.svg)
    pairs = {(row[0], row[1]): row for row in picture.rows}
    assert len(pairs) == len(NAMES) * (len(NAMES) + 1) / 2
    ran = integrator.runs()
    for (first, last), row in pairs.items():
        assert row[-1] == sum(n for recipe, n in ran.items() if {first, last} <= recipe)
    never = sum(row[-1] == 0 for row in picture.rows)
    assert sum("never ran together" in tip for tip in tips(picture.svg)) == never
    assert [text for text in texts(picture.svg) if text in {"one", "two"}] == ["one", "two"]


def test_runs_count_what_succeeded() -> None:
    """By recipe, in the order of the first; a crash is no run of it."""
    found = fresh()
    found.observe([], 1, {"loss": 1.0, "size": 1.0})
    found.observe(["a"], 2, None)
    found.observe(["b"], 3, {"loss": 1.0, "size": 1.0})
    found.observe([], 4, {"loss": 1.0, "size": 1.0})
    assert list(found.runs().items()) == [(frozenset(), 2), (frozenset("b"), 1)]


def test_the_front_holds_the_best_the_trunk_and_what_ran_beside(integrator: Integrator) -> None:
    """Each recipe once, with its gains on both objectives."""
    picture = plots.front(integrator)
    sane(picture.svg)
    assert picture.columns[2:] == (
        *("loss mean", "loss low", "loss high"),
        *("size mean", "size low", "size high"),
    )
    kinds = [row[1] for row in picture.rows]
    assert kinds.count("trunk") == kinds.count("best") == 1
    assert kinds.count("dominated") == 0  # nobody said so of these two objectives
    assert len({row[0] for row in picture.rows}) == len(picture.rows) >= len(integrator.runs())
    (best,) = (row for row in picture.rows if row[1] == "best")
    gain = integrator.gain(integrator.recommend().recipe)
    assert best[2] == gain["loss"].mean
    assert plots.front(integrator, x="size", y="loss").columns[2] == "size mean"


def test_credit_is_divided_without_a_rest(integrator: Integrator) -> None:
    """The parts sum to what stands in the last row."""
    picture = plots.credit(integrator, members=NAMES)
    sane(picture.svg)
    *parts, total = picture.rows
    assert total[0] == "all together"
    assert sum(float(row[2] or 0.0) for row in parts) == pytest.approx(float(total[2] or 0.0))


def test_before_the_first_run_every_picture_says_so() -> None:
    """No error, no number, no row."""
    for draw in (plots.effects, plots.interactions, plots.front, plots.credit):
        picture = draw(fresh())
        sane(picture.svg)
        assert all(row[2] is None or isinstance(row[2], str) for row in picture.rows)
        assert picture.rows == ()


def test_wrong_objectives_are_named() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="no objective is called 'los'; there are loss, size"):
        plots.effects(fresh(), "los")
    with pytest.raises(ValueError, match="both 'loss'"):
        plots.front(fresh(), x="loss", y="loss")
    alone = Integrator(proposals=["a"], objectives=[Objective("loss", margin=1.0)])
    with pytest.raises(ValueError, match="the only objective"):
        plots.front(alone)


def test_drawing_alone_loads_no_statistics() -> None:
    """`mainstem.plots` and its words come without the `Integrator`; only its pictures load it."""
    code = "import mainstem.plots.numbers, mainstem.plots.svg, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "mainstem.plots.svg" in done.stdout.split()
    assert not {"numpy", "mainstem.integrator"} & set(done.stdout.split())
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = plots.nothing


def test_of_very_many_those_that_do_most_alone_have_a_row(
    integrator: Integrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of proposing, with all that they do together; the picture says so."""
    monkeypatch.setattr(notebook, "MOST_PROPOSALS", 2)
    effects = [e for e in integrator.effects(pairs=False) if e.objective == "loss"]
    first, second = sorted(effects, key=lambda e: -abs(e.mean))[:2]
    most = [name for name in NAMES if name in first.proposals | second.proposals]
    picture = plots.interactions(integrator)
    assert [row[:2] for row in picture.rows if row[0] != row[1]] == [tuple(most)]
    assert "The 2 that do most alone." in picture.svg


def test_a_notebook_completes_their_names() -> None:
    """They are told before they are loaded."""
    code = "import mainstem.plots; print(*dir(mainstem.plots))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"effects", "interactions", "front", "credit"} <= set(done.stdout.split())
