"""`mainstem lab`, put together: the recorded campaign, ways of working, processes, and the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.engine.campaign import BATCH
from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question
from mainstem.executors.pool import mapper
from mainstem.lab import catalogue
from mainstem.lab.landscapes.recorded import recording
from mainstem.lab.log_text import parse
from mainstem.lab.organisation import team
from mainstem.lab.own_log import logged
from mainstem.lab.page import page
from mainstem.lab.recover import plain, recovered
from mainstem.lab.recovery_words import sentences
from mainstem.lab.replay import CAMPAIGNS, COSTLY, WORLDS, Entrant, Question, replay as play
from mainstem.lab.report import report
from mainstem.lab.scenarios.registry import SCENARIOS
from mainstem.lab.sensitivity import sensitivity
from mainstem.stats.sobol import NoIndicesError
from mainstem.wiring import replayed
from mainstem.wiring.lab_ledgers import passing_ledger
from mainstem.wiring.own_policies import own_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.lab.decisions_log import DecisionsLog
    from mainstem.lab.landscapes.recorded import Recording
    from mainstem.lab.policies.policy import Way
    from mainstem.wiring.project import Project

ASKS = 10
"""Into so many batches the reference's budget is cut, at least: each takes a fit of the engine."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a replay is asked for.

    Attributes:
        policies: Names of ways, or files; none for all that have a name.
        campaigns: Of every cheap way; the reference plays as many, but at most `COSTLY`.
        budget: Runs of a campaign; None: as many as were really spent.
        seed: Of all chance.
        processes: At once.
        assumptions: Size of the base sample of assumptions; 0: none are varied.
        html: Where the page is written; None for nowhere.
    """

    policies: Sequence[str] = ()
    campaigns: int = CAMPAIGNS
    budget: int | None = None
    seed: int = 0
    processes: int = 1
    assumptions: int = 0
    html: Path | None = None


def listed() -> dict[str, Any]:
    """The documented JSON of `mainstem lab`: what there is to play."""
    named = {catalogue.REFERENCE: catalogue.REFERENCE_DOES}
    named |= {name: one.does for name, one in catalogue.CHEAP.items()}
    return {
        "policies": [{"name": name, "does": does} for name, does in named.items()],
        "scenarios": [{"name": name, "paper": one.paper} for name, one in SCENARIOS.items()],
    }


def read_log(file: Path) -> dict[str, Any]:
    """The documented JSON of `mainstem lab --log`: what a log of decisions says of its keeper.

    Raises:
        ConfigurationError: It is no log; says every wrong line.
        UsageError: The file cannot be read.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"--log {file} cannot be read: {error.strerror}") from None
    return _recovered(parse(file.name, content))


def read_own(project: Project) -> dict[str, Any]:
    """The same of this ledger.

    Nobody's level is handed in: of few people, counts by level would say who vetoed.

    Raises:
        StoreError: The ledger cannot be read.
    """
    components = [component.name for component in project.stack.components]
    return _recovered(logged(project.ledger.entries(), components, {}))


def _recovered(log: DecisionsLog) -> dict[str, Any]:
    found = recovered(log)
    return {**plain(found), "said": sentences(found)}


def replay(project: Project, wanted: Wanted) -> dict[str, Any]:
    """The documented JSON of `mainstem lab --replay`, and its page.

    Raises:
        UsageError: There is no finished campaign to replay, no such policy, a policy's file is
            wrong, a number makes no sense, the page cannot be written, or SALib is missing.
    """
    _check(wanted)
    ways = _ways(wanted.policies)
    record = project.record()
    campaign = _campaign(project, record)
    with mapper(wanted.processes, load=catalogue.__name__) as apply:
        question = _question(_recording(project, record, campaign, wanted), ways, wanted)
        varied = None
        if wanted.assumptions:
            try:
                varied = sensitivity(
                    question.recording,
                    apply,
                    budget=question.budget,
                    seed=wanted.seed,
                    base=wanted.assumptions,
                )
            except (NoIndicesError, ValueError) as error:
                raise UsageError(f"--assumptions {wanted.assumptions}: {error}") from None
        played = play(question, apply)
    made = report(
        question, played, stack=project.stack.name, campaign=campaign.id, sensitivity=varied
    )
    if wanted.html is not None:
        _write(wanted.html, page(made))
    replayed.write(project.state, made, line=record.seq)
    return made


