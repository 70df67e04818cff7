"""Every attack of the table gets the wanted answer, in time and memory."""

import pytest

from scripts.attacks.case import MOST_MEGABYTES, MOST_SECONDS, Case, Outcome, run
from scripts.attacks.table import CATEGORIES, attack, cases


@pytest.mark.parametrize("category", CATEGORIES)
def test_attacks_get_the_wanted_answer(category: str) -> None:
    outcomes = list(attack([category]))
    assert outcomes
    wrong = [
        (row.case.name, row.case.wanted, row.seen, row.seconds, row.megabytes) for row in outcomes if not row.holds
    ]
    assert wrong == []


def test_the_table_names_each_attack_once() -> None:
    names = [(case.category, case.name) for case in cases()]
    assert len(names) == len(set(names)) >= 250
    assert {category for category, _ in names} == set(CATEGORIES)


def test_an_attack_that_succeeds_hangs_or_grows_fails_the_table() -> None:
    def hang() -> str:
        while True:
            pass

    def grow() -> str:
        return f"refused {len(bytearray(b'x' * 600_000_000))}"

    def crash() -> str:
        raise ValueError("a traceback")

    assert run(Case("x", "held", "refused", lambda: "refused a.code")).holds
    assert not run(Case("x", "taken", "refused", lambda: "taken")).holds
    assert run(Case("x", "crash", "refused", crash)).seen.startswith("ValueError: a traceback")
    grown = run(Case("x", "grow", "refused", grow))
    assert grown.megabytes > MOST_MEGABYTES and not grown.holds
    stopped = run(Case("x", "hang", "refused", hang), 0.5)
    assert (stopped.seen, stopped.holds) == ("stopped", False)
    assert not Outcome(Case("x", "slow", "refused", hang), "refused", MOST_SECONDS + 1, 0).holds
