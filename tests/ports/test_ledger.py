"""The port `Ledger`: one suite for every adapter.

An adapter's class gives two fixtures: `open_ledger`, which opens the same store at every call, and
`opener`, Python code that does so in another process and leaves the ledger in the name `ledger`.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.chain import GENESIS
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mainstem.engine.ports import Ledger
    from postgres_server import Server


class OpenLedger(Protocol):
    """How a test opens the store."""

    def __call__(self) -> Ledger:
        """Opens it; a test may have it open several times."""
        ...


class TickingClock:
    """Every look is a millisecond later."""

    def __init__(self) -> None:
        self.looks = 0

    def now(self) -> str:
        """A time of 2024."""
        self.looks += 1
        return f"2024-01-02T03:04:05.{self.looks % 1000:03d}Z"

    def monotonic_s(self) -> float:
        """Milliseconds by looks."""
        return self.looks / 1000.0


texts = st.text(st.characters(), max_size=20)  # lone surrogates and NUL included
bodies = st.dictionaries(
    texts,
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
kinds = st.sampled_from(["trial-finished", "verdict", "x"])

APPENDING = """
import sys
for number in range(int(sys.argv[2])):
    first, second = ledger.append([("x", {"by": sys.argv[1], "n": number}), ("y", {})])
    print(second.seq, flush=True)
"""


RACING = """
import sys
wins, last = 0, 0
while last < int(sys.argv[1]):
    wins += ledger.append_if_last(last, [("x", {"on": last})]) is not None
    last = max(entry.seq for entry in ledger.entries())
