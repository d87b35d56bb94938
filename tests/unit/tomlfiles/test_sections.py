from __future__ import annotations

import pytest

from mainstem.domain.errors import ConfigurationError
from mainstem.tomlfiles.sections import KEYS
from mainstem.tomlfiles.stack import parse_stack

BASE = {
    "stack": 'command = "train {seed} {rung.steps}"',
    "objectives": 'name = "loss"\nmargin = 0.1',
    "rungs": 'name = "small"\nsteps = 1',
}
"""The least that a file with a rung needs; a test replaces or adds tables."""


def problems(**tables: str) -> list[str]:
    """What is wrong with the least file once some of its tables are replaced.

    The lines of a table are counted from its header, which is line 0, so that a test reads well:
    `objectives+2: ...`. Nested tables are spelt with two underscores.
    """
    text, headers = "", {}
    for name, body in (BASE | tables).items():
        header = name.replace("__", ".")
        brackets = ("[[", "]]") if name in {"objectives", "rungs"} else ("[", "]")
        headers[text.count("\n") + 1] = header
        text += f"{brackets[0]}{header}{brackets[1]}\n{body}\n"
    try:
        parse_stack(text, "mainstem.toml")
    except ConfigurationError as error:
        return [placed(problem.where, problem.what, headers) for problem in error.problems]
    return []


def placed(where: str, what: str, headers: dict[int, str]) -> str:
    """A problem with its line counted from the header above it."""
    line = int(where.removeprefix("mainstem.toml:"))
    header = max(at for at in headers if at <= line)
    return f"{headers[header]}+{line - header}: {what}"


def test_the_least_file_is_right() -> None:
    """The file that the tests below spoil has nothing wrong with it."""
    assert problems() == []


