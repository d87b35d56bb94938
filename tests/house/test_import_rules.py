"""`.importlinter` is the architecture: each of its contracts must be able to fail.

An offence is planted in a copy of the package (never in the package itself), and the linter has to
name the contract that it breaks.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LAYERS = "layers"
ACYCLIC = "acyclic"
PURE = "pure"
BLIND = "blind"
WEB = "home-of-the-web"
RESVG = "home-of-resvg"
JINJA = "home-of-jinja"
LIGHT = "light"
DATABASES = "home-of-databases"
TOML = "home-of-toml"
PROCESSES = "home-of-processes"
TERMINAL = "home-of-the-terminal"
MOOCORE = "home-of-moocore"
RAY = "home-of-ray"
SHAPIQ = "home-of-shapiq"
YAML = "home-of-yaml"
EMCEE = "home-of-emcee"
SALIB = "home-of-salib"

# (contract, {file of the package: line to add})
OFFENCES = [
    pytest.param(LAYERS, {"domain/planted.py": "import mainstem.stats"}, id="domain-knows-stats"),
    pytest.param(LAYERS, {"decisions/planted.py": "import mainstem.engine"}, id="upwards"),
    pytest.param(LAYERS, {"credit/planted.py": "import mainstem.decisions"}, id="credit-decides"),
    pytest.param(LAYERS, {"engine/planted.py": "import mainstem.plots"}, id="engine-draws"),
    pytest.param(LAYERS, {"plots/planted.py": "import mainstem.people"}, id="plots-know-people"),
    pytest.param(LAYERS, {"ledger/planted.py": "import mainstem.gitrepo"}, id="adapters-meet"),
    pytest.param(LAYERS, {"engine/planted.py": "import mainstem.executors"}, id="engine-adapter"),
    pytest.param(LAYERS, {"executors/planted.py": "import mainstem.wiring"}, id="adapter-wiring"),
    pytest.param(
        LAYERS,
        {"decisions/planted.py": "import mainstem.people"},
        id="decisions-know-people",
    ),
    pytest.param(
        ACYCLIC,
        {
            "executors/planted.py": "import mainstem.executors.other",
            "executors/other.py": "import mainstem.executors.planted",
        },
        id="siblings",
    ),
    pytest.param(
        ACYCLIC,
        {
            "cli/deep/__init__.py": "",
            "cli/deep/planted.py": "import mainstem.cli.deep.other",
            "cli/deep/other.py": "import mainstem.cli.deep.planted",
        },
        id="siblings-deeper",
    ),
    *(
        pytest.param(PURE, {f"{package}/planted.py": f"import {module}"}, id=f"{package}-{module}")
        for package, module in (
            ("domain", "os.path"),
            ("domain", "time"),
            ("stats", "random"),
            ("stats", "threading"),
            ("decisions", "pathlib"),
            ("decisions", "logging"),
            ("credit", "time"),
        )
    ),
    pytest.param(PURE, {"decisions/planted.py": "import mainstem"}, id="pure-through-the-root"),
    pytest.param(
        BLIND, {"decisions/planted.py": "import mainstem.domain.contributor"}, id="names-decide"
    ),
    pytest.param(BLIND, {"engine/planted.py": "import mainstem.people"}, id="engine-knows-people"),
    pytest.param(DATABASES, {"engine/planted.py": "import sqlite3"}, id="sqlite3"),
    pytest.param(DATABASES, {"cli/planted.py": "from sqlalchemy import text"}, id="sqlalchemy"),
    pytest.param(DATABASES, {"wiring/planted.py": "import psycopg"}, id="psycopg"),
    pytest.param(TOML, {"cli/planted.py": "import tomllib"}, id="tomllib"),
    pytest.param(PROCESSES, {"cli/planted.py": "import subprocess"}, id="cli-subprocess"),
    pytest.param(PROCESSES, {"ledger/planted.py": "import subprocess"}, id="ledger-subprocess"),
    pytest.param(PROCESSES, {"lab/planted.py": "import concurrent.futures"}, id="lab-processes"),
    pytest.param(LAYERS, {"lab/planted.py": "import mainstem.ledger"}, id="lab-opens-no-ledger"),
    pytest.param(TERMINAL, {"ledger/planted.py": "import rich.table"}, id="rich"),
    pytest.param(TERMINAL, {"tomlfiles/planted.py": "import click"}, id="click"),
    pytest.param(MOOCORE, {"decisions/planted.py": "import moocore"}, id="moocore"),
    pytest.param(SHAPIQ, {"credit/planted.py": "import shapiq"}, id="shapiq"),
    pytest.param(YAML, {"tomlfiles/planted.py": "import yaml"}, id="yaml"),
    pytest.param(
        LAYERS,
        {"frontier/planted.py": "import mainstem.tomlfiles"},
        id="frontier-reads-no-file",
    ),
    pytest.param(EMCEE, {"frontier/planted.py": "import emcee"}, id="emcee"),
    pytest.param(SALIB, {"lab/planted.py": "import SALib"}, id="salib"),
    pytest.param(RAY, {"executors/planted.py": "import ray"}, id="ray"),
    pytest.param(LIGHT, {"executors/planted.py": "import torch"}, id="torch"),
    pytest.param(WEB, {"cli/planted.py": "import fastapi"}, id="web"),
    pytest.param(RESVG, {"board/planted.py": "import resvg_py"}, id="resvg"),
    pytest.param(JINJA, {"lab/planted.py": "import jinja2"}, id="jinja"),
    pytest.param(LAYERS, {"board/planted.py": "import mainstem.people"}, id="board-sees-no-names"),
]


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """A copy of the package and of the rules, to plant offences in."""
    return copied(project, tmp_path)


def copied(project: Path, into: Path) -> Path:
    """The package and its rules in another folder."""
    shutil.copytree(
        project / "src" / "mainstem",
        into / "mainstem",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copy(project / ".importlinter", into)
    return into


def contracts(project: Path) -> dict[str, configparser.SectionProxy]:
    """Every contract of the project by its id."""
    rules = configparser.ConfigParser()
    rules.read(project / ".importlinter", encoding="utf-8")
    prefix = "importlinter:contract:"
    return {
        section.removeprefix(prefix): rules[section]
        for section in rules.sections()
        if section.startswith(prefix)
    }


def linted(copy: Path) -> str:
    """What the linter says of the copy."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache", "--no-logo"],
        cwd=copy,
        env=os.environ | {"COLUMNS": "200"},  # a contract and its verdict stand on one line
        capture_output=True,
        check=False,
        text=True,
    )
    said = done.stdout + done.stderr
    names = broken(said)
    summary = re.search(r"Contracts: \d+ kept, (\d+) broken", said)
    assert summary, said
    assert len(names) == int(summary[1]), said
    assert done.returncode == (1 if names else 0), said
    return said


