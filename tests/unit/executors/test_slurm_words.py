from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.stack import Resources
from mainstem.executors import slurm_words as words

NODES = """\
NodeName=n1 Arch=x86_64 CoresPerSocket=1  CPUAlloc=0 CPUEfctv=2 CPUTot=2 CPULoad=4.23 \
AvailableFeatures=old,avx ActiveFeatures=old Gres=(null) NodeAddr=127.0.0.1 \
OS=Linux 6.18.44 #1 SMP PREEMPT_DYNAMIC @0  RealMemory=4000 State=IDLE+DRAIN Partitions=main,short
NodeName=g[1] Arch=x86_64 CPUTot=64 Gres=gpu:a100:4(S:0-1),gpu:t4:1,shard:8 RealMemory=500000 \
State=MIXED Partitions=main  Reason=looks fine [root@2026-01-01T00:00:00]
"""

word = st.text(st.characters(blacklist_characters="|\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"))


def test_nodes_are_read_with_what_matters_of_them() -> None:
    """Features, models of accelerators without counts, sizes, whether jobs can run there."""
    drained, big = words.nodes(NODES)
    assert drained.sort == ("x86_64", "avx", "old")
    assert (drained.usable, drained.partitions) == (False, {"main", "short"})
    assert big.sort == ("x86_64", "gpu:a100", "gpu:t4", "shard")
    assert (big.usable, big.cpus, big.memory_mib, big.gpus) == (True, 64, 500000, 5)
    assert big.fits(Resources(gpus=5, cpus=64, memory_bytes=2**38))
    assert not big.fits(Resources(gpus=6))
    assert not big.fits(Resources(cpus=65))
    assert not drained.fits(Resources(memory_bytes=2**33))
    assert drained.fits(None)


def test_a_row_is_read_whatever_its_reason_holds() -> None:
    """The reason is last, so that a bar in it does no harm; other lines are passed over."""
    text = "12|3|PENDING||ab-1|(a|b)\nslurm_load_jobs error\n12|N/A|RUNNING|n1|x|None\n\n"
    (row,) = words.queue_rows(text)
    assert row == words.Row(
        array=12, index=3, state="PENDING", node="", comment="ab-1", reason="(a|b)"
    )
    assert row.words() == "job 12_3 PENDING ((a|b))"


@pytest.mark.parametrize("state", sorted(words.ENDED))
def test_these_states_are_the_end(state: str) -> None:
    """Each of them, and none besides."""
    assert not words.queue_rows(f"1|0|{state}|n1|b|None")[0].alive


@pytest.mark.parametrize("state", ["RUNNING", "COMPLETING", "SUSPENDED", "A_NEW_STATE_OF_2030"])
def test_a_state_that_is_not_known_is_alive(state: str) -> None:
    """A job is given up only where the scheduler says so in a word that we know."""
    assert words.queue_rows(f"1|0|{state}|n1|b|None")[0].alive


def test_only_a_waiting_job_can_be_hopeless() -> None:
    """The reason stays at a job that runs by now."""
    waiting, running = words.queue_rows(
        "1|0|PENDING||b|(PartitionTimeLimit)\n1|1|RUNNING|n1|b|PartitionTimeLimit"
    )
    assert (waiting.hopeless, running.hopeless) == (True, False)
    assert not words.queue_rows("1|0|PENDING||b|Resources")[0].hopeless


@pytest.mark.fuzz
@given(st.integers(0, 10**9), st.integers(0, 10**6), word, word, word)
def test_rows_come_back_as_they_went(
    array: int, index: int, node: str, comment: str, reason: str
) -> None:
    """Whatever a site writes into its fields."""
    rows = words.queue_rows(f"{array}|{index}|RUNNING|{node}|{comment}|{reason}")
    assert [(row.array, row.index, row.comment) for row in rows] == [(array, index, comment)]
    assert rows[0].alive
    assert isinstance(rows[0].words(), str)


@pytest.mark.fuzz
@given(st.text())
def test_no_output_is_an_error(text: str) -> None:
    """Not of any command, however broken."""
    assert isinstance(words.queue_rows(text), list)
    assert isinstance(words.nodes(text), list)
    assert isinstance(words.last_word(text), str)
    assert words.last_word(text)
    assert isinstance(words.is_transient(text), bool)
    number = words.job_number(text)
    assert number is None or number >= 0


@pytest.mark.fuzz
@given(st.text(alphabet="NodeName=GresAvlbuFt:,()[]0123456789 \n", max_size=200))
def test_no_node_is_an_error(text: str) -> None:
    """Brackets that do not match, counts without names."""
    for node in words.nodes(f"NodeName=x {text}"):
        assert node.gpus >= 0


@pytest.mark.parametrize(
    ("text", "number"),
    [("17\n", 17), ("17;cluster\n", 17), ("Welcome!\n17\n", 17), ("", None), ("no\n", None)],
)
def test_the_number_of_a_job(text: str, number: int | None) -> None:
    """With a cluster's name behind it, and with what a site prints before it."""
    assert words.job_number(text) == number


@pytest.mark.parametrize(
    ("said", "later"),
    [
        ("Batch job submission failed: Socket timed out on send/recv operation", True),
        ("Unable to contact slurm controller (connect failure)", True),
        ("Batch job submission failed: Requested node configuration is not available", False),
        ("invalid partition specified: foo", False),
        ("Invalid account or account/partition combination specified", False),
    ],
)
def test_what_may_be_taken_later(said: str, *, later: bool) -> None:
    """A controller that is busy or away; not a request that is wrong."""
    assert words.is_transient(said) is later


def test_what_a_command_said_is_one_line() -> None:
    """Without its name, without repeats."""
    said = "sbatch: error: no\nsbatch: error: no\nallocation failure: never\n"
    assert words.last_word(said) == "no; allocation failure: never"
    assert words.last_word(" \n") == "it said nothing"


@given(st.floats(0.0, 1e9))
def test_a_time_limit_is_never_shorter_than_asked(seconds: float) -> None:
    """Whole minutes, less than one too many, and never none."""
    assert max(seconds, 1e-9) <= 60 * words.minutes(seconds) < seconds + 120


@given(st.integers(1, 2**60))
def test_a_size_is_never_smaller_than_asked(count: int) -> None:
    """Whole MiB, less than one too many."""
    assert count <= words.mebibytes(count) * 2**20 < count + 2**20


@given(st.sets(st.integers(0, 60)))
def test_indices_name_exactly_these(numbers: set[int]) -> None:
    """Read back by the rules of SLURM's manual."""
    found: set[int] = set()
    for part in filter(None, words.indices(numbers).split(",")):
        low, _, high = part.partition("-")
        found |= set(range(int(low), int(high or low) + 1))
    assert found == numbers


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--partition=a,b"], {"a", "b"}),
        (["--partition", "a"], {"a"}),
        (["-p", "a"], {"a"}),
        (["-pa"], {"a"}),
        (["--partition=a", "--partition=b"], {"b"}),
        (["--qos=p"], set()),
    ],
)
def test_the_partitions_that_options_name(options: list[str], named: set[str]) -> None:
    """The last one wins, as with sbatch."""
    assert words.partitions_in(options) == named
