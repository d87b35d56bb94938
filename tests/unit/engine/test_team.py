"""Several workers as threads on one store in PostgreSQL; trees and trials are simulated."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.decisions.shares import Claims
from mainstem.domain.errors import StoreError, TrunkFailedError
from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import Rung
from mainstem.engine import record as records
from mainstem.engine.campaign import integrate
from mainstem.engine.check import check
from mainstem.engine.overriding import override
from mainstem.engine.ports import Worker
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views import verdicts
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.leases import PostgresLeases
from mainstem.ledger.on_postgres import PostgresLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conftest import Arithmetic, World
    from mainstem.domain.proposal import Proposal
    from mainstem.engine.record import Record
    from mainstem.engine.turns import ClaimsOf
    from mainstem.engine.workshop import Workshop
    from postgres_server import Server

PROPOSALS = ("muon", "rope", "noise", "bad", "wide", "old")


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


class LeavesError(Exception):
    """A worker left."""


class Leaves:
    """A listener with which a worker leaves as soon as it has come."""

    def opened(self, campaign: Any, integrator: Any, *, resumed: bool) -> None:
        """It has joined the campaign."""
        del campaign, integrator, resumed
        raise LeavesError


class Deaf:
    """A listener that hears nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@dataclass
class Together:
    """A world whose ledger is in PostgreSQL, and workers in it.

    Attributes:
        world: Trees, stack and outcomes.
        address: The store's.
        arithmetic: Makes executors.
        errors: What ended workers that did not end well.
        claims_of: Says whose proposals are; None where compute is not shared out.
    """

    world: World
    address: PostgresAddress
    arithmetic: type[Arithmetic]
    errors: list[Exception] = field(default_factory=list)
    claims_of: ClaimsOf | None = None

    def ledger(self) -> PostgresLedger:
        """A fresh handle on the ledger."""
        return PostgresLedger(self.address, StillClock())

    def propose(self, *ids: str) -> None:
        """Takes proposals in."""
        ledger = self.ledger()
        branches = [Branch(id=p, name=p, commit=p, base="b", components=()) for p in ids]  # type: ignore[arg-type]  # any text is a commit here
        record = fold(ledger.entries())
        propose(ledger, self.world.trees, record, branches, trunk=self.world.trunk, claim="")
        ledger.close()

    def work(
        self,
        pid: int,
        *,
        budget: int | None,
        slots: int = 2,
        trees: Any = None,
        listener: Any = None,
    ) -> None:
        """One worker, until it ends; an error is kept."""
        ledger = self.ledger()
        executor = self.arithmetic(self.world.outcome, slots=slots, at_rung=self.world.at_rung)
        me = Worker(host="h", pid=pid, slots=slots, folder="/f", since="")
        try:
            with PostgresLeases(self.address, me, lease_s=60.0) as leases:
                shop = replace(
                    self.world.shop(executor, ledger),  # type: ignore[arg-type]  # another adapter of the same port
                    leases=leases,
                    claims_of=self.claims_of,
                )
                if trees is not None:
                    shop = replace(shop, trees=trees)
                integrate(shop, budget=budget, seed=0, batch=4, listener=listener or Deaf())
        except Exception as error:  # noqa: BLE001  # the test looks at it
            self.errors.append(error)
        finally:
            ledger.close()

    def start(self, count: int, **how: Any) -> list[threading.Thread]:
        """So many workers at once."""
        threads = [
            threading.Thread(target=self.work, args=(pid,), kwargs=how, daemon=True)
            for pid in range(1, count + 1)
        ]
        for thread in threads:
            thread.start()
        return threads

    def end(self, threads: Sequence[threading.Thread]) -> None:
        """Waits for workers, which have to end well."""
        for thread in threads:
            thread.join(120.0)
        assert not any(thread.is_alive() for thread in threads)
        assert self.errors == []

    def lines(self) -> list[Any]:
        """Every line."""
        ledger = self.ledger()
        found = list(ledger.entries())
        assert ledger.verify() == []
        ledger.close()
        return found

    def record(self) -> Record:
        """The ledger, folded."""
        return fold(iter(self.lines()))


@pytest.fixture
def make_together(
    make: Callable[..., World], postgres_server: Server, database: str
) -> Callable[..., Together]:
    """Worlds with a store in PostgreSQL."""

    def build(claims_of: ClaimsOf | None = None, **how: Any) -> Together:
        address = parse(postgres_server.address(database))
        assert isinstance(address, PostgresAddress)
        world = make("together", **how)
        executor: Any = type(world).integrate.__globals__["Arithmetic"]
        return Together(world=world, address=address, arithmetic=executor, claims_of=claims_of)

    return build


