"""The effects journal: claims, captures, secrets, limits."""

from hypothesis import assume, given
from hypothesis import strategies as st

from interlock.contract.envelope import Effect
from interlock.sdk.journal import Journal, canonical, is_digest
from interlock.sdk.redact import PLACEHOLDER, Redactor

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from("abc"), JSON), max_size=12))
def test_equal_reads_are_claimed_one_by_one_in_order(calls: list[tuple[str, object]]) -> None:
    """A dry run that asks the same gets the same, without a single call."""
    first = Journal(Redactor())
    answers = [first.read("catalog", "get", {"q": key}, lambda value=value: value) for key, value in calls]
    dry = Journal(Redactor(), dry=True, recorded=first.effects)
    again = [dry.read("catalog", "get", {"q": key}, lambda: 1 / 0) for key, _ in calls]
    # Lone surrogates can't be recorded; all else comes back as it was.
    assert [canonical(value) for value in again] == [canonical(first.redactor.data(value)) for value in answers]
    assert not any(effect.performed for effect in dry.effects)


def test_a_read_that_was_not_recorded_is_done() -> None:
    dry = Journal(Redactor(), dry=True)
    assert dry.read("state", "get", {"key": "k"}, lambda: 5) == 5


def test_a_dry_write_is_captured() -> None:
    dry = Journal(Redactor(), dry=True)
    assert dry.write("state", "put", {"key": "k"}, lambda: 1 / 0, "captured") == "captured"
    assert [effect.performed for effect in dry.effects] == [False]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6, max_size=30))
def test_a_secret_is_in_no_later_effect(value: str) -> None:
    journal = Journal(Redactor())
    journal.secret("s", lambda: value)
    journal.write("http", "POST", {"detail": {"x": f"<{value}>"}}, lambda: [value])
    effect = journal.effects[1]
    # A secret that is a word of the request's own form takes that word with it.
    assume(value not in "detail")
    assert effect.request == {"detail": {"x": f"<{PLACEHOLDER}>"}} or value in PLACEHOLDER
    assert journal.effects[0].result == PLACEHOLDER


@given(st.lists(st.integers(0, 5000), max_size=40))
def test_the_journal_stays_within_its_limit(sizes: list[int]) -> None:
    journal = Journal(Redactor(), limit=4000)
    for size in sizes:
        assert len(str(journal.read("http", "GET", {"u": 1}, lambda size=size: "x" * size))) == size
    stored = sum(len(str(effect.result)) for effect in journal.effects if not is_digest(effect.result))
    assert stored <= 4000 + 160 * len(sizes)


def test_a_recorded_error_is_raised_again() -> None:
    recorded = Effect(seq=0, kind="http", op="GET", request={}, error="Unavailable: no answer")
    dry = Journal(Redactor(), dry=True, recorded=[recorded])
    try:
        dry.read("http", "GET", {}, lambda: None)
    except Exception as error:
        assert (type(error).__name__, str(error)) == ("Unavailable", "no answer")
    else:
        raise AssertionError("nothing was raised")