@pytest.mark.parametrize(
    ("table", "body", "said"),
    [
        # Unknown keys, with the nearest known one.
        (
            "stack",
            'command = "a"\ntimout = "1h"',
            '+2: unknown key "stack.timout" (did you mean "timeout"?)',
        ),
        (
            "objectives",
            'name = "l"\nmargin = 1\ndirecton = "minimize"',
            '(did you mean "direction"?)',
        ),
        ("run", "trheads = 1", '+1: unknown key "run.trheads" (did you mean "threads"?)'),
        (
            "decisions",
            "zzz = 1",
            '+1: unknown key "decisions.zzz"; known here: alpha, confirm_rung, search_rungs',
        ),
        (
            "rungs__resources",
            "gpu = 1",
            '+1: unknown key "rungs.resources.gpu" (did you mean "gpus"?)',
        ),
        ("metric", "source = 1", '+0: unknown key "metric" (did you mean "metrics"?)'),
        # Types: a boolean is no number, and a number is no string.
        ("run", "threads = true", "+1: run.threads is true: write a whole number of at least 1"),
        ("run", "threads = 1.5", "+1: run.threads is 1.5: write a whole number"),
        ("run", "threads = 0", "+1: run.threads is 0: write a whole number of at least 1"),
        ("run", 'network = "no"', '+1: run.network is "no": write true or false'),
        ("run", 'env = "HOME"', '+1: run.env is "HOME": write a list of strings'),
        ("run", 'env = ["A", 3]', "+1: run.env holds 3: each item is a string"),
        ("run", 'env = [\n"A",\n"B=1"]', '+3: run.env holds "B=1": write the name of a variable'),
        (
            "run",
            'private = ["/etc/**"]',
            '+1: run.private holds "/etc/**": write a path from the root',
        ),
        ("stack", "command = 7", "+1: stack.command is 7: write a string, in quotes"),
        ("stack", 'command = " "', '+1: stack.command is " ": it may not be empty'),
        ("stack", 'command = "a\\u0000"', "it may not hold a NUL character"),
        ("stack", 'command = "a"\ntrunk = ""', '+2: stack.trunk is "": it may not be empty'),
        (
            "stack",
            'command = "a"\ntrunk = "-x"',
            '+2: stack.trunk is "-x": that is no name of a branch',
        ),
        ("stack", 'command = "a"\ntrunk = "a b"', "that is no name of a branch"),
        (
            "stack",
            'command = "a"\nname = 2024-01-02',
            "+2: stack.name is 2024-01-02: write a string",
        ),
        # Required keys.
        ("stack", 'name = "x"', "+0: stack.command is missing: write command ="),
        ("objectives", "margin = 1", "+0: objectives.name is missing: write the name of a metric"),
        (
            "objectives",
            'name = "loss"',
            "+0: objectives.margin is missing: write the smallest change",
        ),
        ("rungs", "steps = 1", '+0: rungs.name is missing: write name = "small"'),
        # Margins.
        (
            "objectives",
            'name = "l"\nmargin = 0',
            "+2: objectives.margin is 0: write a number above 0 or",
        ),
        ("objectives", 'name = "l"\nmargin = -0.5', "write a number above 0 or a percentage"),
        ("objectives", 'name = "l"\nmargin = nan', "objectives.margin is nan: write a number"),
        ("objectives", 'name = "l"\nmargin = true', "objectives.margin is true: write a number"),
        ("objectives", 'name = "l"\nmargin = [1]', "objectives.margin is a list: write a number"),
        (
            "objectives",
            'name = "l"\nmargin = "0.5"',
            "+2: margin of 'l' is '0.5': give a number above 0",
        ),
        ("objectives", 'name = "l"\nmargin = "0%"', "margin of 'l' is '0%'"),
        ("objectives", 'name = "l"\nmargin = "nan%"', "margin of 'l' is 'nan%'"),
        ("objectives", f'name = "l"\nmargin = 1{"0" * 400}', "write a number above 0"),
        # Words out of a few.
        (
            "objectives",
            'name = "l"\nmargin = 1\ndirection = "max"',
            '+3: objectives.direction is "max": write "minimize" or "maximize"',
        ),
        (
            "objectives",
            'name = "l"\nmargin = 1\ndirection = "minimise"',
            '(did you mean "minimize"?)',
        ),
        (
            "objectives",
            'name = "l"\nmargin = 1\nrole = 1',
            '+3: objectives.role is 1: write "improve" or "guard"',
        ),
        (
            "objectives",
            'name = "l"\nmargin = 1\nrole = "guard"',
            '+0: every objective is a guard: at least one needs role = "improve"',
        ),
        ("objectives", 'name = "a\\nb"\nmargin = 1', "it holds control characters"),
        (
            "metrics",
            'source = "josn"',
            '+1: metrics.source is "josn": write "json" or "stdout" (did you mean "json"?)',
        ),
        # Entries of one name: both lines are named.
        (
            "objectives",
            'name = "l"\nmargin = 1\n[[objectives]]\nmargin = 1\nname = "l"',
            '+5: a second objective "l": the first is on line 4',
        ),
        (
            "rungs",
            'name = "a"\nsteps = 1\n[[rungs]]\nname = "a"\nsteps = 1',
            '+4: a second rung "a": the first is on line 7',
        ),
        # Rungs.
        ("rungs", 'name = "a"\nsteps = 1\ncost = 0', "+3: rungs.cost is 0: write a number above 0"),
        (
            "rungs",
            'name = "a"\nsteps = [1]',
            "+2: rungs.steps is a list: a parameter is a string, a number or",
        ),
        (
            "rungs",
            f'name = "a"\nsteps = 0x{"f" * 5000}',
            "+2: rungs.steps is a very large number: whole",
        ),
        ("rungs", 'name = "a"\nsteps = 1\nresource = {}', '(did you mean "resources"?)'),
        (
            "rungs",
            'name = "a"\nsteps = 1\nresources = 3',
            "+3: rungs.resources is 3: write it as a table, [rungs.resources]",
        ),
        (
            "rungs__resources",
            "gpus = -1",
            "+1: rungs.resources.gpus is -1: write a whole number of at least 0",
        ),
        (
            "rungs__resources",
            'memory = "4G"',
            '+1: rungs.resources.memory is "4G": write a size such as',
        ),
        (
            "rungs__resources",
            'time = "soon"',
            '+1: rungs.resources.time is "soon": write a duration such as',
        ),
        ("rungs__resources", "time = true", "+1: rungs.resources.time is true: write a duration"),
        (
            "stack",
            'command = "a"\ntimeout = "10 minutes"',
            '+2: stack.timeout is "10 minutes": write a duration',
        ),
        ("stack", 'command = "a"\ntimeout = 0', "+2: stack.timeout is 0: a duration is above 0"),
        # The command against the rungs.
        (
            "stack",
            'command = "train {sede}"',
            "+1: stack.command has '{sede}'; known here: {seed}, {rung}, {rung.steps}",
        ),
        ("stack", 'command = "train \'x"', "+1: stack.command cannot be split into words"),
        ("stack", 'command = "train }"', "+1: stack.command has a lone '}'"),
        (
            "rungs",
            'name = "a"\nsteps = 1\n[[rungs]]\nname = "b"',
            "known here: {seed}, {rung} (at rung b)",
        ),
        # Decisions.
        (
            "decisions",
            "alpha = 0.6",
            "+1: decisions.alpha is 0.6: write a number above 0 and at most 0.5",
        ),
        ("decisions", 'alpha = "0.05"', '+1: decisions.alpha is "0.05": write a number'),
        (
            "decisions",
            'confirm_rung = "smal"',
            '"smal": no such rung (did you mean "small"?); there is "small"',
        ),
        (
            "decisions",
            'search_rungs = ["small", "smal"]',
            "there is no rung 'smal'; there is 'small' (did you mean \"small\"?)",
        ),
        (
            "rungs",
            (
                'name = "a"\nsteps = 1\n[[rungs]]\nname = "b"\nsteps = 1\n'
                '[decisions]\nsearch_rungs = ["a"]'
            ),
            "rung 'a' costs 1, which is no less than 'b', the rung that confirms (1)",
        ),
        ("decisions", 'search_rungs = "small"', "write a list of strings"),
        # Metrics and their patterns.
        (
            "metrics",
            'source = "stdout"',
            '+1: objective "loss" has no pattern, which source = "stdout" needs',
        ),
        (
            "metrics",
            'source = "stdout"\npatterns.loss = "a"',
            '+2: metrics.patterns.loss is "a": it has 0 groups; write exactly one',
        ),
        ("metrics", 'source = "stdout"\npatterns.loss = "(a)(b)"', "it has 2 groups"),
        (
            "metrics",
            'source = "stdout"\npatterns.loss = "(a"',
            "not a regular expression: missing )",
        ),
        (
            "metrics",
            'source = "stdout"\npatterns.loss = 1',
            "metrics.patterns.loss is 1: write a regular expression",
        ),
        (
            "metrics",
            'source = "stdout"\n[metrics.patterns]\nloss = "(a)"\nlos = "(a)"',
            '+4: a pattern for "los", which is no objective (did you mean "loss"?)',
        ),
        (
            "metrics",
            'patterns.loss = "(a)"',
            '+1: metrics.patterns is only read with source = "stdout"',
        ),
        # Components and the store.
        ("components", "data = []", "+1: components.data is empty: write at least one path glob"),
        (
            "components",
            'data = ["a", ""]',
            '+1: components.data holds "": each item is a string, not empty',
        ),
        ("components", 'data = "a"', '+1: components.data is "a": write a list of strings'),
        (
            "components",
            'data = ["a.py:"]',
            'components.data holds "a.py:": write a path from the root',
        ),
        (
            "components",
            'data = ["../x"]',
            'components.data holds "../x": write a path from the root',
        ),
        (
            "store",
            'url = "mysql://u:secret@h/d"',
            '+1: store.url begins with "mysql": write "sqlite" or "postgresql://..."',
        ),
        ("store", 'url = "postgresql://"', '+1: store.url begins with "postgresql"'),
        ("store", 'url = "postgresql://u:pw@h/d"', "+1: store.url holds a password, which would"),
        ("store", 'url = "postgresql://u:p/w@h/d"', "+1: store.url holds a password, which would"),
        ("store", 'url = "postgresql:///d?password=x"', "+1: store.url holds a password, which"),
        ("store", 'lease = "1"', '+1: store.lease is "1": write a duration such as "10m"'),
        ("store", "lease = 0.5", "+1: store.lease is below 1 s: give workers more time"),
        # Clusters.
        ("executors", "slrm = 1", '+1: unknown key "executors.slrm" (did you mean "slurm"?)'),
        (
            "executors.slurm",
            'partition = "x"',
            '+1: unknown key "executors.slurm.partition"',
        ),
        (
            "executors.slurm",
            'options = ["-p long"]',
            '+1: executors.slurm.options holds "-p long": write an option with two hyphens',
        ),
        (
            "executors.slurm",
            'options = ["--qos=a",\n"--array=0-3"]',
            '+2: executors.slurm.options holds "--array=0-3": Mainstem sets this one itself',
        ),
        ("executors.slurm", "python = 3", "+1: executors.slurm.python is 3: write a string"),
    ],
)
def test_what_is_wrong_is_said(table: str, body: str, said: str) -> None:
    """Exactly one problem, on its line, with the value found and what to write instead."""
    (found,) = problems(**{table: body})
    assert said in found
    assert "\n" not in found


