"""The `mainstem.toml` that `mainstem init` writes: a form to fill in that explains itself.

Settings that a new user must look at are active; every other one stands commented out with its
default, so that taking the `# ` away is all it takes. (Prose is behind `#` too, but is no TOML.)
"""

from __future__ import annotations

import json
import re

COMMAND = "python train.py --seed {seed}"
"""The command where nothing better is known."""

_TEMPLATE = """\
[stack]
name = @name
trunk = @trunk                  # the branch that accepted proposals are merged into
# One trial. {seed} is filled in, {rung.KEY} with a key of the rung below; {{ is a brace. It runs
# without a shell, in a private copy of the repository.
command = @command
timeout = "1h"                  # a trial that takes longer has failed

# Every metric that decides. `mainstem check` runs the trunk and says what arrives and how noisy.
[[objectives]]
name = "loss"                   # the metric as the command reports it
direction = "minimize"          # or "maximize"
role = "improve"                # or "guard": must only not get worse by more than the margin
margin = 0.01                   # the smallest change that matters; or "0.5%" of the trunk's mean
unit = ""

# Where metrics come from: JSON lines such as {"loss": 2.31} in the file $MAINSTEM_METRICS
# (mainstem.report(loss=2.31) writes them), or what the command prints. The last value wins.
[metrics]
source = "json"                 # or "stdout", with a pattern with one group for each objective:
# [metrics.patterns]
# loss = '^loss:\\s+(\\S+)'
# step = '^step:\\s+(\\d+)'       # if it prints as it trains: search trials may then end early

# Named parts of the stack, by path globs; file.py:Name means the lines of that class or function.
# [components]
# optimizer = ["optim/**", "train.py:Optimizer"]

# Scales to run at; without any there is one. Further keys are the command's {rung.KEY}.
# [[rungs]]
# name = "small"
# cost = 1.0                    # of one trial, relative to the other rungs
# steps = 200
# [rungs.resources]             # what one trial needs
# gpus = 0
# cpus = 1
# memory = "4GB"
# time = "1h"

# [decisions]
# alpha = 0.05                  # the chance of any false merge in a campaign
# confirm_rung = "small"        # where candidates are proved; default: the last rung
# search_rungs = []             # cheaper ones to search at as well; default: all of them

# [run]
# threads = 1                   # of numeric libraries, per trial
# network = false
# env = []                      # names of variables that are passed through; nothing else is
# private = []                  # path globs that a trial may not read
# early_stopping = false        # true: end search trials where their curves tell the rest

# [executors]                   # clusters that trials can run on
# [executors.slurm]             # mainstem integrate -x slurm
# options = []                  # of sbatch, such as ["--partition=long", "--account=lab"]
# python = "/shared/venv/bin/python"    # that has Mainstem on the nodes; default: the one here

# [store]
# url = "sqlite"                # in .mainstem/ beside this file, or "postgresql://..."
# lease = "1m"                  # after which silence another worker runs a worker's trials
"""


def stack_template(*, name: str, trunk: str = "main", command: str | None = None) -> str:
    """A commented `mainstem.toml`, ready to be parsed and edited.

    Args:
        name: The stack's name, such as that of its folder.
        trunk: The branch that holds the integrated recipe.
        command: The command of one trial; None for `COMMAND`, which fits many repositories.
    """
    values = {"@name": name, "@trunk": trunk, "@command": command or COMMAND}
    return re.sub(r"@[a-z]+", lambda mark: quoted(values[mark[0]]), _TEMPLATE)


def quoted(value: str) -> str:
    """A TOML basic string: JSON's, but for DEL and for what UTF-8 cannot hold."""
    plain = value.encode(errors="replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007F")
