"""What stands in for a language model in the demo: it answers from its input, on a port that stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.aws.services.chat_completions import Endpoint, complete
from interlock.contract.language_model import Message, ModelRequest
from scripts.demo_model import answer, serving

FACTS = "Facts:\ntable shop/main/orders\nrows: 60\n" + "".join(
    f"column {name} TEXT\n" for name in ("id", "placed", *"abc")
)
ASKED = "Question: Which refer to a customer?\n\nFacts:\ntable shop/orders\ncomes from: shop/customer\n\ntable shop/x"


def test_description_is_of_the_facts() -> None:
    assert answer(FACTS) == {"text": "Each row is one orders with id, placed, a, b and 1 more columns."}
    assert answer("nothing at all")["text"].startswith("Each row is one table")


def test_question_is_answered_by_tables_that_share_words() -> None:
    assert answer(ASKED)["assets"] == ["shop/orders"]
    assert answer("Question: zebra?\n\nFacts:\ntable a/b")["assets"] == []


def test_stand_in_speaks_chat_completions_on_a_port_that_stays(tmp_path: Path) -> None:
    place = tmp_path / "demo" / "port"
    with serving(place) as variables:
        endpoint = Endpoint(variables["INTERLOCK_MODEL_URL"], variables["INTERLOCK_MODEL"])
        result = complete(endpoint, ModelRequest(messages=(Message(text=FACTS),)))
        assert '"text": "Each row is one orders' in result.text
        assert result.input_tokens == len(FACTS) // 4 and result.output_tokens > 0
    with serving(place) as again:
        assert again == variables
        # The port is taken now: another demo takes another one.
        with serving(place) as other:
            assert other["INTERLOCK_MODEL_URL"] != variables["INTERLOCK_MODEL_URL"]


@pytest.mark.parametrize("text", ["", "Question: ", "Question: x\n\nFacts:\n\n\n"])
def test_stand_in_answers_whatever_it_is_asked(text: str) -> None:
    assert answer(text)
