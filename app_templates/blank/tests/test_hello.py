"""The steps, called as the platform calls them."""

from hello import greet

from interlock.testing import run_step


def test_greets_by_name() -> None:
    run = run_step(greet, {"name": "Ada"})
    assert run.output == {"text": "Hello, Ada!"}