print(wins)
"""


def worker(opener: str, name: str, times: int) -> subprocess.Popen[str]:
    """A process that appends two lines at a time and prints the number of each second one."""
    return subprocess.Popen(
        [sys.executable, "-c", opener + APPENDING, name, str(times)],
        stdout=subprocess.PIPE,
        text=True,
    )


class LedgerSuite:
    """What every adapter promises."""

    @pytest.fixture
    def ledger(self, open_ledger: OpenLedger) -> Iterator[Ledger]:
        """The ledger, open."""
        ledger = open_ledger()
        yield ledger
        ledger.close()

    def test_what_is_appended_is_read_back(self, ledger: Ledger) -> None:
        """Entries come back in order with the content that append returned, numbered from 1."""
        first = ledger.append([("a", {"x": 1.0, "y": [None, True, "ü"]}), ("b", {})])
        second = ledger.append([("a", {"x": 2})])
        assert [entry.seq for entry in first + second] == [1, 2, 3]
        assert list(ledger.entries()) == first + second
        assert first[0].body == {"x": 1.0, "y": [None, True, "ü"]}

    def test_an_empty_append_writes_nothing(self, ledger: Ledger) -> None:
        """No records, no line."""
        assert ledger.append([]) == []
        assert list(ledger.entries()) == []
        assert ledger.verify() == []

    def test_kinds_and_after_select(self, ledger: Ledger) -> None:
        """Reading can start anywhere and be limited to some kinds; no kinds are no lines."""
        ledger.append([("a", {"n": 1}), ("b", {"n": 2}), ("c", {"n": 3}), ("a", {"n": 4})])

        def read(**how: Any) -> list[int]:
            return [entry.body["n"] for entry in ledger.entries(**how)]

        assert read(kinds=["a"]) == [1, 4]
        assert read(kinds=["c", "a"]) == [1, 3, 4]
        assert read(after=2) == [3, 4]
        assert read(kinds=["a"], after=1) == [4]
        assert read(kinds=[]) == []
        assert read(after=99) == []

    def test_the_latest_come_first_and_are_searched(self, ledger: Ledger) -> None:
        """By number, kind and text: of a kind, of a name, of a value, of a piece of JSON."""
        said = ["Rope wins", 'a "quoted" word', "two\nlines", "\ud800", "Größe", "100%_", "nul\0"]
        ledger.append([("note", {"text": text, "n": n}) for n, text in enumerate(said)])
        ledger.append([("trial-finished", {"n": 7}), ("veto", {"n": 8, "rope": None})])
        every = list(ledger.entries())

        def read(most: int = 99, **how: Any) -> list[int]:
            found = ledger.latest(most=most, **how)
            assert [entry for entry in every if entry in found] == found[::-1]
            return [entry.body["n"] for entry in found]

        assert read() == [8, 7, 6, 5, 4, 3, 2, 1, 0]
        assert read(most=2) == [8, 7]
        assert read(before=3) == [1, 0]
        assert read(before=1) == []
        assert read(kinds=["note"], most=1) == [6]
        assert read(kinds=["veto", "trial-finished"], before=9) == [7]
        assert read(kinds=[]) == []
        assert read(text="ROPE") == [8, 0]
        assert read(text="rope", kinds=["note"]) == [0]
        assert read(text="Finished") == [7]
        for n, text in enumerate(said):
            assert read(text=text) == [n]
        assert read(text="größe") == [4]
        assert read(text="GRÖSSE") == []
        assert read(text='"n":7') == [7]
        assert read(text="%") == [5]
        assert read(text="nowhere") == []

    def test_the_end_is_the_last_line(self, ledger: Ledger) -> None:
        """Its number and hash; before the first line, what that one's hash is made over."""
        assert ledger.end() == (0, GENESIS)
        last = ledger.append([("a", {}), ("b", {"n": 1})])[-1]
        assert ledger.end() == (last.seq, last.hash) == (2, last.hash)

    def test_a_bad_record_leaves_nothing_of_its_batch(self, ledger: Ledger) -> None:
        """All records of an append or none: a NaN or a bad kind refuses the whole batch."""
        for bad in (("b", {"x": float("nan")}), ("b", {"x": object()}), ("B b\n", {})):
            with pytest.raises(ValueError, match="ledger entry"):
                ledger.append([("a", {}), bad])
        assert list(ledger.entries()) == []
        ledger.append([("a", {})])
        assert ledger.verify() == []

    def test_a_reopened_ledger_goes_on(self, open_ledger: OpenLedger) -> None:
        """Closing, also twice, loses nothing, and the chain goes on behind the last line."""
        ledger = open_ledger()
        ledger.append([("a", {"n": 1})])
        ledger.close()
        ledger.close()
        again = open_ledger()
        again.append([("a", {"n": 2})])
        assert [entry.body["n"] for entry in again.entries()] == [1, 2]
        assert again.verify() == []
        again.close()

    def test_reading_holds_while_others_write(
        self, ledger: Ledger, open_ledger: OpenLedger
    ) -> None:
        """A reader in mid-way neither blocks writers nor sees lines that came after it began."""
        ledger.append([("a", {"n": n}) for n in range(2500)])
        reading = ledger.entries()
        seen = [next(reading)]
        other = open_ledger()
        other.append([("a", {"n": "late"})])
        ledger.append([("a", {"n": "later"})])
        seen += list(reading)
        assert [entry.body["n"] for entry in seen] == list(range(2500))
        assert [entry.body["n"] for entry in other.entries(after=2500)] == ["late", "later"]
        other.close()

    def test_an_append_on_a_line_that_is_not_the_last_writes_nothing(
        self, ledger: Ledger, open_ledger: OpenLedger
    ) -> None:
        """Compare and append: whoever decided on fewer lines than there are is told so."""
        first = ledger.append_if_last(0, [("a", {"n": 1}), ("a", {"n": 2})])
        assert first is not None
        assert [entry.seq for entry in first] == [1, 2]
        other = open_ledger()
        other.append([("a", {"n": 3})])
        other.close()
        for last in (0, 1, 2, 4):
            assert ledger.append_if_last(last, [("a", {"n": 4})]) is None
        assert [entry.body["n"] for entry in ledger.entries()] == [1, 2, 3]
        assert ledger.append_if_last(3, [("a", {"n": 4})]) == list(ledger.entries(after=3))
        assert ledger.append_if_last(0, []) == []
        assert ledger.verify() == []

    def test_of_many_that_append_on_one_line_one_does(
        self, opener: str, open_ledger: OpenLedger
    ) -> None:
        """Four processes race for each of thirty lines: every line was won once."""
        command = [sys.executable, "-c", opener + RACING, "30"]
        racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        wins = [int(racer.communicate()[0]) for racer in racers]
        assert [racer.returncode for racer in racers] == [0] * 4
        assert sum(wins) == 30
        ledger = open_ledger()
        assert [entry.body["on"] for entry in ledger.entries()] == list(range(30))
        assert ledger.verify() == []
        ledger.close()

    def test_many_processes_append_at_once(self, opener: str, open_ledger: OpenLedger) -> None:
        """Four processes that open a new store together and write lose no line; the chain holds."""
        workers = [worker(opener, f"w{i}", 20) for i in range(4)]
        for process in workers:
            process.communicate()
        assert [process.returncode for process in workers] == [0] * 4
        ledger = open_ledger()
        assert ledger.verify() == []
        entries = list(ledger.entries())
        assert [entry.seq for entry in entries] == list(range(1, 161))
        assert [entry.kind for entry in entries] == ["x", "y"] * 80  # no batch is torn apart
        for i in range(4):
            mine = [e.body["n"] for e in entries if e.body.get("by") == f"w{i}"]
            assert mine == list(range(20))
        ledger.close()

    def test_a_kill_leaves_a_whole_chain(self, opener: str, open_ledger: OpenLedger) -> None:
        """Killed at random moments: what was acknowledged is there, and no half of a batch."""
        generator = random.Random(7)
        for _ in range(6):
            process = worker(opener, "killed", 10**6)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(generator.uniform(0.0, 0.05))
            process.send_signal(signal.SIGKILL)
            acknowledged = process.communicate()[0].split("\n")[:-1]
            ledger = open_ledger()
            assert ledger.verify() == []
            entries = list(ledger.entries())
            assert [entry.kind for entry in entries] == ["x", "y"] * (len(entries) // 2)
            assert len(entries) >= max([int(line) for line in acknowledged], default=2)
            ledger.close()

    # Each adapter's class calls this one function; examples are derandomised, so none is replayed.
    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
    )
    @given(batch=st.lists(st.tuples(kinds, bodies), min_size=1, max_size=3))
    def test_any_json_is_kept(
        self, ledger: Ledger, batch: list[tuple[str, dict[str, Any]]]
    ) -> None:
        """Whatever JSON a trial reports is stored, read back as written, and verified."""
        written = ledger.append(batch)
        assert list(ledger.entries(after=written[0].seq - 1)) == written
        for entry, (kind, body) in zip(written, batch, strict=True):
            assert (entry.kind, entry.body) == (kind, json.loads(json.dumps(body)))
        assert ledger.verify() == []


