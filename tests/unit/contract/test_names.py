"""Names fit what AWS takes, and read back."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.contract.core import names

TENANT = st.from_regex(r"[a-z][a-z0-9-]{0,22}[a-z0-9]", fullmatch=True)
APP = st.from_regex(r"[a-z][a-z0-9-]{0,30}[a-z0-9]/[a-z][a-z0-9-]{0,46}[a-z0-9]", fullmatch=True)
NAME = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)


def test_ulids_are_unique_and_sort_by_time() -> None:
    subject = [names.ulid() for _ in range(1000)]
    assert len(set(subject)) == 1000
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", each) for each in subject)
    assert [each[:10] for each in subject] == sorted(each[:10] for each in subject)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=4), st.lists(st.text(max_size=5), min_size=1, max_size=4))
def test_the_same_key_the_same_run(one: list[str], other: list[str]) -> None:
    assert re.fullmatch(r"[a-z2-7]{20}", names.run_id(*one))
    if "\x1f" not in "".join(one + other):
        assert (names.run_id(*one) == names.run_id(*other)) == (one == other)


@given(TENANT, st.sampled_from(["", "f1", "r2"]))
def test_an_execution_name_reads_back_from_the_arn(tenant: str, suffix: str) -> None:
    name = names.ExecutionName(tenant, names.ulid(), names.new_run_id(), suffix)
    assert len(str(name)) <= 80
    assert not set(str(name)) - set(string.ascii_letters + string.digits + "-_")
    assert names.parse_execution(str(name)) == name
    assert names.parse_execution(f"arn:aws:states:eu-west-1:123456789012:execution:machine:{name}") == name


@pytest.mark.parametrize("arn", ["", "x", "a_b", "a_b_c_d_e", "arn:aws:states:r:1:execution:m:by-hand"])
def test_other_executions_are_not_runs(arn: str) -> None:
    with pytest.raises(ValueError, match="not an execution of a run"):
        names.parse_execution(arn)


@given(APP, NAME)
def test_names_fit_aws(app: str, name: str) -> None:
    assert len(names.machine_name(app, "1.0.0", name)) <= 80
    assert len(names.function_name(app, "1.0.0", "m10240")) <= 64
    assert names.version_stack(app, "1.0.0") != names.version_stack(app, "1.0.1")


@given(TENANT, TENANT)
def test_one_tenants_prefixes_hold_nothing_of_another(one: str, other: str) -> None:
    if one != other:
        for prefix in (names.state_prefix, names.run_prefix, names.secrets_prefix):
            assert not prefix(one, "x").startswith(prefix(other, "x"))
            assert not prefix(other, "x").startswith(prefix(one, "x"))
    assert len(names.access_role(one, "ap-southeast-2")) <= 64
