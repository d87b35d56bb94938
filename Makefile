# Every habit of the project is one command here; continuous integration runs nothing else.
#
# Each target makes the virtual environment it needs and installs what pyproject.toml says:
#   .venv       for developing (`dev` extra): test, check, format
#   .venv-demo  for the example stack (`tinylm` extra, which brings torch): demo
#   .venv-bench for the bench (`bench` extra: torch and the arena's rivals): bench
# None needs another. A stamp inside says when it was made, for which Python and in which
# folder, so a clone that was moved or a newer pyproject.toml is installed anew and nothing else is.
# All paths are relative: a folder with spaces in its name works.

PYTHON       ?= python3
TORCH_INDEX  ?=
DEMO_ARGS    ?=
BENCH_ARGS   ?=
BROWSE_ARGS  ?=
PYTEST_ARGS  ?=
# Half of the tests' time is waiting: for clusters, for what was killed, for what must not happen.
WORKERS      ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

PY      := .venv/bin/python
DEMO_PY := .venv-demo/bin/python
BENCH_PY := .venv-bench/bin/python

identity := $(shell { pwd; "$(PYTHON)" --version; } 2>&1 | cksum | cut -d' ' -f1)
DEV  := .venv/installed-$(identity)
DEMO := .venv-demo/installed-$(identity)
BENCH := .venv-bench/installed-$(identity)

.DEFAULT_GOAL := help
.PHONY: help demo stack browse live shots bench chaos test check lint layout types imports format transcripts clean preflight

help: ## Says what there is to make
	@echo 'make TARGET [NAME=VALUE ...]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1@\2/p' Makefile | awk -F@ '{ printf "%-10s %s\n", $$1, $$2 }'
	@echo '  PYTHON=python3.12 picks the interpreter, TORCH_INDEX=URL where torch comes from,'
	@echo '  DEMO_ARGS, BENCH_ARGS, BROWSE_ARGS and PYTEST_ARGS are handed on.'

demo: $(DEMO) ## Merges sixteen real proposals into one better model, in ./demo
	@PATH="$(CURDIR)/.venv-demo/bin:$$PATH" $(DEMO_PY) examples/tinylm/demo.py $(DEMO_ARGS)

stack: $(DEMO) ## Installs what the example stack needs, as make demo does by itself

# One process: its tests share one board and one browser, which several would start several times.
browse: $(DEV) ## Runs the tests that look at the board in Debian's Chromium
	@PATH="$(CURDIR)/.venv/bin:$$PATH" OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	  $(PY) -m pytest --quiet tests/acceptance/board $(PYTEST_ARGS)

live: $(DEV) $(DEMO) ## Looks at the board over the example stack while it trains
	@PATH="$(CURDIR)/.venv-demo/bin:$$PATH" $(PY) -m tests.acceptance.board.browse $(BROWSE_ARGS)

shots: $(DEV) ## Photographs every page of the board over ./demo, into docs/shots
	@$(PY) -m tests.acceptance.board.shots

bench: $(BENCH) ## Measures what the README claims, and Mainstem beside its rivals
	@PATH="$(CURDIR)/.venv-bench/bin:$$PATH" $(BENCH_PY) benchmarks/run.py $(BENCH_ARGS)

chaos: $(BENCH) ## Kills and worse through campaigns of 200 trials; goes on where it was
	@PATH="$(CURDIR)/.venv-bench/bin:$$PATH" $(BENCH_PY) benchmarks/run.py chaos

test: $(DEV) ## Runs every test but those in a browser (make browse)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" \
	  OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PY) -m pytest --quiet -n $(WORKERS) --maxprocesses 4 --dist worksteal --ignore=tests/acceptance/board $(PYTEST_ARGS)

check: lint layout types imports ## Lint, layout, types and import rules

lint: $(DEV) ## ruff: every rule
	@$(PY) -m ruff check --quiet .

layout: $(DEV) ## ruff: is the code formatted?
	@$(PY) -m ruff format --quiet --check . || { echo 'make format mends the layout' >&2; exit 1; }

