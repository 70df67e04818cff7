"""No changed input makes what reads it fail, and no archive is two things to two readers."""

import pytest

from scripts.fuzzing.main import fuzz, main

INPUTS = {"archives": 20_000, "manifests": 400, "workflows": 1_000}


@pytest.mark.parametrize("name", INPUTS)
def test_changed_inputs_get_a_verdict(name: str) -> None:
    result = fuzz(name, INPUTS[name])
    assert result.failures == []
    assert result.verdicts.total() == INPUTS[name]
    assert len(result.verdicts) >= 3


@pytest.mark.parametrize("arguments", [["nope"], ["archives", "--count", "0"], ["archives", "--count", "many"]])
def test_wrong_arguments_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert "scripts/fuzz: error: " in capsys.readouterr().err
