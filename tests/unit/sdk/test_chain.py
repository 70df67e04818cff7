"""The chain of an error: recorded to its root, and shown at the root's innermost line of the app's own code."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.envelope import MAX_CAUSES, StepError
from interlock.contract.own_code import is_own_code
from interlock.sdk.chain import path_to_root
from interlock.testing import run_step


class Gone(Exception):
    """An error of the app's domain."""


class RetryError(Exception):
    """As tenacity raises it: it holds the future of the last attempt."""

    def __init__(self, last_attempt: Any) -> None:
        super().__init__("all attempts failed")
        self.last_attempt = last_attempt


class Attempt:
    """As the library `retrying` has it: it holds what `sys.exc_info()` answers."""

    def __init__(self, error: Exception) -> None:
        self.value = (type(error), error, error.__traceback__)


def price(row: dict[str, int]) -> int:
    return row["price"]


def caught() -> Exception:
    try:
        price({})
    except KeyError as error:
        return error
    raise AssertionError


def explicit() -> None:
    try:
        price({})
    except KeyError as error:
        raise Gone("no price") from error


def refuse(error: Exception) -> None:
    raise Gone(f"no price: {error}")


def raise_again(error: Exception) -> None:
    raise error


def implicit() -> None:
    try:
        price({})
    except KeyError as error:
        refuse(error)


def in_the_end() -> None:
    opened: list[int] = []
    try:
        price({})
    finally:
        opened[0] = 1


def group_from_a_cause() -> None:
    try:
        price({})
    except KeyError as error:
        raise ExceptionGroup("two", [Gone("never raised")]) from error


def handler_fails() -> None:
    try:
        price({})
    except KeyError as error:
        error.args[7]


def retried() -> None:
    future: Future[int] = Future()
    future.set_exception(caught())
    raise RetryError(future)


def retried_by_attempt() -> None:
    raise RetryError(Attempt(caught()))


def in_arguments() -> None:
    raise Gone("the call failed", caught())


def generator() -> Iterator[int]:
    yield next(iter(list[int]()))


def stopped() -> None:
    list(generator())


def threads() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(price, {}).result()


async def grouped() -> None:
    async def later() -> None:
        price({})

    async with asyncio.TaskGroup() as group:
        group.create_task(later())


def errors_in_a_list() -> None:
    error = Gone("two failed")
    vars(error)["errors"] = [caught(), OSError("disk")]
    raise error


def failure(step: Callable[..., Any]) -> StepError:
    error = run_step(step).error
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("step", "hows"),
    [
        (explicit, ["raised", "cause"]),
        (implicit, ["raised", "context"]),
        (handler_fails, ["raised", "context"]),
        (in_the_end, ["raised", "context"]),
        (group_from_a_cause, ["raised", "beside", "cause"]),
        (retried, ["raised", "wrapped"]),
        (retried_by_attempt, ["raised", "wrapped"]),
        (in_arguments, ["raised", "wrapped"]),
        (threads, []),
        (grouped, ["raised", "member"]),
        (errors_in_a_list, ["raised", "beside", "member"]),
    ],
)
def test_the_place_is_that_of_the_root_cause(step: Callable[..., Any], hows: list[str]) -> None:
    error = failure(step)
    assert error.own_frame is not None and error.own_frame.function == "price"
    assert sorted(row.how for row in error.causes) == sorted(hows)
    roots = [row for row in error.causes if row.how not in ("raised", "beside")]
    assert all((row.name, row.message, row.function) == ("KeyError", "'price'", "price") for row in roots)


def test_stop_iteration_in_a_generator_is_the_root() -> None:
    error = failure(stopped)
    assert (error.name, error.causes[-1].name) == ("RuntimeError", "StopIteration")
    assert error.own_frame is not None and error.own_frame.function == "generator"


def test_from_none_ends_the_chain_and_is_recorded() -> None:
    def hides() -> None:
        try:
            price({})
        except KeyError:
            raise Gone("no price") from None

    error = failure(hides)
    assert error.own_frame is not None and error.own_frame.function.endswith("hides")
    assert [(row.how, row.name) for row in error.causes] == [("raised", "Gone"), ("hidden", "KeyError")]


def test_an_error_that_the_code_expects_is_no_cause() -> None:
    cache: dict[str, int] = {}

    def looks_elsewhere() -> int:
        try:
            return cache["rate"]
        except KeyError:
            return price({})

    error = failure(looks_elsewhere)
    assert error.own_frame is not None and error.own_frame.function == "price"
    assert [(row.how, row.name, row.message) for row in error.causes] == [
        ("raised", "KeyError", ""),
        ("expected", "KeyError", "'rate'"),
    ]


def test_an_error_that_is_raised_again_was_first() -> None:
    def tries_twice() -> None:
        last = Gone("none")
        try:
            price({})
        except KeyError as error:
            last = error
        try:
            int("x")
        except ValueError as error:
            raise_again(last if error.args else error)

    error = failure(tries_twice)
    assert error.own_frame is not None and error.own_frame.function == "price"
    assert [(row.how, row.name) for row in error.causes] == [("raised", "KeyError"), ("later", "ValueError")]