def test_tables_of_the_wrong_shape() -> None:
    """Single and double brackets mixed up are said as such."""
    text = '[[stack]]\ncommand = "a"\n[objectives]\nname = "x"\n[[run]]\n'
    with pytest.raises(ConfigurationError) as error:
        parse_stack(text, "mainstem.toml")
    assert [str(problem) for problem in error.value.problems] == [
        "mainstem.toml:1: stack is a list: write it as a table, [stack]",
        'mainstem.toml:1: stack.command is missing: write command = "python train.py {seed}"',
        "mainstem.toml:3: objectives is a table: write [[objectives]], once for each",
        "mainstem.toml:5: run is a list: write it as a table, [run]",
    ]


def test_lists_that_are_no_tables() -> None:
    """Values where entries are expected are named one by one; an empty list of rungs too."""
    text = 'objectives = [\n1,\n"x"]\nrungs = []\n[stack]\ncommand = "a"\n'
    with pytest.raises(ConfigurationError) as error:
        parse_stack(text, "mainstem.toml")
    assert [str(problem) for problem in error.value.problems] == [
        "mainstem.toml:2: objectives holds 1: write [[objectives]] for each",
        'mainstem.toml:3: objectives holds "x": write [[objectives]] for each',
        "mainstem.toml:4: rungs is an empty list: leave it out, or write [[rungs]]",
    ]


