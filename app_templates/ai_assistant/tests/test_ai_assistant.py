"""The assistant on a small lineage with a cycle in it."""

from interlock_assistant.steps import describe

from interlock.testing import asset, run_step

CATALOG = [
    asset("db/main/a", "table", upstream=("db/main/b",), tags=("pii",)),
    asset("db/main/a/x", "column"),
    asset("db/main/b", "table", upstream=("db/main/c",)),
    asset("db/main/c", "table", upstream=("db/main/a",)),
]


def test_lineage_goes_up_by_hops_down_by_one_and_ends_in_cycles() -> None:
    answer = run_step(describe, {"qualified_name": "db/main/a", "depth": 5}, catalog=CATALOG, scopes=["read"]).output
    assert answer["upstream"] == [["db/main/b"], ["db/main/c"]]
    assert answer["downstream"] == ["db/main/c"]
    assert answer["inside"] == ["db/main/a/x"]
    assert answer["tags"] == ["pii"]


def test_an_asset_that_is_not_there_is_a_named_error() -> None:
    error = run_step(describe, {"qualified_name": "no"}, catalog=CATALOG).error
    assert error is not None and error.name == "NoSuchAsset"