OPENER = """
from pathlib import Path
from mainstem.ledger.on_sqlite import SqliteLedger
class Clock:
    def now(self): return "2024-01-02T03:04:05.000Z"
    def monotonic_s(self): return 0.0
ledger = SqliteLedger(Path({path!r}), Clock())
"""


class TestSqliteLedger(LedgerSuite):
    """The adapter on one SQLite file."""

    @pytest.fixture
    def open_ledger(self, tmp_path: Path) -> Callable[[], Ledger]:
        """Opens the same file at every call."""
        clock = TickingClock()
        return lambda: SqliteLedger(tmp_path / "ledger.sqlite", clock)

    @pytest.fixture
    def opener(self, tmp_path: Path) -> str:
        """Opens the same file in another process."""
        return OPENER.format(path=str(tmp_path / "ledger.sqlite"))


POSTGRES_OPENER = """
from mainstem.ledger.addresses import parse
from mainstem.ledger.on_postgres import PostgresLedger
class Clock:
    def now(self): return "2024-01-02T03:04:05.000Z"
    def monotonic_s(self): return 0.0
ledger = PostgresLedger(parse({address!r}), Clock())
"""


class TestPostgresLedger(LedgerSuite):
    """The adapter on a PostgreSQL database."""

    @pytest.fixture
    def open_ledger(self, postgres_server: Server, database: str) -> Callable[[], Ledger]:
        """Opens the same schema at every call."""
        clock = TickingClock()
        address = parse(postgres_server.address(database))
        assert isinstance(address, PostgresAddress)
        return lambda: PostgresLedger(address, clock)

    @pytest.fixture
    def opener(self, postgres_server: Server, database: str) -> str:
        """Opens the same schema in another process."""
        return POSTGRES_OPENER.format(address=postgres_server.address(database))