def asks(record: Record) -> list[tuple[str, tuple[str, ...], int, str, bool]]:
    """Everything that was asked, in order."""
    [campaign] = record.campaigns.values()
    return [
        (a.name, tuple(sorted(a.trial.recipe)), a.trial.seed, a.trial.purpose, a.tree is None)
        for a in campaign.asked()
    ]


def decided(together: Together, record: Record) -> dict[str, str]:
    """The verdicts as they stand."""
    [campaign] = record.campaigns.values()
    state = restore(together.world.stack, record, campaign)
    return {p: str(v.kind) for p, v in verdicts(record, state).items()}


def jittery(outcome: Callable[..., Any], seed: int) -> Callable[..., Any]:
    """Outcomes that take a random time, so that workers come to stand in any order."""
    rng = random.Random(seed)

    def later(content: frozenset[str], trial_seed: int) -> Any:
        time.sleep(rng.uniform(0.0, 0.03))
        return outcome(content, trial_seed)

    return later


@pytest.mark.parametrize(("count", "seed"), [(2, 1), (3, 2), (5, 3)])
def test_workers_that_come_at_once_take_the_course_of_one(
    make_together: Callable[..., Together], make: Callable[..., World], count: int, seed: int
) -> None:
    """Whatever the order of things: asks, results and verdicts of one process, each once."""
    hidden = [frozenset({"muon", "noise"})]
    calm = make("calm")
    calm.trees.hidden = hidden
    calm.propose(*PROPOSALS)
    expected = calm.integrate(budget=40)
    together = make_together()
    together.world.trees.hidden = hidden
    together.world.outcome = jittery(together.world.outcome, seed)
    together.propose(*PROPOSALS)
    together.end(together.start(count, budget=40))
    lines = together.lines()
    record = fold(iter(lines))
    assert asks(record) == asks(expected.record)
    [campaign] = record.campaigns.values()
    assert {k: v.values for k, v in campaign.finished.items()} == {
        k: v.values for k, v in expected.campaign.finished.items()
    }
    assert decided(together, record) == expected.verdicts()
    assert {p: v["kind"] for p, v in campaign.verdicts.items()} == expected.verdicts()
    kinds = Counter(line.kind for line in lines)
    assert kinds["campaign-opened"] == kinds["campaign-ended"] == 1
    assert kinds["verdict"] == len(PROPOSALS)
    assert kinds["trial-finished"] == len(campaign.finished)
    assert kinds["trial-late"] == 0


def halved(content: frozenset[str], seed: int, rung: str) -> dict[str, float]:
    """At the small rung half of every effect shows, and each recipe has its own noise."""
    effects = {"muon": 0.3, "rope": 0.2, "bad": -0.4}
    noise = np.random.default_rng([seed, len(rung), *"".join(sorted(content)).encode()])
    gain = sum(effects[p] for p in content) * (0.5 if rung == "small" else 1.0)
    return {"loss": 2.0 - gain + noise.normal(0.0, 0.02), "params": 1000.0}


def test_workers_over_rungs_take_the_course_of_one(
    make_together: Callable[..., Together], make: Callable[..., World]
) -> None:
    """The same recipes, seeds and rungs are asked for, and each trial runs at its own rung."""
    rungs = (Rung(name="small"), Rung(name="large", cost=8.0))
    calm, together = make("calm"), make_together()
    for world in (calm, together.world):
        world.stack = replace(world.stack, rungs=rungs)
        world.at_rung = halved
    calm.propose("muon", "bad")
    expected = calm.integrate(budget=12)
    together.propose("muon", "bad")
    together.end(together.start(3, budget=12))
    record = together.record()
    [campaign] = record.campaigns.values()
    asked = [a.trial for a in campaign.asked()]
    assert asked == [a.trial for a in expected.campaign.asked()]
    assert {trial.rung for trial in asked} == {"small", "large"}
    assert {k: v.values for k, v in campaign.finished.items()} == {
        k: v.values for k, v in expected.campaign.finished.items()
    }
    assert (campaign.spent, campaign.left) == (expected.campaign.spent, expected.campaign.left)