def broken(said: str) -> set[str]:
    """The names of the contracts that the linter found broken."""
    return set(re.findall(r"^(.+?) BROKEN(?: \(.*\))?$", said, flags=re.MULTILINE))


def section(said: str, name: str) -> str:
    """What the linter says of one broken contract."""
    _, _, rest = said.partition(f"\n{name}\n{'-' * len(name)}\n")
    return re.split(r"\n[^\n]+\n-{5,}\n", rest)[0]


def plant(copy: Path, planted: dict[str, str], number: int) -> None:
    """Files of an offence, numbered, so that many can be planted at once and told apart."""
    for name, line in planted.items():
        file = copy / "mainstem" / numbered(name, number)
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{numbered(line, number)}\n", encoding="utf-8")


def numbered(text: str, number: int) -> str:
    """The names of planted modules with a number."""
    return re.sub(r"\b(planted|other)\b", rf"\1_{number}", text)


@pytest.fixture(scope="module")
def offended(project: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says where every offence is planted that a line can be."""
    copy = copied(project, tmp_path_factory.mktemp("offended"))
    for number, offence in enumerate(OFFENCES):
        plant(copy, dict(offence.values[1]), number)
    return linted(copy)


def test_the_package_keeps_its_own_rules(copy: Path) -> None:
    """With nothing planted no contract is broken, so what the other tests see is their offence."""
    assert broken(linted(copy)) == set()


@pytest.mark.parametrize(
    ("number", "contract", "planted"),
    [pytest.param(k, *o.values, id=o.id) for k, o in enumerate(OFFENCES)],
)
def test_an_offence_breaks_its_contract(
    project: Path, offended: str, number: int, contract: str, planted: dict[str, str]
) -> None:
    """Each contract names the very module in which one line offends against it."""
    said = section(offended, contracts(project)[contract]["name"])
    for name in planted:
        module = Path(numbered(name, number)).stem
        if module != "__init__":
            assert re.search(rf"\b{module}\b", said), said


@pytest.mark.parametrize("planted", ["helpers/__init__.py", "helpers.py"])
def test_a_package_or_module_without_a_layer_is_an_offence(
    project: Path, copy: Path, planted: str
) -> None:
    """The layers are exhaustive: whoever adds a package says where it stands."""
    plant(copy, {planted: ""}, 0)
    said = linted(copy)
    name = contracts(project)[LAYERS]["name"]
    assert broken(said) == {name}
    assert "helpers" in section(said, name)


def test_every_contract_has_an_offence(project: Path) -> None:
    """A contract that is added to the rules needs a planted offence here."""
    assert {str(offence.values[0]) for offence in OFFENCES} == set(contracts(project))


def test_the_pure_contract_covers_what_decides(project: Path) -> None:
    """`credit` joins the pure packages as soon as it exists; a name without a package is a slip."""
    pure = {"domain", "stats", "decisions", "credit"}
    existing = {f"mainstem.{name}" for name in pure if (project / "src/mainstem" / name).is_dir()}
    assert set(contracts(project)[PURE]["source_modules"].split()) == existing
