"""What pages show beside what `--json` says: each number, rounded, in the row where it belongs.

Each function opens a page, asks the command in a terminal, and says what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.acceptance.board.reading import missing, numbers, shows, stands_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from tests.acceptance.board.looking import Looker
    from tests.acceptance.board.running import Board

    Ask: TypeAlias = Callable[..., Any]

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "status": ("status",),
    "show": ("show",),
    "transfer": ("show", "--transfer"),
    "stale": ("show", "--stale"),
    "credit": ("credit", "--history"),
    "audit": ("audit",),
    "frontier": ("frontier",),
    "verify": ("verify",),
}
"""What answers the same in a terminal; `shares` counts the seconds that people wait."""

MOVING: Mapping[str, frozenset[str]] = {"frontier": frozenset({"as_of", "objectives"})}
"""Keys with the time of asking in them: a forecast's dates are those of today."""

OVERRIDDEN = {"veto": "vetoed", "force": "forced", "withdraw": "withdrawn"}

SHOWS_LINE = """(line) => document.querySelector(".standing .asof a")
  .textContent.replaceAll(",", "") === String(line) && !document.querySelector("main .loading")"""
"""Whether a page shows the record up to a line, with all that is to be worked out."""

_ROWS = """() => [...document.querySelectorAll("main tr")].map((row) =>
  [...row.cells].map((cell) => cell.innerText.trim()))"""
_OPEN = "() => document.querySelectorAll('main details').forEach((part) => part.open = true)"


def said_by(looker: Looker, place: str) -> str:
    """All that a page says, with everything open."""
    page = looker.go(place)
    page.evaluate(_OPEN)
    text: str = page.locator("main").inner_text()
    return " ".join(text.split())


def rows_of(looker: Looker) -> dict[str, str]:
    """The page's table rows by what their first cell says."""
    return {row[0]: " | ".join(row[1:]) for row in looker.page.evaluate(_ROWS) if row}


def answers(board: Board, ask: Ask) -> Iterator[str]:
    """Of every question: the documented keys, and every digit."""
    for name, words in COMMANDS.items():
        body, answer = ask(*words), board.get(f"/api/{name}?wait=30").json
        if answer.keys() != body.keys():
            yield f"/api/{name}: keys {sorted(answer.keys() ^ body.keys())}"
        for key in answer.keys() & body.keys() - MOVING.get(name, frozenset()):
            if answer[key] != body[key]:
                yield f"/api/{name}: {key}: {answer[key]} is not {body[key]}"


def proposals(looker: Looker, ask: Ask) -> Iterator[str]:
    """Verdict, effect on every objective and override of each."""
    show = ask("show")
    for objective in show["trunk"]["objectives"]:
        said_by(looker, f"/proposals?objective={objective}")
        rows = rows_of(looker)
        for one in show["proposals"]:
            row = rows.get(one["id"], "")
            if one["verdict"] not in row or OVERRIDDEN.get(one["override"], "") not in row:
                yield f"/proposals: {one['id']} is {one['verdict']} {one['override']}, not {row!r}"
            known = [one["gain"][objective]] if one["measured"] and one["gain"] else []
            known += [one["gain_in_best"][objective]] if one["gain_in_best"] else []
            yield from missing(row, ((f"/proposals: {one['id']}", gain) for gain in known))


def proposal(looker: Looker, ask: Ask) -> Iterator[str]:
    """Of one of each fate what `why` says: reason, gains, e-values, runs."""
    for one in _one_of_each(ask("show")["proposals"]):
        why, place = ask("why", one["id"]), f"/proposals/{one['id']}"
        text = said_by(looker, place)
        if " ".join(why["reason"].split()).casefold() not in text.casefold():
            yield f"{place}: {why['reason']}"
        if why["measured"]:
            for gains in filter(None, (why["gain"], why["gain_in_best"])):
                yield from missing(text, ((f"{place}: {n}", e) for n, e in gains.items()))
        runs = [run["trial"] for run in why["evidence"][:40]]
        yield from (f"{place}: no run {run}" for run in runs if run not in text)
        for test in (why["confirmation"] or {"objectives": ()})["objectives"]:
            if not test["exact"] and test["e_margin"] and f"{test['e_margin']:.3g}" not in text:
                yield f"{place}: e-value {test['e_margin']}"


