"""A real project with a past: proposals of every verdict, a merge, a second campaign, an override.

And one in which every text that somebody can choose is hostile. Both are repositories with a shell
script for a model, driven by the ordinary command; nothing is written into a ledger by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.conftest import Stack

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.acceptance.forked import Forks

TRAIN = r"""#!/bin/sh
# Trains a model, in spirit: a loss by steps, a speed; the noise follows from the seed.
set -eu
lr=$(cat settings/lr) depth=$(cat settings/depth) clip=$(cat settings/clip)
warmup=$(cat settings/warmup) kernel=$(cat settings/kernel) data=$(cat settings/data)
echo "seed $1, steps $2"
if [ "$kernel" = "plain, tidied" ]; then sleep 0.4; fi  # for those who want to see it run
if [ "$data" = corrupt ]; then echo "line 1: no token stream" >&2; exit 9; fi
if [ "$clip" = on ] && [ "$warmup" = long ]; then echo "clip needs a short warmup" >&2; exit 7; fi
awk -v seed="$1" -v steps="$2" -v lr="$lr" -v depth="$depth" -v clip="$clip" -v warmup="$warmup" \
  -v kernel="$kernel" 'BEGIN {
  srand(seed); noise = -6; for (i = 0; i < 12; i++) noise += rand()
  loss = 3.0 + 0.01 * noise
  if (lr == "high") loss -= 0.20
  if (clip == "on") loss -= 0.15
  if (lr == "high" && clip == "on") loss += 0.06
  if (warmup == "long") loss -= 0.12
  if (depth > 4) loss -= 0.25
  if (lr == "low") loss += 0.30
  speed = 100 + noise
  if (kernel == "fused") speed += 8
  if (depth > 4) speed -= 12
  for (i = 1; i <= 4; i++)
    printf "{\"step\": %d, \"loss\": %.6f}\n", i * steps / 4, loss + 4 / i - 1
  printf "{\"loss\": %.6f, \"speed\": %.4f, \"weights\": %d}\n", loss, speed, 1000 * depth
}' >> "$MAINSTEM_METRICS"
"""

STACK = r"""
[stack]
name = "shelly"
trunk = "main"
command = "sh train.sh {seed} {rung.steps}"
timeout = "30s"

[components]
optimizer = ["settings/lr", "settings/clip"]
schedule = ["settings/warmup"]
architecture = ["settings/depth"]
inference = ["settings/kernel"]
data = ["settings/data"]

[[objectives]]
name = "loss"
direction = "minimize"
margin = 0.03
unit = "nats"

[[objectives]]
name = "speed"
direction = "maximize"
margin = 3.0
unit = "tokens/s"

[[objectives]]
name = "weights"
role = "guard"
margin = "10%"

[[rungs]]
name = "full"
steps = 200
"""

SETTINGS = {
    "lr": "normal",
    "depth": "4",
    "clip": "off",
    "warmup": "short",
    "kernel": "plain",
    "data": "clean",
}

BRANCHES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "lr-high": ("Ada <ada@example.org>", {"lr": "high"}),
    "deeper": ("Eve <eve@example.org>", {"depth": "6"}),
    "clip": ("Bob <bob@example.org>", {"clip": "on"}),
    "lr-low": ("Eve <eve@example.org>", {"lr": "low"}),
    "warmup-long": ("Ada <ada@example.org>", {"warmup": "long"}),
    "warmup-mid": ("Eve <eve@example.org>", {"warmup": "mid"}),
    "fused": ("Bob <bob@example.org>", {"kernel": "fused"}),
    "corrupt": ("Eve <eve@example.org>", {"data": "corrupt"}),
    "tidy": ("Bob <bob@example.org>", {"kernel": "plain, tidied"}),
}
"""Who wrote each, and what it sets; the last one is left for tests to propose."""

CONTRIBUTORS = """
[[contributors]]
handle = "ada"
kind = "student"
emails = ["ada@example.org"]

[[contributors]]
handle = "bob"
kind = "staff"
emails = ["bob@example.org"]

[[contributors]]
handle = "eve"
kind = "agent"
emails = ["eve@example.org"]
"""

FRONTIER = """
[measured.loss]
harness = "train.sh"
version = "1"