def _question(found: Recording, ways: Sequence[Way], wanted: Wanted) -> Question:
    """What is asked of a record: the reference and these ways."""
    budget = wanted.budget or max(1, round(found.spent))
    first = catalogue.reference(passing_ledger, batch=max(BATCH, -(-budget // ASKS)))
    costly = Entrant(way=first, campaigns=min(COSTLY, wanted.campaigns))
    return Question(
        recording=found,
        organisation=team(found.components),
        entrants=(costly, *(Entrant(way=way, campaigns=wanted.campaigns) for way in ways)),
        budget=budget,
        seed=wanted.seed,
    )


def _check(wanted: Wanted) -> None:
    """Numbers that make sense.

    Raises:
        UsageError: One does not.
    """
    if wanted.campaigns < 1:
        raise UsageError(f"--campaigns {wanted.campaigns}: give 1 or more")
    if wanted.budget is not None and wanted.budget < 1:
        raise UsageError(f"--budget {wanted.budget}: a campaign takes 1 run or more")
    if wanted.processes < 1:
        raise UsageError(f"-j {wanted.processes}: give 1 process or more")


def _ways(names: Sequence[str]) -> list[Way]:
    """The ways that are asked for, the reference aside.

    Raises:
        UsageError: There is no such policy, one comes twice, or a file is wrong.
    """
    if not names:
        return [one.make() for one in catalogue.CHEAP.values()]
    found: list[Way] = []
    for name in names:
        if name == catalogue.REFERENCE:
            continue  # it plays anyway
        if name in catalogue.CHEAP:
            found.append(catalogue.CHEAP[name].make())
        elif name.endswith(".py") or Path(name).is_file():
            found.append(own_policy(Path(name)))
        else:
            known = ", ".join((catalogue.REFERENCE, *catalogue.CHEAP))
            raise UsageError(
                f"--policy {name}: there is no such policy; there are {known}, or a .py file"
            )
    called = [catalogue.REFERENCE, *(way.name for way in found)]
    twice = next((name for name in called if called.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"two policies are called {twice}: ask for each once, under its own name")
    return found


def _campaign(project: Project, record: Record) -> CampaignRecord:
    """The last campaign that ended, if its settings are today's.

    Raises:
        UsageError: There is none.
    """
    if not record.campaigns:
        raise UsageError(
            "there is no campaign to replay yet: `mainstem propose` branches, then "
            "`mainstem integrate`"
        )
    ended = [campaign for campaign in record.campaigns.values() if campaign.ended]
    if not ended:
        last = list(record.campaigns.values())[-1]
        raise UsageError(
            f"no campaign has ended yet ({last.id} has {len(last.finished)} finished trials): "
            "`mainstem integrate` goes on with it"
        )
    if not same_question(project.stack, ended[-1]):
        raise UsageError(
            f"campaign {ended[-1].id} ran with other settings than mainstem.toml has now: "
            "`mainstem integrate` runs one with these"
        )
    return ended[-1]


def _recording(
    project: Project, record: Record, campaign: CampaignRecord, wanted: Wanted
) -> Recording:
    """What the campaign has left.

    Raises:
        UsageError: No run of its trunk succeeded, or nothing of it can be merged.
    """
    state = restore(project.stack, record, campaign)
    components = {str(p): one.components for p, one in record.proposals.items()}
    worlds = min(WORLDS, wanted.campaigns)
    found = recording(state.integrator, components, worlds=worlds, seed=wanted.seed)
    if found is None:
        raise UsageError(f"no run of the trunk of campaign {campaign.id} succeeded: no landscape")
    if not found.proposals:
        raise UsageError(f"campaign {campaign.id} has no proposal that can be merged")
    return found


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
