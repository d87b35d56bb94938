"""The report of a campaign: one HTML file that needs nothing else, good on screens and on paper.

Conclusions come first, in words; then what was asked, what was measured, how it was done, and what
it cannot say. It is made of the JSON of `mainstem report` and of nothing else.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from mainstem.board import report_tables as tables, report_words as words
from mainstem.board.report_pictures import unclear
from mainstem.plots import blocks, numbers
from mainstem.plots.forms import both
from mainstem.plots.sheet import document
from mainstem.plots.svg import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mainstem.board.report_drawing import Drawing
    from mainstem.board.report_tables import Table

    Material = Mapping[str, Any]

_STYLE = """
.lead p { max-width: 50rem; } .lead p:first-child { font-weight: 600; }
.facts dd { font-size: 1.05rem; } .t td, .t th { padding-right: .9rem; }
.t-objectives td:last-child { min-width: 9rem; }
.t-proposals td:last-child { min-width: 17rem; } .t-failures td:nth-child(3) { min-width: 16rem; }
.t-effects table, .t-trials table { font-size: .86rem; }
.t-trials td { padding-block: .1rem; } .t-trials td:first-child { white-space: nowrap; }
dl.how { display: grid; gap: .25rem 1rem; grid-template-columns: minmax(8rem, 13rem) 1fr; }
dl.how dt { color: var(--pale); } dl.how dd { margin: 0; overflow-wrap: anywhere; }
nav.contents ul { columns: 2 18rem; padding-left: 1.1rem; }
@media (max-width: 40rem) { dl.how { grid-template-columns: 1fr; } }
@media print {
  @page { size: A4; margin: 15mm 14mm 17mm;
    @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
  body { overflow-wrap: break-word; } nav.contents { display: none; }
  h2, h3, caption { break-after: avoid; } caption, figcaption { break-inside: avoid; }
  figure, dl.how dd, li, p { break-inside: avoid; } p, li { orphans: 3; widows: 3; }
  h2 { margin-top: 1.4rem; } .facts { gap: .4rem 1.6rem; } .facts dd { font-size: 1rem; }
  table { width: 100%; font-size: 8pt; } td, th { padding-block: .2rem; }
  thead th, caption, .badge, code { font-size: inherit; } figcaption, .limits { font-size: 9pt; }
  .t td, .t th { padding-right: .5rem; overflow-wrap: break-word; }
  .t-proposals td:last-child { min-width: 0; width: 36%; }
  .t-proposals td:first-child { width: 1%; }
  figure { margin: .5rem 0 .9rem; } #effects figure svg { width: 60%; }
  .t-failures td:nth-child(3) { min-width: 0; width: 40%; }
  .t-effects table { font-size: 7pt; } .t-trials table { font-size: 6.6pt; }
  .t-trials table { width: auto; } .t-trials td { padding-block: 0; line-height: 1.3; }
  .t-trials td:nth-child(2) { min-width: 14em; } figure svg { max-height: 20cm; }
  a[href^="http"]::after { content: " (" attr(href) ")"; font-size: 85%; }
}
"""

_CONFLICTS = 12
"""Conflicts that are told; of a thousand proposals there are thousands."""

_BADGES = {"vetoed": "warn", "forced": "warn", "withdrawn": "idle", "superseded": "idle"}


def page(found: Material, pictures: Sequence[Drawing]) -> str:
    """The whole file.

    Args:
        found: The JSON of `mainstem report`.
        pictures: What was drawn of it.
    """
    heading = f"Report on {words.title(found)}"
    sections = [(key, name, list(parts)) for key, name, parts in _sections(found, pictures)]
    kept = [(key, name, parts) for key, name, parts in sections if parts]
    body = [
        f"<header>\n<h1><bdi>{said(heading)}</bdi></h1>\n{_facts(found)}\n</header>",
        *(f'<div class="note warn"><p>{_text(note)}</p></div>' for note in words.notes(found)),
        _lead(found),
        _contents(kept),
        *(blocks.section(name, parts, key=key) for key, name, parts in kept),
    ]
    return document(heading, "\n".join(part for part in body if part), more=_STYLE)


def _sections(
    found: Material, pictures: Sequence[Drawing]
) -> Iterator[tuple[str, str, Iterator[str]]]:
    yield "objectives", "What was asked, and what came of it", _objectives(found, pictures)
    yield "proposals", "Every proposal: verdict and reason", _proposals(found)
    yield "effects", "What each proposal does alone", _effects(found, pictures)
    yield "interactions", "Interactions", _interactions(found, pictures)
    yield "front", "Sets to choose from", _front(found, pictures)
    yield "proof", "What was proved, and how", _proof(found)
    yield "credit", "Credit", _credit(found)
    yield "frontier", "The frontier", _frontier(found)
    yield "failures", "What failed", _failures(found)
    yield "method", "How it was done", _method(found)
    yield "limits", "What this cannot say", _limits(found)
    yield "trials", "Appendix: the trials", _trials(found)


def _facts(found: Material) -> str:
    """Key figures, at a glance."""
    show, campaign = found["show"], found["campaign"]
    rows = [("stack", show["stack"], ""), ("trunk", show["trunk"]["commit"][:10], "")]
    rows[1] = ("trunk", show["trunk"]["commit"][:10], found["question"]["branch"])
    rows.append(("proposals", str(len(show["proposals"])), _verdicts(found)))
    if campaign is not None:
        trials = show["trials"]
        budget = "" if trials["budget"] is None else f"of {trials['budget']:g}, "
        rows.append(("trials", f"{trials['done']}", f"{budget}{trials['failed']} failed"))
        rows.append(("computing", numbers.duration(found["compute"]["wall_s"]), "of all trials"))
        rows.append(("campaign", f"{campaign['id']}, {campaign['state']}", ""))
    rows.append(("made", found["made"]["at"][:10], f"mainstem {found['made']['mainstem']}"))
    parts = [
        f"<div><dt>{said(name)}</dt><dd><bdi>{said(value)}</bdi>"
        + (f"<small><bdi>{said(more)}</bdi></small>" if more else "")
        + "</dd></div>"
        for name, value, more in rows
    ]
    return f'<dl class="facts">{"".join(parts)}</dl>'


def _verdicts(found: Material) -> str:
    kinds = [tables.standing(row) for row in found["show"]["proposals"]]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _lead(found: Material) -> str:
    said_ = words.conclusions(found)
    if not said_:
        return ""
    return '<div class="lead">\n' + "\n".join(f"<p>{_text(one)}</p>" for one in said_) + "\n</div>"


def _contents(kept: Sequence[tuple[str, str, Sequence[str]]]) -> str:
    items = [f'<li><a href="#{key}">{escape(name)}</a></li>' for key, name, _ in kept]
    return f'<nav class="contents" aria-label="Contents"><ul>{"".join(items)}</ul></nav>'


def _objectives(found: Material, pictures: Sequence[Drawing]) -> Iterator[str]:
    yield table(tables.objectives(found))
    yield from (figure(one) for one in pictures if one.name == "course")


def _proposals(found: Material) -> Iterator[str]:
    if not found["show"]["proposals"]:
        yield blocks.paragraph("No proposal has been taken in yet.", "empty")
        return
    yield table(tables.proposals(found))
    conflicts = found["show"]["conflicts"]
    for conflict in conflicts[:_CONFLICTS]:
        pair, paths = " and ".join(conflict["proposals"]), ", ".join(conflict["paths"])
        yield f"<p>git cannot merge {_text(f'{pair} ({paths})')}.</p>"
    if len(conflicts) > _CONFLICTS:
        more = numbers.plural(len(conflicts) - _CONFLICTS, "conflict")
        yield blocks.paragraph(f"And {more} more: `mainstem show`.", "limits")


def _effects(found: Material, pictures: Sequence[Drawing]) -> Iterator[str]:
    drawn = [one for one in pictures if one.name.startswith("effects-")]
    yield from (figure(one) for one in drawn)
    if drawn:
        yield table(tables.effects(found))


def _interactions(found: Material, pictures: Sequence[Drawing]) -> Iterator[str]:
    if not found["show"]["interactions"]:
        return
    rows = words.clear(found)
    drawn = [one for one in pictures if one.name.startswith("interactions")]
    if rows:
        yield blocks.points(f"{words.interaction(found, row)}." for row in rows[:6])
    else:
        yield blocks.paragraph("No pair shows a clear interaction of half a margin or more.")
    yield from (figure(one) for one in drawn)
    if rows:
        yield table(tables.interactions(found))
    left = numbers.plural(unclear(found), "other pair")
    yield blocks.paragraph(f"{left} show none that is clear and of half a margin.", "limits")


def _front(found: Material, pictures: Sequence[Drawing]) -> Iterator[str]:
    front = tables.front(found)
    points = found["show"]["front"]
    if front is not None:
        yield from (figure(one) for one in pictures if one.name == "front")
        yield table(front)
        volume = numbers.estimate(found["show"]["hypervolume"])
        yield blocks.paragraph(f"Hypervolume over the trunk: {volume}.")
    elif points and points[0]["recipe"]:
        yield blocks.paragraph(
            "One set is best on everything that is to be improved: "
            f"{tables.brief_recipe(points[0]['recipe'])}; no other set beats it by a margin with "
            f"probability {points[0]['probability']:.0%}."
        )


def _proof(found: Material) -> Iterator[str]:
    if found["campaign"] is None:
        return
    if found["candidates"]:
        yield table(tables.candidates(found))
    else:
        yield blocks.paragraph("No set has been put to the test on fresh seeds yet.")
    yield blocks.paragraph(
        f"All thresholds together keep the chance of any false merge in the campaign at "
        f"{found['question']['alpha']:g} or less, at every moment. Each pair is a trial of the "
        "trunk and one of the set with the same fresh seed; a skewness far from 0 is a warning."
    )


def _credit(found: Material) -> Iterator[str]:
    division = tables.credit(found)
    if division is not None:
        yield table(division)
        yield blocks.paragraph(
            "Credit follows what was measured; no name enters a decision. `mainstem credit` has "
            "it by objective, with reproductions and what was learnt.",
            "limits",
        )


def _frontier(found: Material) -> Iterator[str]:
    gaps = tables.gaps(found)
    if gaps is None:
        return
    yield table(gaps)
    for one in found["frontier"]["objectives"]:
        pace = one["forecast"]
        if pace and pace.get("date"):
            name, date = _text(one["objective"]), said(str(pace["date"]))
            yield f"<p>At the present pace the gap on {name} closes about {date}.</p>"
        elif pace and pace.get("why_none") and one["references"]:
            yield f"<p>No date for {_text(one['objective'])}: {_text(pace['why_none'])}.</p>"


def _failures(found: Material) -> Iterator[str]:
    failed = tables.failures(found)
    if failed is not None:
        yield table(failed)


def _method(found: Material) -> Iterator[str]:
    yield from (blocks.paragraph(one) for one in words.HOW)
    rows = [
        f"<dt>{said(what)}</dt><dd><bdi>{said(numbers.brief(how, tables.LONGEST))}</bdi></dd>"
        for what, how in words.method(found)
    ]
    yield f'<dl class="how">{"".join(rows)}</dl>'
    ledger = found["ledger"]
    yield (
        "<p>To check it: <code>mainstem verify</code> reads the whole chain; line "
        f"{ledger['lines']} of an unaltered ledger has the hash "
        f"<code>{said(ledger['hash'])}</code>.</p>"
    )


def _limits(found: Material) -> Iterator[str]:
    known = list(words.limits(found))
    if known:
        yield "<ul>" + "".join(f"<li>{_text(one)}</li>" for one in known) + "</ul>"


def _trials(found: Material) -> Iterator[str]:
    if found["trials"]:
        yield table(tables.trials(found))


def table(found: Table) -> str:
    """A table as HTML; verdicts are badges."""
    rows = [
        [
            blocks.badge(cell, _BADGES.get(cell, cell)) if k == found.badge else _text(cell)
            for k, cell in enumerate(row)
        ]
        for row in found.rows
    ]
    html = blocks.table(found.columns, rows, right=found.right, caption=found.caption)
    if found.more:
        html += blocks.paragraph(found.more, "limits")
    return f'<div class="t t-{found.name}">{html}</div>'


def figure(one: Drawing) -> str:
    """A picture with its caption; its numbers stand in tables of the report."""
    return blocks.figure(both(one.picture.svg, one.phone), one.caption)


def _text(words_: str) -> str:
    """Text of others: it means nothing to a page, and turns no other text round."""
    return f"<bdi>{said(words_)}</bdi>"