types: $(DEV) ## mypy --strict
	@$(PY) -m mypy --no-error-summary

imports: $(DEV) ## import-linter: the layers of the design
	@said=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }

format: $(DEV) ## Formats the code and mends what ruff can mend
	@$(PY) -m ruff check --quiet --fix --exit-zero .
	@$(PY) -m ruff format --quiet .

transcripts: $(DEV) ## Runs the README's commands and writes down what they print
	@$(PY) -m tests.acceptance.transcripts

clean: ## Removes the environments, the demo and every cache
	@rm -rf .venv .venv-demo .venv-bench demo build dist .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis
	@find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How an environment is made -------------------------------------------------------------------

$(DEV): pyproject.toml | preflight
	@mkdir -p $(@D) && $(LOCK) sh -c "$$INSTALL" install $@ dev

$(DEMO): pyproject.toml | preflight
	@mkdir -p $(@D) && $(LOCK) sh -c "$$INSTALL" install $@ tinylm

$(BENCH): pyproject.toml | preflight
	@mkdir -p $(@D) && $(LOCK) sh -c "$$INSTALL" install $@ bench

# A second make waits for the first, then finds its stamp; without flock it does not wait.
LOCK = $(if $(shell command -v flock),flock $(@D),)

# Arguments: the stamp in the environment's folder, the extra of pyproject.toml.
define INSTALL
set -eu
stamp=$$1 extra=$$2 venv=$${1%/*}
if [ "$$stamp" -nt pyproject.toml ]; then exit 0; fi
fail() { echo "make: $$1" >&2; exit 1; }
pip() { "$$venv/bin/python" -m pip -qq --disable-pip-version-check "$$@"; }
torch=$$(sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
if [ "$$extra" != dev ]; then with=" with $$torch, some minutes at the first time"; fi
echo "installing mainstem into $$venv$${with:-}" >&2
if [ ! -e "$$stamp" ]; then
  "$$PYTHON" -m venv --clear "$$venv" || fail "$$PYTHON could not make $$venv: see above"
fi
if [ "$$extra" != dev ] && [ -n "$$TORCH_INDEX" ]; then
  pip install --index-url "$$TORCH_INDEX" "$$torch" ||
    fail "$$torch could not be installed from TORCH_INDEX=$$TORCH_INDEX: see above"
fi
pip install --editable ".[$$extra]" ||
  fail "pip could not install .[$$extra] into $$venv: see above; is a package index in reach?"
touch "$$stamp"
endef

# What the machine must have; said in one line before anything is made. It runs under whatever
# Python there is, so it is written for the oldest.
define PREFLIGHT
import re, subprocess, sys
def need(thing, found, remedy):
    sys.exit("make: needs %s, but %s; %s" % (thing, found, remedy))
if sys.version_info < (3, 11):
    need("Python 3.11 or newer", "%s is %d.%d" % ((sys.executable,) + sys.version_info[:2]),
         "name another: make ... PYTHON=python3.12")
try:
    import ensurepip, venv
except ImportError as error:
    need("venv and ensurepip", "%s has no %s" % (sys.executable, error.name),
         "install them (Debian, Ubuntu: apt install python3-venv)")
try:
    said = subprocess.run(["git", "--version"], stdout=subprocess.PIPE).stdout.decode().strip()
except OSError as error:
    need("git 2.38 or newer", "git cannot be run (%s)" % error.strerror, "install git")
numbers = re.search(r"(\d+)\.(\d+)", said)
if not numbers or (int(numbers.group(1)), int(numbers.group(2))) < (2, 38):
    need("git 2.38 or newer", "this is %r" % said, "install a newer git (git-scm.com/downloads)")
endef

export INSTALL PREFLIGHT PYTHON TORCH_INDEX
unexport PYTHONHOME PYTHONPATH

preflight:
	@command -v "$(PYTHON)" >/dev/null || { echo 'make: needs Python 3.11 or newer, but there' \
	  'is no $(PYTHON); install it or name another: make ... PYTHON=python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c "$$PREFLIGHT"
