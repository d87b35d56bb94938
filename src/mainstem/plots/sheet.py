"""The one visual language of our pages: a style sheet, and a page that needs nothing else.

Calm and dense: one column of text and wide tables, the system's own letters, tabular numbers, rules
instead of boxes. Light and dark by custom properties, which pictures follow too; a state is a word
on a tinted ground, never a tint alone. Nothing moves. On paper links are words and nothing scrolls.

Classes that a page may use: `wide` (scrolls by itself), `n` (a number's cell), `text` (a
sentence's), `badge` with a tone (`good`, `warn`, `bad`, `idle`, `new`) or a verdict, `answer`,
`limits`, `note` with a tone, `broad` and `narrow` (one picture for screens, one for phones;
`mainstem.plots.forms`), `cards` (a table whose rows are cards on a phone; `mainstem.plots.cards`),
`empty`, `loading`, `facts` (a `dl` of key figures), `panels` (small pictures beside each other),
`filters`, `pager`, `log`, `diff`, `unseen` (for screen readers only), `skip` and `site` (the
board's head).
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from mainstem.plots import cards, colours, svg

if TYPE_CHECKING:
    from mainstem.plots.colours import Colour

VERDICTS = {"merge": "good", "rework": "warn", "broken": "bad", "shelve": "idle", "open": "new"}
"""The tone of each verdict; each is a class of badges by its own name."""


def _properties(scheme: str) -> str:
    return " ".join(f"--{one.name}: {getattr(one, scheme)};" for one in colours.EVERY)


def _of_pictures(one: Colour) -> str:
    value = f"var(--{one.name})"
    return f".f-{one.name} {{ fill: {value}; }} .s-{one.name} {{ stroke: {value}; }}"


def _of_tones() -> str:
    rules = []
    for word, ground in colours.TONES:
        names = [word.name, *(v for v, tone in VERDICTS.items() if tone == word.name)]
        badges = ", ".join(f".badge.{name}" for name in names)
        rules.append(
            f"{badges} {{ color: var(--{word.name}); background: var(--{ground.name}); "
            f"border-color: var(--{word.name}); }}\n"
            f".note.{word.name} {{ background: var(--{ground.name}); "
            f"border-color: var(--{word.name}); }}\n"
            f".{word.name}-text {{ color: var(--{word.name}); }}"
        )
    return "\n".join(rules)


_THEME = "\n".join(
    (
        f":root {{ color-scheme: light dark; {_properties('light')} }}",
        f"@media (prefers-color-scheme: dark) {{ :root {{ {_properties('dark')} }} }}",
        f"@media print {{ :root {{ color-scheme: light; {_properties('light')} }} }}",
    )
)

_TEXT = """
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
       color: var(--ink); background: var(--ground); margin: 0; overflow-wrap: anywhere;
       font-variant-numeric: tabular-nums; }
