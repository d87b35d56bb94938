"""Credit in the forms that others read: a citation file, Markdown for a release, a role table.

Nothing here is printed of a proposal that is not merged, and nobody's address.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mainstem.cli import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DERIVED = (
    "Roles are derived from the ledger, in the words of CRediT (https://credit.niso.org), and "
    "claimed by nobody: who wrote what was merged, who filed the same change independently, who "
    "reviewed it. Roles that leave no trace there are missing."
)


def cff(report: Mapping[str, Any]) -> str:
    """A `CITATION.cff` of version 1.2.0, its authors by what they earned of the measured gain.

    Strings are written as JSON, which YAML 1.2 reads alike. One whose name is not known is cited by
    what they are called here; the format allows no two authors that are written alike.
    """
    authors = [_cff_author(one) for one in report["contributors"] if one["author"]]
    lines = [
        "# Authors of what was merged, by what they earned of the measured gain; names come from",
        "# contributors.toml (given_names, family_names, orcid). Made by `mainstem credit`.",
        "cff-version: 1.2.0",
        'message: "If you use this, please cite it as below."',
        "type: software",
        f"title: {_quoted(report['stack'])}",
        f"commit: {_quoted(report['trunk']['commit'])}",
        "authors:",
        *dict.fromkeys(authors),
    ]
    return "\n".join(lines) + "\n"


def _cff_author(one: Mapping[str, Any]) -> str:
    keys = {
        "family-names": one["family_names"],
        "given-names": one["given_names"],
        "alias": "" if one["family_names"] or one["given_names"] else one["name"],
        "orcid": f"https://orcid.org/{one['orcid']}" if one["orcid"] else "",
    }
    said = [f"{key}: {_quoted(value)}" for key, value in keys.items() if value]
    return "  - " + "\n    ".join(said)


def _quoted(text: str) -> str:
    """A string as JSON. YAML takes all printable characters as they are, and no pairs for one."""
    said = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in said)


def markdown(report: Mapping[str, Any]) -> str:
    """What was gained and by whom, as Markdown for the notes of a release."""
    names = {one["handle"]: one["name"] for one in report["contributors"]}
    commit, runs = report["trunk"]["commit"][:10], words.plural(report["runs"], "run")
    said = f"Shapley shares of the gain over `{report['root'][:10]}`, from {runs}"
    for one in report["objectives"][:1]:
        said += f", with {one['total']['level']:.0%} posterior intervals; above 0 is better"
    lines = [f"## {_plain(report['stack'])} {commit}: measured gains", "", f"{said}."]
    for one in report["objectives"]:
        lines += ["", f"### {_plain(one['objective'])}", "", *_proposals(report, one, names)]
        if one["people"]:
            lines += ["", *_people(one, names)]
        if all(m["percent"] is None for m in one["members"]):
            lines += ["", f"No percentages: the gain on {_plain(one['objective'])} may be 0."]
        elif words.cancels(m["percent"] for m in one["members"]):
            lines += ["", f"Parts above 100%: on {_plain(one['objective'])} others take them back."]
    rows = role_rows(report)
    if rows:
        lines += ["", "### Who did what", "", *_grid(("contributor", "role", "for"), rows)]
        lines += ["", DERIVED]
    return "\n".join(lines) + "\n"


def _proposals(
    report: Mapping[str, Any], one: Mapping[str, Any], names: Mapping[str, str]
) -> list[str]:
    rows = [
        [
            m["id"],
            ", ".join(names[handle] for handle in report["authors"][m["id"]]),
            *_value(m["value"]),
            words.percent(m["percent"]),
        ]
        for m in one["members"]
    ]
    rows.append(["in all", "", *_value(one["total"]), ""])
    return _grid(("proposal", "by", "earned", "interval", words.of_total(one["total"])), rows)


def _people(one: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    rows = [
        [names[p["handle"]], *_value(p["value"]), words.percent(p["percent"])]
        for p in sorted(one["people"], key=lambda p: -p["value"]["mean"])
    ]
    return _grid(("contributor", "earned", "interval", words.of_total(one["total"])), rows)


def role_rows(report: Mapping[str, Any]) -> list[list[str]]:
    """Name, role and the merged proposals that it follows from, a row per role."""
    return [
        [one["name"], role["role"], ", ".join(role["for"])]
        for one in report["contributors"]
        for role in one["roles"]
    ]


def _value(value: Mapping[str, Any]) -> tuple[str, str]:
    """An estimate and its interval."""
    mean, _, rest = words.estimate(value, unit=False).partition(" ")
    unit = value["unit"]
    return (f"{mean} {unit}".rstrip(), rest)


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    return [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(_plain(cell) for cell in row)} |" for row in rows),
    ]


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: names hold anything."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", " ".join(text.split()))