def of_two(proposals: Sequence[Proposal]) -> Claims:
    """Muon is one owner's, all others are another's."""
    owners = [{int(p.id != "muon"): 1.0} for p in proposals]
    return Claims(owners=owners, weights={}, least_line=1)


@pytest.mark.parametrize(("count", "seed"), [(2, 4), (4, 5)])
def test_workers_take_turns_as_one_does(
    make_together: Callable[..., Together], make: Callable[..., World], count: int, seed: int
) -> None:
    """Who waits enters once, whoever of the workers ends the turn: the course is that of one."""
    calm = make("calm")
    plain = calm.shop
    calm.shop = lambda *doors: replace(plain(*doors), claims_of=of_two)  # type: ignore[method-assign]  # this world's
    calm.propose(*PROPOSALS)
    expected = calm.integrate(budget=60)
    together = make_together(claims_of=of_two)
    together.world.outcome = jittery(together.world.outcome, seed)
    together.propose(*PROPOSALS)
    together.end(together.start(count, budget=60))
    lines = together.lines()
    record = fold(iter(lines))
    joined = [line.body["proposals"] for line in lines if line.kind == records.CAMPAIGN_JOINED]
    assert joined == [["noise", "bad", "wide", "old"]]
    assert asks(record) == asks(expected.record)
    assert decided(together, record) == expected.verdicts()


def test_connections_that_are_cut_all_the_time_change_nothing(
    make_together: Callable[..., Together],
    make: Callable[..., World],
    postgres_server: Server,
    database: str,
) -> None:
    """Whatever a worker is about when its connection goes: the course is that of one process."""
    calm = make("calm")
    calm.propose(*PROPOSALS[:4])
    expected = calm.integrate(budget=24)
    together = make_together()
    together.world.outcome = jittery(together.world.outcome, 4)
    together.propose(*PROPOSALS[:4])
    workers = together.start(3, budget=24)
    cuts = 0
    while any(worker.is_alive() for worker in workers):
        [(cut,)] = postgres_server.sql(
            """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()""",
            database=database,
        )
        cuts += cut
        time.sleep(0.1)
    together.end(workers)
    assert cuts > 10
    record = together.record()
    assert asks(record) == asks(expected.record)
    assert decided(together, record) == expected.verdicts()
    kinds = Counter(line.kind for line in together.lines())
    assert kinds["campaign-opened"] == kinds["campaign-ended"] == 1
    assert kinds["trial-finished"] == len(expected.campaign.finished)
    assert kinds["verdict"] == 4


def test_who_joins_with_a_newcomer_takes_the_others_along(
    make_together: Callable[..., Together],
) -> None:
    """A worker under way goes on with what another brought, though that one left at once."""
    together = make_together()
    together.propose("muon", "bad")
    outcome, joined, started = together.world.outcome, threading.Event(), threading.Event()

    def waits(content: frozenset[str], seed: int) -> Any:
        started.set()
        assert joined.wait(60.0)
        return outcome(content, seed)

    together.world.outcome = waits
    first = together.start(1, budget=8)
    assert started.wait(60.0)
    together.propose("rope")
    together.work(2, budget=40, listener=Leaves())
    assert [type(error) for error in together.errors] == [LeavesError]
    together.errors.clear()
    joined.set()
    together.end(first)
    record = together.record()
    [campaign] = record.campaigns.values()
    assert campaign.budget == 40
    assert len(campaign.finished) > 8
    assert {str(p): v["kind"] for p, v in campaign.verdicts.items()} == {
        "muon": "merge", "rope": "merge", "bad": "shelve",
    }  # fmt: skip  # a line of verdicts


def test_a_veto_reaches_every_worker_from_the_next_batch_on(
    make_together: Callable[..., Together],
) -> None:
    """No batch that is written down after it holds the proposal, whoever asks."""
    together = make_together()
    together.propose("muon", "rope", "bad")
    outcome, ran, vetoed = together.world.outcome, threading.Semaphore(0), threading.Event()

    def notes(content: frozenset[str], seed: int) -> Any:
        ran.release()
        assert len(together.record().campaigns["c1"].batches) < 3 or vetoed.wait(60.0)
        return outcome(content, seed)

    together.world.outcome = notes
    workers = together.start(3, budget=60)
    for _ in range(6):
        assert ran.acquire(timeout=60.0)
    ledger = together.ledger()
    override(
        ledger,
        fold(ledger.entries()),
        "rope",
        OverrideKind.VETO,
        reason="so it is",
        by="token",
        price=lambda *_: None,
    )
    ledger.close()
    vetoed.set()
    together.end(workers)
    lines = together.lines()
    [said] = (line.seq for line in lines if line.kind == records.OVERRIDE)
    after = [line.body for line in lines if line.kind == records.BATCH_ASKED and line.seq > said]
    assert after
    assert not any("rope" in row["recipe"] for body in after for row in body["trials"])
    assert decided(together, together.record())["rope"] == "shelve"