def _one_of_each(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """One proposal of every fate: verdict, in the trunk or not, overridden or not."""
    found = {(one["verdict"], bool(one["merged"]), one["override"]): one for one in rows}
    return list(found.values())


def trunk(looker: Looker, ask: Ask) -> Iterator[str]:
    """Where each objective stands, and what was merged."""
    show, text = ask("show"), said_by(looker, "/")
    if show["measured_on"] == show["trunk"]["commit"]:
        yield from missing(text, show["trunk"]["objectives"].items())
    if show["trunk"]["commit"][:8] not in text:
        yield f"/: trunk {show['trunk']['commit']}"
    merged = [p["id"] for p in show["proposals"] if p["merged"]]
    yield from (f"/: {name} was merged" for name in merged if name not in text)


def interactions(looker: Looker, ask: Ask) -> Iterator[str]:
    """Each pair's interaction, on every objective to improve."""
    show = ask("show")
    for objective in show["improve"]:
        text = said_by(looker, f"/interactions?objective={objective}")
        found = [row for row in show["interactions"] if row["objective"] == objective]
        yield from missing(text, (("/interactions: " + "+".join(r["pair"]), r) for r in found))


def recipes(looker: Looker, ask: Ask) -> Iterator[str]:
    """Every set of the Pareto front, with its gains."""
    show, text = ask("show"), said_by(looker, "/recipes")
    for one in show["front"]:
        yield from (f"/recipes: {name}" for name in one["recipe"] if name not in text)
        gains = {name: one["objectives"][name] for name in show["improve"]}
        yield from missing(text, ((f"/recipes: {n}", e) for n, e in gains.items()))


def runs(looker: Looker, ask: Ask) -> Iterator[str]:
    """Of one of each fate its failures; and of a run its values, seed and output."""
    for one in _one_of_each(ask("show")["proposals"]):
        evidence = ask("why", one["id"])["evidence"]
        failed = {r["trial"] for r in evidence if r["failure"] and one["id"] in r["recipe"]}
        text = said_by(looker, f"/runs?state=failed&proposal={one['id']}") if failed else ""
        yield from (f"/runs: {trial} failed" for trial in failed if trial not in text)
        measured = [run for run in evidence if run["values"]]
        if measured:
            yield from _run(looker, ask, measured[-1])


def _run(looker: Looker, ask: Ask, run: Mapping[str, Any]) -> Iterator[str]:
    place = f"/runs/{run['trial']}"
    text = said_by(looker, place)
    shown = numbers(text)
    for name, value in run["values"].items():
        if not any(stands_for(one, value) for one in shown):
            yield f"{place}: {name} {value}"
    if str(run["seed"]) not in text:
        yield f"{place}: seed {run['seed']}"
    last = ask("log", run["trial"])["stdout"].strip().rpartition("\n")[2]
    if " ".join(last.split()) not in text:
        yield f"{place}: it wrote {last!r}"


def credit(looker: Looker, ask: Ask) -> Iterator[str]:
    """The gain in all, and what each proposal and person earned of it."""
    report = ask("credit")
    divisions = [*report["objectives"]]
    if report["in_all"] is not None and len(report["in_all"]["of"]) > 1:
        divisions.append(report["in_all"])  # of one objective it is that one's division again
    for division in divisions:
        place = f"/credit?objective={division['objective']}"
        text = said_by(looker, place)
        parts = [("in all", division["total"])]
        parts += [(m["id"], m["value"]) for m in division["members"]]
        parts += [(p["handle"], p["value"]) for p in division["people"]]
        if division["total"]["mean"]:
            yield from missing(text, ((f"{place}: {name}", value) for name, value in parts))
            yield from (f"{place}: {name}" for name, _ in parts if name not in text)


def shares(looker: Looker, ask: Ask) -> Iterator[str]:
    """Each contributor's proposals and part of the trials."""
    report = ask("shares")
    said_by(looker, "/shares")
    rows = rows_of(looker)
    for one in report["contributors"]:
        shown = numbers(rows.get(one["handle"], ""))
        wanted = [one["proposals"], one["trials"]]
        wanted += [] if one["share"] is None else [100 * one["share"]]
        for value in wanted:
            if not any(stands_for(n, value) for n in shown):
                yield f"/shares: {one['handle']}: {value}"


def audit(looker: Looker, ask: Ask) -> Iterator[str]:
    """Every question's answer in words."""
    text = said_by(looker, "/audit")
    for question in ask("audit")["questions"]:
        answer = " ".join(question["answer"].replace("`", "").split())  # a page sets it as code
        if answer not in text or question["status"] not in text:
            yield f"/audit: {question['status']}: {question['answer']}"


def frontier(looker: Looker, ask: Ask) -> Iterator[str]:
    """Where the trunk is, and how far the best reference."""
    text = said_by(looker, "/frontier")
    for one in ask("frontier")["objectives"]:
        if one["gap"] is not None and one["trunk"] is not None:
            name = f"/frontier: {one['objective']}"
            yield from missing(text, ((name, one["trunk"]), (name, one["gap"]["value"])))
            if one["reference"] not in text:
                yield f"{name}: {one['reference']}"


def stack(looker: Looker, ask: Ask) -> Iterator[str]:
    """Every component; a gain stands where the one proposal that earned it belongs."""
    show, found = ask("show"), ask("credit")
    said_by(looker, "/stack")
    rows = rows_of(looker)
    homes = {p["id"]: p["components"] for p in show["proposals"]}
    for name in {name for names in homes.values() for name in names} - rows.keys():
        yield f"/stack: no component {name}"
    for division in found["objectives"]:
        if division["objective"] != show["improve"][0]:
            continue
        for member in division["members"]:
            row = rows.get(homes[member["id"]][0], "")
            if len(homes[member["id"]]) == 1 and not shows(row, member["value"]):
                yield f"/stack: {member['id']}: {member['value']} is not in {row!r}"


def ledger(looker: Looker, ask: Ask) -> Iterator[str]:
    """As many lines as `verify` counts, and that they are whole."""
    entries = ask("verify")["entries"]
    if f"all {entries:,} lines follow from each other" not in said_by(looker, "/ledger"):
        yield f"/ledger: {entries} lines"


PAGES: tuple[Callable[[Looker, Ask], Iterator[str]], ...] = (
    *(proposals, proposal, trunk, interactions, recipes, runs),
    *(credit, shares, audit, frontier, stack, ledger),
)