[[references]]
id = "theirs"
objective = "loss"
value = 2.5
unit = "nats"
spread = 0.01
seeds = 4
scale = { rung = "full" }
harness = "train.sh"
version = "1"
date = 2024-01-01
source = "https://example.org/theirs"
obtained = "published"
"""


def make_repository(
    path: Path,
    forks: Forks,
    *,
    files: Mapping[str, str],
    branches: Mapping[str, tuple[str, Mapping[str, str]]],
) -> Stack:
    """A repository of these files, and of branches that write into `settings`."""
    (path / "settings").mkdir(parents=True)
    stack = Stack(path, forks=forks)
    stack.git("init", "--quiet", "--initial-branch", "main")
    for name, text in files.items():
        (path / name).write_text(text)
    for name, text in SETTINGS.items():
        (path / "settings" / name).write_text(f"{text}\n")
    stack.git("add", ".")
    stack.git("commit", "--quiet", "--message", "The stack")
    for branch, (author, changes) in branches.items():
        stack.git("checkout", "--quiet", "-b", branch, "main")
        for name, text in changes.items():
            (path / "settings" / name).write_text(f"{text}\n")
        stack.git("add", ".")
        stack.git("commit", "--quiet", "--message", f"Try {branch}", f"--author={author}")
    stack.git("checkout", "--quiet", "main")
    return stack


def make_lived_in(path: Path, forks: Forks) -> Stack:
    """A project with two campaigns behind it, the first of them merged."""
    files = {
        "train.sh": TRAIN,
        "mainstem.toml": STACK,
        "contributors.toml": CONTRIBUTORS,
        "frontier.toml": FRONTIER,
    }
    stack = make_repository(path, forks, files=files, branches=BRANCHES)
    stack.mainstem("check", "-j", "2")
    stack.mainstem("propose", "lr-high", "--claim", "loss +0.2")
    stack.mainstem("propose", "deeper")
    stack.mainstem("review", "lr-high", "--merge", "0.7")
    stack.mainstem("integrate", "--budget", "36", "-j", "2")
    stack.mainstem("merge")
    stack.mainstem("propose", "clip", "lr-low", "warmup-long", "warmup-mid", "fused", "corrupt")
    stack.mainstem("integrate", "--budget", "40", "-j", "2")
    stack.mainstem("veto", "fused", "--reason", "the runtime has no such kernel yet")
    return stack


MARKUP = "<img src=x onerror=alert(1)>"
TURNED = "\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe\N{POP DIRECTIONAL FORMATTING} \N{HEBREW LETTER ALEF}"
ESCAPES = "\x1b[31mred\x1b[0m \x1b]0;title\x07"
MARKDOWN = "[here](javascript:alert(2)) ![](//evil.example/x.png) `code` **bold** {{ 7 * 7 }}"
ALL_AT_ONCE = f"{MARKUP} \"'><script>alert(3)</script> {TURNED} {ESCAPES} {MARKDOWN} &lt; %3C"

HOSTILE_TRAIN = r"""#!/bin/sh
set -eu
said='<img src=x onerror=alert(4)> "><script>alert(5)</script>'
turned=$(printf '\342\200\256txt.sh')
head -c 1000000 /dev/zero | tr '\0' '<'
printf '\n\033[2J\033[31m%s\033[0m %s \000 \377\355\240\200\n' "$said" "$turned"
kernel=$(cat settings/kernel) lr=$(cat settings/lr)
if [ "$kernel" != plain ]; then
  head -c 1000000 /dev/zero | tr '\0' '>' >&2
  printf '\n\033[31m%s\033[0m %s \000 \377 end\n' "$said" "$turned" >&2
  exit 3
fi
awk -v seed="$1" -v lr="$lr" 'BEGIN {
  srand(seed); loss = 3 + 0.02 * rand()
  if (lr == "high") loss -= 0.2
  printf "{\"<b>loss</b>\": %.5f}\n", loss
  printf "{\"\\\"><script>alert(6)</script>\": 7}\n"
  printf "{\"note\": \"<img src=x onerror=alert(7)> \\u001b[31m \\ud800 \\u202e\"}\n"
  printf "{\"<i>\": \"x\"}\n"
}' >> "$MAINSTEM_METRICS"
"""

HOSTILE_STACK = r"""
[stack]
name = "</title><script>alert(8)</script>"
trunk = "main"
command = "sh train.sh {seed} '<img src=x onerror=alert(9)>'"
timeout = "30s"

[components]
"<svg/onload=alert(10)>" = ["settings/lr"]
'"><img src=x onerror=alert(11)>' = ["settings/kernel", "settings/<img src=x onerror=alert(1)>"]

[[objectives]]
name = "<b>loss</b>"
margin = 0.03
unit = "\"><img src=x onerror=alert(12)>"

[[objectives]]
name = "\"><script>alert(6)</script>"
role = "guard"
margin = 1.0

[[rungs]]
name = "<u>full</u>"
steps = 200
"""

HOSTILE_BRANCHES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "lr": ("Mallory alert(13) <m@example.org>", {"lr": "high"}),
    '"><script>alert(14)</script>': (
        '"Mallory" <m@example.org>',
        {"kernel": MARKUP, MARKUP.replace("/", ""): ALL_AT_ONCE},
    ),
    f"rtl-{TURNED.split(maxsplit=1)[0]}": ("Mallory <m@example.org>", {"data": "x" * 1_000_000}),
}
"""What a branch may be called is up to git; what it contains is up to whoever wrote it."""

HOSTILE_CONTRIBUTORS = """
[[contributors]]
handle = '"><script>alert(15)</script>'
kind = "<b>kind</b>"
emails = ["m@example.org"]
"""

HOSTILE_FRONTIER = """
[[references]]
id = "<img src=x onerror=alert(16)>"
objective = "<b>loss</b>"
value = 2.5
date = 2024-01-01
source = "javascript:alert(17)"
obtained = "published"
note = '"><script>alert(18)</script>'
"""


def make_hostile(path: Path, forks: Forks) -> Stack:
    """A project in which every text that somebody can choose wants to be more than text."""
    files = {
        "train.sh": HOSTILE_TRAIN,
        "mainstem.toml": HOSTILE_STACK,
        "contributors.toml": HOSTILE_CONTRIBUTORS,
        "frontier.toml": HOSTILE_FRONTIER,
    }
    stack = make_repository(path, forks, files=files, branches=HOSTILE_BRANCHES)
    for number, branch in enumerate(HOSTILE_BRANCHES):
        claim = ALL_AT_ONCE * (1, 1, 400)[number]
        named = ("--id", f"{MARKUP}/../{TURNED}?#&%2F/..") if number == 0 else ()
        stack.mainstem("propose", branch, "--claim", claim, *named)
    stack.mainstem("review", '"><script>alert(14)</script>', "--merge", "0.5", "--note", MARKUP)
    stack.mainstem("integrate", "--budget", "8", "-j", "2")
    return stack