def test_a_password_is_never_shown() -> None:
    """A wrong store address may hold a secret; the message holds its scheme only."""
    for address in ("mysql://user:hunter2@host/db", "postgresql://user:hunter2@host/db"):
        (found,) = problems(store=f'url = "{address}"')
        assert "hunter2" not in found


@pytest.mark.parametrize("pattern", ["(a{99999999999999999999})", "(" * 5000 + ")" * 5000])
def test_a_pattern_that_is_too_much(pattern: str) -> None:
    """Patterns that the compiler cannot hold are problems like any other, cut to one line."""
    (found,) = problems(metrics=f'source = "stdout"\npatterns.loss = "{pattern}"')
    assert "not a regular expression" in found or "groups" in found
    assert len(found) < 250


def test_a_pattern_that_a_later_python_may_read_otherwise_is_fine() -> None:
    """Warnings of re about the future are no concern of a user today."""
    assert problems(metrics='source = "stdout"\npatterns.loss = "[[a](.)"') == []


def test_every_key_is_known_by_its_table() -> None:
    """What the reader calls known and what the records hold is the same list."""
    assert set(KEYS) == {
        "stack", "metrics", "components", "objectives", "rungs", "rungs.resources", "decisions",
        "run", "store", "executors", "executors.slurm",
    }  # fmt: skip  # a list of words