def test_an_error_of_a_handler_raised_again_was_not_first() -> None:
    def refuses() -> None:
        try:
            price({})
        except KeyError as error:
            try:
                refuse(error)
            except Gone as gone:
                raise_again(gone)

    error = failure(refuses)
    assert error.own_frame is not None and error.own_frame.function == "price"
    assert [(row.how, row.name) for row in error.causes] == [("raised", "Gone"), ("context", "KeyError")]


def test_a_long_chain_keeps_its_root() -> None:
    error: BaseException = caught()
    for number in range(40):
        error, below = Gone(str(number)), error
        error.__cause__ = below

    def fail() -> None:
        raise error

    causes = failure(fail).causes
    assert len(causes) == MAX_CAUSES
    assert (causes[0].name, causes[-1].name) == ("Gone", "KeyError")


def test_a_chain_that_bites_its_tail_ends() -> None:
    one, two = Gone("one"), Gone("two")
    one.__cause__, two.__cause__ = two, one
    assert [link.error for link in path_to_root(one)] == [one, two]


def test_generated_code_is_never_the_line() -> None:
    @dataclass(order=True)
    class Rank:
        value: Any

    def order() -> None:
        sorted([Rank(1), Rank("2")])

    space: dict[str, Any] = {}
    exec("def call(function): return function()", space)

    for step in (order, lambda: space["call"](price)):
        frame = failure(step).own_frame
        assert frame is not None and frame.file == "tests/unit/sdk/test_chain.py"


@pytest.mark.parametrize(
    ("file", "root", "own"),
    [
        ("app/steps.py", "", True),
        ("/var/task/app/steps.py", "/var/task", True),
        ("/var/task/app/steps.py", "/var/task/", True),
        ("/var/task/vendor/pg/core.py", "/var/task", False),
        ("/var/task/app/_vendor/six.py", "/var/task", False),
        ("vendor/pg/core.py", "", False),
        ("vendoring/steps.py", "", True),
        ("/var/tasks/app/steps.py", "/var/task", False),
        ("<string>", "", False),
        ("<attrs generated init app.models.Row>", "/var/task", False),
        ("", "", False),
        ("/opt/python/interlock/sdk/step.py", "", False),
        ("/var/lang/lib/python3.11/json/decoder.py", "", False),
        ("/home/me/vendor/shop/app/steps.py", "/home/me/vendor/shop", True),
        (collections.__file__, "", False),
        (pytest.__file__, "", False),
        (is_own_code.__code__.co_filename, "", False),
    ],
)
def test_own_code_is_one_rule(file: str, root: str, own: bool) -> None:
    assert is_own_code(file, root) is own


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("steps.py", True),
        ("shop/orders.py", True),
        ("six.py", False),
        ("google/cloud/core.py", False),
        ("google/ours.py", True),
        ("attr/_make.py", False),
        ("attrs.py", True),
        ("bare/unknown.py", True),
    ],
)
def test_libraries_beside_the_app_are_not_own_code(tmp_path: Path, file: str, own: bool) -> None:
    metadata = {
        "interlock.toml": '[steps.one]\nhandler = "shop.orders:one"\n',
        "six-1.16.dist-info/RECORD": "six.py,sha256=x,34\nsix-1.16.dist-info/RECORD,,\n",
        "google_core-2.0.dist-info/RECORD": '"google/cloud/core.py",sha256=x,1\n',
        "attr-1.0.dist-info/top_level.txt": "attr\n",
        # The app itself, installed with its libraries.
        "shop-1.0.dist-info/RECORD": "shop/__init__.py,,\nshop/orders.py,sha256=x,9\n",
        "bare-1.0.dist-info/METADATA": "Name: bare\n",
    }
    for name, text in metadata.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert is_own_code(f"{tmp_path}/{file}", str(tmp_path)) is own


def test_line_that_called_a_library_beside_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "interlock.toml": '[steps.one]\nhandler = "beside_app:one"\n',
        "beside_app.py": "import beside_lib\n\n\ndef one():\n    return beside_lib.parse('x')\n",
        "beside_lib.py": "def parse(text):\n    return int(text)\n",
        "beside_lib-1.0.dist-info/RECORD": "beside_lib.py,sha256=x,40\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    error = failure(import_module("beside_app").one)
    assert [(frame.file, frame.line) for frame in error.frames] == [("beside_app.py", 5)]


def test_manifest_that_cannot_be_read_hides_no_library(tmp_path: Path) -> None:
    (tmp_path / "six.dist-info").mkdir()
    (tmp_path / "six.dist-info/RECORD").write_text("six.py,,\n")
    (tmp_path / "interlock.toml").write_text("[steps.one")
    assert [is_own_code(f"{tmp_path}/{name}.py", str(tmp_path)) for name in ("six", "app")] == [False, True]
