"""Redaction of a whole run: what is taken, by which rule, wherever it shows, and what becomes of digests."""

from __future__ import annotations

from typing import Any

from interlock.contract import payload
from interlock.contract.envelope import Effect, Frame, StepError, Trigger
from interlock.contract.run import Body, RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.sensitive import matches, sensitive_values
from interlock.debugger.redaction import learned, redact_run

AT = "2026-01-01T00:00:00.000Z"


def body(value: Any) -> Body:
    return Body(value=value, size=payload.size(value), digest=payload.digest(value))


def run_of(value: Any, **fields: Any) -> Run:
    content: dict[str, Any] = {
        "id": "r1",
        "tenant": "acme",
        "install": "i1",
        "app": "acme/app",
        "version": "1.0.0",
        "workflow": "main",
        "trigger": Trigger(kind="api", name="api", id="1"),
        "status": RunStatus.FAILED,
        "execution": "arn",
        "started": AT,
        "input": body(value),
    }
    return Run.model_validate(content | fields)


def record_of(value: Any, **fields: Any) -> StepRecord:
    content: dict[str, Any] = {
        "run": "r1",
        "execution": "acme_i1_r1",
        "state": "One",
        "step": "one",
        "entered": AT,
        "digest": payload.digest(value),
        "status": RecordStatus.SUCCEEDED,
        "started": AT,
        "input": body(value),
    }
    return StepRecord.model_validate(content | fields)


def test_a_rule_matches_the_end_of_a_path() -> None:
    assert matches("customer.email", ("order", "customer", "email"))
    assert matches("customer.email", ("customers", 0, "Customer", "Email")) is True
    assert matches("*.ssn", ("ssn",))
    assert matches("a.*.c", ("x", "a", "b", "c"))
    assert not matches("customer.email", ("email",))
    assert not matches("email", ("email", "domain"))


def test_suspicious_names_are_learned_if_values_look_secret() -> None:
    value = {"password": "hunter2hunter2", "primary_key": "customer_id_2", "token": "page", "n": {"ssn": 123456}}
    assert list(sensitive_values(value, ("ssn",), ())) == ["hunter2hunter2", "123456"]


def test_a_value_is_taken_wherever_it_shows() -> None:
    ssn = "123-45-6789"
    first = record_of({"who": {"ssn": ssn}, "n": 1}, sensitive=("/input/who/ssn",))
    frame = Frame(file="s.py", line=1, function="f", locals={"x": f"'{ssn}'"}, source=("x = 1",))
    effect = Effect(seq=0, kind="state", op="put", request={"key": "seen", "value": {"copy": ssn}})
    error = StepError(name="E", type="E", message=f"bad {ssn}", frames=(frame,))
    said = f"wrote {ssn}"
    second = record_of(
        {"plain": ssn}, state="Two", summary=said, error=error, effects=(effect,), status=RecordStatus.FAILED
    )
    done = redact_run(
        run_of({"ssn_of": ssn}, title=f"of {ssn}", config={"db_password": "x1-y2-z3-q4"}), [first, second]
    )
    text = done.run.model_dump_json() + "".join(record.model_dump_json() for record in done.records)
    assert ssn not in text
    assert "x1-y2-z3-q4" not in text
    assert payload.digest({"plain": ssn}) not in text
    assert done.records[0].input.value == {"who": {"ssn": "[redacted]"}, "n": 1}
    assert done.records[1].effects[0].request == {"key": "seen", "value": {"copy": "[redacted]"}}
    rows = {(row.record, row.path): row.rule for row in done.taken}
    assert rows[("0", "/input/who/ssn")] == "type"
    assert rows[("1", "/input/plain")] == "value"
    assert rows[("run", "/config/db_password")] == "name"
    assert rows[("1", "/error/frames/0/locals/x")] == "value"


def test_inputs_that_become_the_same_stay_different_visits() -> None:
    records = [record_of({"ssn": f"000-00-000{n}"}, index=n) for n in (1, 2, 1)]
    digests = [record.digest for record in redact_run(run_of({}), records, ("ssn",)).records]
    assert digests[0] == digests[2] != digests[1]


def test_values_that_are_not_sensitive_stay() -> None:
    run, record = run_of({"a": [1, 2.5, None, True, "text"]}), record_of({"key": "k", "sort_key": "abc"})
    result = redact_run(run, [record], ("nothing.there",))
    assert result.run == run
    assert result.records == (record,)
    assert redact_run(run, []).taken == ()
    assert learned(run, [record]).text("abc k 1") == "abc k 1"