main { max-width: 78rem; margin: 0 auto; padding: 1.2rem clamp(.8rem, 3vw, 2rem) 4rem; }
h1, h2, h3 { line-height: 1.25; font-weight: 650; text-wrap: balance; }
h1 { font-size: 1.6rem; letter-spacing: -.01em; margin: .4rem 0 .8rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p, ul, ol { margin: .5rem 0; max-width: 46rem; } ul, ol { padding-left: 1.3rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .16em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre, kbd, .log, .diff { font: .92em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas,
       "Liberation Mono", monospace; }
code { background: var(--soft); padding: .08em .3em; border-radius: 3px; }
pre, .log, .diff { background: var(--soft); padding: .7rem .9rem; border-radius: 5px;
       overflow: auto; max-height: 32rem; margin: .6rem 0; white-space: pre-wrap; }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
small, .limits, figcaption, caption, .pale { color: var(--pale); }
small, .limits, figcaption, caption { font-size: .9rem; }
.answer { font-weight: 600; } .unseen:not(:focus):not(:active) { position: absolute; width: 1px;
       height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
"""

_TABLES = """
.wide { overflow-x: auto; margin: .7rem 0; }
table { border-collapse: collapse; margin: .7rem 0; } .wide > table { margin: 0; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .32rem 1.1rem .32rem 0;
       border-bottom: 1px solid var(--line); overflow-wrap: normal; }
th:last-child, td:last-child { padding-right: .3rem; }
th { font-weight: 600; } thead th { color: var(--pale); font-size: .9rem;
       vertical-align: bottom; border-bottom-color: var(--pale); }
td.n, th.n { text-align: right; } td.n { white-space: nowrap; }
tbody tr:hover { background: var(--soft); }
td p { margin: 0; } td:first-child { min-width: 7rem; } td.text { min-width: 10rem; }
"""

_FIGURES = """
figure { margin: 1rem 0; } figure.wide { overflow-x: auto; }
figcaption { max-width: 46rem; margin-top: .3rem; }
.plot { display: block; max-width: 100%; height: auto; font-family: inherit; }
.plot.whole { max-width: none; }
.plot a { text-decoration: none; } .plot a:hover text { text-decoration: underline; }
.plot a:hover, .plot a:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.spark { display: inline-block; vertical-align: middle; min-width: 0; max-width: none; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
       gap: .8rem 1.2rem; } .panels figure { margin: 0; }
details { margin: .6rem 0; } td > details { margin: 0; }
summary { cursor: pointer; color: var(--link); }
summary:hover { text-decoration: underline; }
"""

_PHONES = """
.narrow { display: none; }
@media screen and (max-width: 46rem) {
  .narrow { display: block; } .broad { display: none; }
  .narrow > .plot { width: 100%; max-width: 26rem; }
  table.cards, .cards > tbody, .cards > caption { display: block; }
  .cards > tbody > tr { display: flex; flex-wrap: wrap; padding: .45rem 0;
       border-bottom: 1px solid var(--line); }
  .cards > thead, .cards > thead > tr { display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
  .cards > thead > tr:has(a)::before { content: "Sort by"; color: var(--pale); font-size: .9rem; }
  .cards > thead th, .cards > thead td { border: 0; padding: .1rem 0; }
  .cards > thead :is(th, td):not(:has(a)) { position: absolute; width: 1px; height: 1px;
       overflow: hidden; clip-path: inset(50%); } .cards > thead svg { display: none; }
  .cards > tbody :is(th, td) { display: flow-root; flex: 0 0 100%; border: 0; min-width: 0;
       padding: .08rem 0 .08rem 8.3rem; text-align: left; white-space: normal;
       overflow-wrap: anywhere; }
  .cards > tbody > tr > th, .cards > tbody > tr:not(:has(> th)) > td:first-child { order: -1;
       padding-left: 0; }
  .cards > tbody > tr:not(:has(> th)) > td:first-child:not(.text) { font-weight: 600; }
  .cards > tbody > tr > td:is(:empty, [data-none]) { display: none; }
  .cards td[data-label]::before { content: attr(data-label); float: left; width: 7.9rem;
       margin-left: -8.3rem; color: var(--pale); font-size: .86rem; line-height: 1.7;
       font-weight: 400; }
  .cards td[data-label]::before { content: attr(data-label) / ""; }
  .cards tr:not(:has(> th)) > td:first-child::before { display: none; }
  .cards.dense > tbody td.n { flex: 1 0 31%; padding: .08rem .8rem .08rem 0; }
  .cards.dense td.n[data-label]::before { float: none; display: block; width: auto; margin: 0;
       line-height: 1.3; }
  table:not(.cards) tbody th { min-width: 8rem; }
  table:not(.cards) :is(th, td) { white-space: normal; overflow-wrap: anywhere; }
}
"""

_PARTS = """
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 999px;
       padding: 0 .6em; font-size: .82rem; font-weight: 500; line-height: 1.5;
       white-space: nowrap; vertical-align: .06em; }
.note { border-left: 3px solid var(--pale); background: var(--soft); padding: .55rem .9rem;
       border-radius: 0 5px 5px 0; margin: .8rem 0; max-width: 48rem; }
.note > :first-child { margin-top: 0; } .note > :last-child { margin-bottom: 0; }
.empty, .loading { color: var(--pale); border: 1px dashed var(--pale); border-radius: 6px;
       padding: 1.6rem 1.2rem; margin: 1rem 0; text-align: center; }
.empty > *, .loading > * { margin-inline: auto; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem 2.2rem; margin: .9rem 0; padding: 0; }
.facts > div { min-width: 6rem; } .facts dt { color: var(--pale); font-size: .86rem; }
.facts dd { margin: 0; font-size: 1.2rem; font-weight: 600; line-height: 1.3; }
.facts dd small { display: block; font-weight: 400; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: end; margin: .9rem 0; }
.filters label { display: grid; gap: .15rem; color: var(--pale); font-size: .86rem; }
input, select, button, textarea { font: inherit; color: var(--ink); background: var(--ground);
       border: 1px solid var(--pale); border-radius: 5px; padding: .28rem .6rem;
       min-height: 2.1rem; max-width: 100%; }
button { cursor: pointer; background: var(--soft); } button:hover { border-color: var(--ink); }
.pager { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; align-items: baseline;
       color: var(--pale); margin: .8rem 0; }
.diff .add { color: var(--good); } .diff .del { color: var(--bad); }
.diff .hunk { color: var(--pale); }
.skip { position: absolute; left: -100rem; } .skip:focus { left: .6rem; top: .6rem;
       background: var(--ground); padding: .5rem .9rem; z-index: 9; }
.site { border-bottom: 1px solid var(--line); }
.site > div { max-width: 78rem; margin: 0 auto; padding: .6rem clamp(.8rem, 3vw, 2rem);
       display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; align-items: baseline; }
.site nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0;
       margin: 0; max-width: none; }
.site nav a { text-decoration: none; padding: .3rem 0; display: inline-block; }
.site nav a:hover { text-decoration: underline; }
.site nav a[aria-current] { color: var(--ink); font-weight: 600;
       box-shadow: inset 0 -2px 0 var(--link); }
.site .name { font-weight: 650; color: var(--ink); text-decoration: none; }
"""

_PAPER = """
@media (forced-colors: active) { .badge { border-color: currentColor; } }
@media print {
  @page { margin: 16mm 14mm; }
  body { font-size: 10pt; } main { max-width: none; padding: 0; }
  h1, h2, h3 { break-after: avoid; } tr, figure, .note, .facts { break-inside: avoid; }
  .wide, pre, .log, .diff { overflow: visible; max-height: none; }
  .plot.plot { min-width: 0; max-width: 100%; }
  thead { display: table-header-group; } a { color: inherit; text-decoration: none; }
  tbody tr:hover { background: none; }
  .site nav, .filters, .pager, .skip, button { display: none; }
  .badge, .f-k0, rect, path { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

_PICTURES = "\n".join(
    (
        *(_of_pictures(one) for one in colours.PICTURE),
        *(
            f".least-{width} {{ min-width: {width}px; }}"
            for width in range(0, svg.WIDEST, svg.LEAST_STEP)
        ),
    )
)

STYLE = f"{_THEME}{_TEXT}{_TABLES}{_FIGURES}{_PICTURES}{_PARTS}{_of_tones()}{_PHONES}{_PAPER}"
"""The sheet as CSS, the same on every page; the board serves it as a file."""


def document(title: str, body: str, *, lang: str = "en", more: str = "") -> str:
    """A page that needs nothing else and loads nothing.

    Its own content security policy allows its style and no script, so whatever a name in it holds
    stays text even if an escape were forgotten.

    Args:
        title: Its title, as text.
        body: What stands in it, as HTML, with a heading of the first level.
        lang: Its language.
        more: Further CSS.
    """
    style = f"{STYLE}{more}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{svg.said(title)}</title>\n<style>{style}</style>\n</head>\n"
        f"<body>\n<main>\n{cards.labelled(body)}\n</main>\n</body>\n</html>\n"
    )
