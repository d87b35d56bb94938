from __future__ import annotations

import re
from typing import Any

import pytest
import yaml  # comes with Ray, which the tests need

from mainstem.cli import citing

REQUIRED = {"cff-version", "message", "title", "authors"}
TOP = REQUIRED | {"type", "commit"}
PERSON = {"family-names", "given-names", "alias", "orcid"}
ORCID = r"https://orcid\.org/[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]"


def _value(mean: float, unit: str = "nats") -> dict[str, Any]:
    low, high = mean - 0.05, mean + 0.05
    return {"mean": mean, "low": low, "high": high, "level": 0.9, "unit": unit}


def _contributor(handle: str, **keys: Any) -> dict[str, Any]:
    nothing = {"given_names": "", "family_names": "", "orcid": "", "author": True, "roles": []}
    return {"handle": handle, "name": handle, **nothing, **keys}


def report(**keys: Any) -> dict[str, Any]:
    """What `credit` says of one merged proposal of two authors, and one who reproduced it."""
    software = [{"role": "Software", "for": ["rope"]}]
    member = {"id": "rope", "value": _value(0.3), "percent": 100.0}
    people = [
        {"handle": "ada", "value": _value(0.1), "percent": 33.4},
        {"handle": "bob@x.org", "value": _value(0.2), "percent": 66.6},
    ]
    return {
        "stack": 'tiny: "lm"',
        "trunk": {"commit": "1234567" + "0" * 33},
        "root": "f" * 40,
        "runs": 12,
        "members": ["rope"],
        "authors": {"rope": {"ada": 0.5, "bob@x.org": 0.5}},
        "objectives": [
            {
                "objective": "val_bpb",
                "total": _value(0.3),
                "members": [member],
                "people": people,
            }
        ],
        "contributors": [
            _contributor(
                "ada",
                name="Ada King",
                given_names="Ada",
                family_names="King",
                orcid="0000-0002-1825-0097",
                roles=software,
            ),
            _contributor("bob@x.org", name="Bob # & co: [x]", roles=software),
            _contributor(
                "cy@x.org",
                name="Cy",
                author=False,
                roles=[{"role": "Validation", "for": ["rope"]}],
            ),
        ],
        **keys,
    }


def test_a_citation_file_has_what_version_1_2_0_asks_for_and_nothing_else() -> None:
    """Its required keys, only known ones, authors that are persons, each once."""
    said = yaml.safe_load(citing.cff(report()))
    assert said.keys() == TOP
    assert (said["cff-version"], said["type"]) == ("1.2.0", "software")
    assert said["title"] == 'tiny: "lm"'
    assert said["commit"] == report()["trunk"]["commit"]
    assert said["authors"] == [
        {
            "family-names": "King",
            "given-names": "Ada",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"alias": "Bob # & co: [x]"},
    ]
    for author in said["authors"]:
        assert author.keys() <= PERSON
        assert all(isinstance(value, str) and value for value in author.values())
        assert re.fullmatch(ORCID, author.get("orcid", "https://orcid.org/0000-0002-1825-0097"))


@pytest.mark.parametrize(
    "name",
    [
        "yes",
        "null",
        "1.5",
        "a\nb",
        "- x",
        "Zoë",
        "\N{GRINNING FACE}",
        "a: b",
        "'",
        "\\",
        "\x7f\u2028",
    ],
)
def test_any_name_comes_back_as_it_was(name: str) -> None:
    """YAML has words, numbers and marks of its own; a commit of digits alone is text as well."""
    others = report()["contributors"][1:]
    commit = {"commit": "1234567890" * 4}
    given = [_contributor("ada", given_names=name, name=name), *others]
    said = yaml.safe_load(citing.cff(report(contributors=given, stack=name, trunk=commit)))
    assert said["authors"][0] == {"given-names": name}
    assert said["title"] == name
    assert said["commit"] == commit["commit"]


def test_two_authors_of_one_name_are_written_once() -> None:
    """The format allows no two that are alike."""
    twice = [_contributor("a@x.org", name="Kim"), _contributor("b@x.org", name="Kim")]
    assert yaml.safe_load(citing.cff(report(contributors=twice)))["authors"] == [{"alias": "Kim"}]


def test_a_release_has_tables_of_proposals_people_and_roles() -> None:
    """With intervals and parts; names may hold what Markdown takes for its own."""
    said = citing.markdown(report())
    assert "| rope | Ada King, Bob # & co: [x] |" not in said
    assert (
        r"| rope | Ada King, Bob \# & co: \[x\] | +0.300 nats | \[+0.250, +0.350\] | 100% |" in said
    )
    assert r"| Bob \# & co: \[x\] | +0.200 nats | \[+0.150, +0.250\] | 67% |" in said
    assert "| Cy | Validation | rope |" in said
    assert "90% posterior intervals" in said
    assert "Roles are derived from the ledger" in said


def test_no_percentages_where_the_gain_may_be_nothing() -> None:
    """And it says so."""
    found = report()
    for row in (*found["objectives"][0]["members"], *found["objectives"][0]["people"]):
        row["percent"] = None
    said = citing.markdown(found)
    assert "%" not in said.replace("90%", "")
    assert r"No percentages: the gain on val\_bpb may be 0." in said


def test_no_address_is_printed() -> None:
    """Not of one whom no file names, either."""
    for said in (citing.cff(report()), citing.markdown(report())):
        assert "@" not in said
    assert all("@" not in cell for row in citing.role_rows(report()) for cell in row)


def test_a_loss_is_not_told_as_a_gain() -> None:
    """In the notes of a release, on a guard that got worse: of proposals and of people."""
    found = report()
    assert citing.markdown(found).count("| of the gain |") == 2
    [one] = found["objectives"]
    found["objectives"] = [{**one, "total": _value(-0.3)}]
    assert citing.markdown(found).count("| of the loss |") == 2