def test_a_trunk_that_does_not_run_stops_every_worker(
    make_together: Callable[..., Together],
) -> None:
    """Each says so, nothing is counted, and no lease is left for the next ones to wait for."""
    together = make_together()
    together.propose("muon")
    good = together.world.outcome
    together.world.outcome = lambda content, seed: "boom" if not content else good(content, seed)
    for thread in together.start(2, budget=20):
        thread.join(60.0)
    assert [type(error) for error in together.errors] == [TrunkFailedError] * 2
    together.errors.clear()
    together.world.outcome = good
    together.end(together.start(2, budget=20))
    assert decided(together, together.record())["muon"] == "merge"


def test_another_git_is_noticed_before_a_trial_runs(
    make_together: Callable[..., Together],
) -> None:
    """A worker whose git makes another tree of the same recipe stops; the others go on."""
    together = make_together()
    together.propose("muon", "bad")
    trees = together.world.trees

    class Other:
        """Trees of another version of git."""

        def __getattr__(self, name: str) -> Any:
            return getattr(trees, name)

        def trees(self, root: Any, recipes: Any) -> Any:
            return [TreeId("f" * 40) if m else trees.tree(root, m) for m in recipes]

    outcome = together.world.outcome
    going = threading.Event()

    def waits(content: frozenset[str], seed: int) -> Any:
        assert going.wait(60.0)
        return outcome(content, seed)

    together.world.outcome = waits
    first = together.start(1, budget=12, slots=1)
    while not any(line.kind == records.BATCH_ASKED for line in together.lines()):
        time.sleep(0.01)
    second = threading.Thread(
        target=together.work, args=(2,), kwargs={"budget": 12, "trees": Other(), "slots": 4}
    )
    second.start()
    time.sleep(0.2)
    going.set()
    second.join(60.0)
    [error] = together.errors
    assert isinstance(error, StoreError)
    assert "git merges its recipe otherwise" in str(error)
    together.errors.clear()
    together.end(first)
    [campaign] = together.record().campaigns.values()
    assert campaign.ended


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, make_together: Callable[..., Together], make: Callable[..., Any]
) -> Any:
    """A world on either store."""
    return make_together() if request.param == "postgresql" else make()


def test_proposals_filed_at_the_same_moment_get_places_of_their_own(store: Any) -> None:
    """Another command takes a branch in between look and line: the order has no tie."""
    trees = getattr(store, "world", store).trees
    pin, nested = trees.pin, [True]

    def pins(root: Any, members: Any) -> None:
        if nested:
            nested.clear()
            store.propose("rope")
        pin(root, members)

    trees.pin = pins
    store.propose("muon", "bad")
    ledger = store.ledger()
    record = fold(ledger.entries())
    ledger.close()
    orders = {str(p.id): p.order for p in record.proposals.values()}
    assert orders == {"rope": 1, "muon": 2, "bad": 3}


@pytest.mark.parametrize("same", [True, False])
def test_checks_that_overlap_count_once(store: Any, *, same: bool) -> None:
    """Both ran the same seeds: one of them is recorded. With other settings both are."""
    world = getattr(store, "world", store)
    executors = type(world).integrate.__globals__["Arithmetic"]

    def shop(ledger: Any) -> Workshop:
        found: Workshop = world.shop(executors(world.outcome), ledger)
        return found

    ledgers = [store.ledger(), store.ledger()]
    outer = shop(ledgers[0])
    inner = shop(ledgers[1])
    if not same:
        inner = replace(inner, stack=replace(inner.stack, timeout_s=1.0))
    nested = [True]

    def finished(done: int, of: int) -> None:
        if nested and done < of:
            nested.clear()
            check(inner, runs=3)

    report = check(outer, runs=3, finished=finished)
    checks = fold(ledgers[0].entries()).checks
    assert len(checks) == (1 if same else 2)
    assert [t["seed"] for t in checks[0]["trials"]] == [t["seed"] for t in report["trials"]]
    for ledger in ledgers:
        ledger.close()
