from __future__ import annotations

from mainstem.people.roles import ROLES, roles

WRITTEN = {"muon": {"ada": 1.0}, "books": {"bob": 0.5, "ada": 0.5}}
COMPONENTS = {"muon": ("optimizer",), "books": ("data", "schedule")}


def found(**did: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """Roles by handle, each with what it follows from."""
    rows = roles(WRITTEN, COMPONENTS, did.get("reproduced", {}), did.get("reviewed", {}))
    return {handle: {row["role"]: row["for"] for row in of} for handle, of in rows.items()}


def test_authors_have_the_roles_of_the_components_that_they_changed() -> None:
    """Data are curated, anything else is a method; software it is in any case."""
    assert found() == {
        "ada": {
            "Data curation": ["books"],
            "Methodology": ["muon", "books"],
            "Software": ["muon", "books"],
        },
        "bob": {"Data curation": ["books"], "Methodology": ["books"], "Software": ["books"]},
    }


def test_who_showed_it_again_and_who_reviewed_it_have_a_role_each() -> None:
    """Also those who wrote nothing; who did nothing has none."""
    rows = found(reproduced={"cy": ["muon"]}, reviewed={"dan": ["books"], "eve": []})
    assert rows["cy"] == {"Validation": ["muon"]}
    assert rows["dan"] == {"Writing \N{EN DASH} review & editing": ["books"]}
    assert "eve" not in rows


def test_roles_are_words_of_the_taxonomy_in_its_order() -> None:
    """It is in the order of the alphabet."""
    assert list(ROLES) == sorted(ROLES)
    listed = [row["role"] for row in roles(WRITTEN, COMPONENTS, {"ada": ["muon"]}, {})["ada"]]
    assert listed == ["Data curation", "Methodology", "Software", "Validation"]
