"""Every test of the repository, three groups side by side; ends with one line as pytest's.

Each group is a pytest of its own, with an engine of its own where it needs one; what it said is printed when it ends.
Tests that failed beside other groups run once more when nothing else runs (docs/adr/0041). Those that pass then are
named as unsteady.

Nothing may be skipped. The exceptions are named here: tests that read `../shared`, where its folders are absent, and
tests of MariaDB, where no server of it can be had.
"""

import os
import signal
import subprocess
import sys
import textwrap
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from scripts import check, setup
from tests.support import mariadb
from tests.support.postgres import server

ROOT = setup.ROOT
SHARED = ROOT.parent / "shared"
OF_DATA = frozenset(
    {
        "test_chinook_is_tagged_where_it_is_personal_and_nowhere_else",
        "test_chinook_is_11_tables_and_64_columns",
        "test_the_demo_on_chinook",
        "test_a_history_recorded_from_aws_is_read_without_loss",
        "test_a_recorded_history_says_what_happened",
    }
)
"""They read `../shared/data`, and are skipped where it is absent."""
OF_CASES = frozenset(
    {
        "test_answer_is_that_of_aws",
        "test_expression_is_that_of_aws",
        "test_choice_is_that_of_aws",
        "test_condition_of_the_shared_cases_is_bounded",
        "test_shared_definitions_are_refused",
        "test_shared_archive_is_taken_or_refused",
        "test_shared_urls_are_accepted_or_refused",
        "test_engine_answers_as_aws",
        "test_engine_evaluates_an_expression_as_aws",
        "test_sqlite_cases_are_crawled",
        "test_postgresql_case_has_what_is_there",
        "test_mariadb_case_has_what_is_there",
    }
)
"""They read `../shared/cases`, and are skipped where it is absent; each kind has cases of its own beside them."""
OF_MARIADB = "test_mariadb_"
"""Tests whose names begin so are skipped where MariaDB is neither on the PATH nor can be installed."""
GROUPS: dict[str, tuple[str, ...]] = {
    "integration": ("tests/integration",),
    "local": ("tests/local/cli", "tests/local/debug", "tests/local/engine", "tests/local/platform"),
    "gate": ("tests/local/gate", "tests/corpus/test_corpus.py"),
    "console": (
        "tests/e2e/test_console.py",
        "tests/e2e/test_console_access.py",
        "tests/e2e/test_console_dialogs.py",
        "tests/e2e/test_console_query.py",
        "tests/e2e/test_console_rows.py",
        "tests/e2e/test_console_states.py",
        "tests/e2e/test_console_weight.py",
        "tests/e2e/test_pause_hands.py",
        "tests/e2e/test_views.py",
    ),
    "life": (
        "tests/local/installs",
        "tests/local/publishing",
        "tests/local/events",
        "tests/local/webhooks",
        "tests/local/copilot",
    ),
    "e2e": (
        "tests/e2e/test_demo.py",
        "tests/e2e/test_inspector.py",
        "tests/e2e/test_site.py",
        "tests/e2e/test_wheel.py",
    ),
    "infra": ("tests/infra",),
    "unit": ("tests/unit", "tests/corpus/test_labels.py"),
    "apps": ("tests/apps", "app_templates", "tests/attacks"),
}
"""The longest first: three run side by side, and whoever is done takes the next. The first needs no platform; the
second deploys it (tests/support/platforms.py)."""
SIDE_BY_SIDE = 3
TYPES = "types"
"""The longest check keeps one core busy, so it runs beside the last groups. The other checks come first."""
REPORTS = ROOT / "build" / "tests"
AGAIN_AT_MOST = 20
"""Where more tests failed, something is broken, and a second look at each would only take time."""
WHY_CHARACTERS = 1_500
"""Of the message of a failed test, its last characters are printed at the end: a log that was cut still has them."""


class Failure(NamedTuple):
    """A test that failed with the end of why, or what kept a group from its tests: that has no `test`."""

    test: str
    why: str

    def __str__(self) -> str:
        return self.test + textwrap.indent(f"\n{self.why}".rstrip(), "    ") if self.test else self.why


class Result(NamedTuple):
    """What a group's tests came to."""

    passed: int
    failed: tuple[Failure, ...]
    skipped: tuple[str, ...]
    seconds: float


class Outcome(NamedTuple):
    """What all groups came to. `excused` were skipped and may be."""

    passed: int
    failed: tuple[str, ...]
    unsteady: tuple[Failure, ...]
    excused: int


def run_group(python: Path, group: str, environment: dict[str, str], arguments: list[str]) -> Result:
    """Run a group of tests and read its report."""
    folders = [folder for folder in GROUPS[group] if (ROOT / folder).exists()]
    if not folders:
        return Result(0, (Failure("", f"{group}: no such folder: {', '.join(GROUPS[group])}"),), (), 0.0)
    return run_tests(python, group, environment, [*folders, *arguments])


def run_tests(python: Path, name: str, environment: dict[str, str], arguments: list[str]) -> Result:
    """Run a pytest and read its report, which has the name."""
    began = time.monotonic()
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    sys.stdout.write(f"== {name}: begins\n")
    sys.stdout.flush()
    # Only this family of reports names each test's file.
    parts = ["-m", "pytest", "-q", "--color=no", f"--junitxml={report}", "-o", "junit_family=xunit1"]
    done = subprocess.run(
        [str(python), *parts, *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.monotonic() - began
    sys.stdout.write(f"\n== {name}: {' '.join(arguments)}\n{done.stdout}")
    sys.stdout.flush()
    if not report.exists():
        return Result(0, (Failure("", f"{name}: pytest ended with {done.returncode} and no report"),), (), seconds)
    passed, failed, skipped = read_report(report)
    if done.returncode and not failed:
        failed = (Failure("", f"{name}: pytest ended with {done.returncode}"),)
    return Result(passed, failed, skipped, seconds)


def run_again(
    python: Path, environment: dict[str, str], failed: dict[str, tuple[Failure, ...]]
) -> tuple[dict[str, tuple[Failure, ...]], list[Failure]]:
    """Run the failed tests of each group once more, one group after the other.

    Returns:
        What fails still, by group, and the tests that passed now with why they had failed. Where more failed than
        `AGAIN_AT_MOST`, or a group did not come to its tests, nothing runs again.
    """
    every = [case for cases in failed.values() for case in cases]
    if len(every) > AGAIN_AT_MOST or not all(case.test for case in every):
        return failed, []
    left: dict[str, tuple[Failure, ...]] = {}
    unsteady: list[Failure] = []
    for group, cases in failed.items():
        result = run_tests(python, f"{group} again", environment, [case.test for case in cases])
        still = {case.test for case in result.failed}
        every_one_ran = "" not in still and result.passed + len(still) == len(cases)
        left[group] = tuple(case for case in cases if case.test in still or not every_one_ran)
        unsteady += [case for case in cases if case not in left[group]]
    return left, unsteady


def run_checks(python: Path, environment: dict[str, str], parts: list[str]) -> list[str]:
    """Run parts of scripts/check; what failed."""
    done = subprocess.run([str(python), "-m", "scripts.check", *parts], cwd=ROOT, env=environment, check=False)
    return [f"scripts/check {' '.join(parts)}"] if done.returncode else []


def run_types(python: Path, environment: dict[str, str]) -> Result:
    """Check the types as if they were a group of tests."""
    began = time.monotonic()
    failed = run_checks(python, environment, [TYPES])
    return Result(0, tuple(Failure("", part) for part in failed), (), time.monotonic() - began)


def read_report(report: Path) -> tuple[int, tuple[Failure, ...], tuple[str, ...]]:
    """How many tests of a JUnit report passed, those that failed with the end of why, and those that were skipped."""
    passed = 0
    failed: list[Failure] = []
    skipped: list[str] = []
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        outcomes = {child.tag: child.get("message", "") for child in case}
        if outcomes.keys() & {"failure", "error"}:
            why = (outcomes.get("failure") or outcomes.get("error", ""))[-WHY_CHARACTERS:]
            failed.append(Failure(f"{case.get('file')}::{case.get('name')}", why))
        elif "skipped" in outcomes:
            skipped.append(name)
        else:
            passed += 1
    return passed, tuple(failed), tuple(skipped)


def not_allowed(skipped: tuple[str, ...], shared: Path) -> tuple[str, ...]:
    """The tests that were skipped and may not be, by what is in the folder of shared data and cases."""
    absent = [names for folder, names in (("data", OF_DATA), ("cases", OF_CASES)) if not (shared / folder).exists()]
    excused = frozenset[str]().union(*absent)
    names = {case: case.rpartition("::")[2].partition("[")[0] for case in skipped}
    without_mariadb = any(name.startswith(OF_MARIADB) for name in names.values()) and mariadb.binary() is None
    return tuple(
        case
        for case, name in names.items()
        if name not in excused and not (without_mariadb and name.startswith(OF_MARIADB))
    )


def run_groups(python: Path, environment: dict[str, str], groups: list[str], arguments: list[str]) -> Outcome:
    """Run groups of tests side by side, then those tests again that failed beside others."""
    passed = excused = 0
    cases: dict[str, tuple[Failure, ...]] = {}
    skips: list[str] = []

    def run(group: str) -> tuple[str, Result]:
        one = run_types(python, environment) if group == TYPES else run_group(python, group, environment, arguments)
        return group, one

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for group, result in pool.map(run, groups):
            wrong = not_allowed(result.skipped, SHARED)
            passed += result.passed
            excused += len(result.skipped) - len(wrong)
            cases |= {group: result.failed} if result.failed else {}
            skips += [f"{case} was skipped" for case in wrong]
            sys.stdout.write(f"== {group}: {result.passed} passed in {result.seconds:.1f} s\n")
            for case in set(result.skipped) - set(wrong):
                sys.stdout.write(f"   skipped, because a folder of {SHARED} or MariaDB is absent: {case}\n")
    cases, unsteady = run_again(python, environment, cases) if len(groups) > 1 else (cases, [])
    failed = [str(case) for group in cases.values() for case in group] + skips
    return Outcome(passed + len(unsteady), tuple(failed), tuple(unsteady), excused)


def main() -> int:
    """Install, check, test.

    Returns:
        0 where every check and every test passed, else 1.
    """
    began = time.monotonic()
    # A shell that starts this in the background has it ignored, and so would every process of the tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = [word for word in sys.argv[1:] if word in GROUPS]
    arguments = [word for word in sys.argv[1:] if word not in GROUPS]
    try:
        python = setup.sync()
    except setup.SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    REPORTS.mkdir(parents=True, exist_ok=True)
    environment = setup.environ()
    failed: list[str] = []
    outcome = Outcome(0, (), (), 0)
    if not names:
        failed += run_checks(python, environment, [part for part in check.PARTS if part not in ("unit", TYPES)])
    try:
        with server() as url:
            fields = environment | {"INTERLOCK_TEST_POSTGRES_URL": url}
            wanted = [group for group in GROUPS if group in names] if names else [*GROUPS, TYPES]
            outcome = run_groups(python, fields, wanted, arguments)
            failed += outcome.failed
    except setup.SetupError as error:
        failed.append(str(error))
    sys.stdout.write("\n" + "".join(f"UNSTEADY, passed alone: {case}\n" for case in outcome.unsteady))
    sys.stdout.write("".join(f"FAILED {case}\n" for case in failed))
    skips = f", {outcome.excused} skipped" if outcome.excused else ""
    unsteady = f", {len(outcome.unsteady)} of them only alone" if outcome.unsteady else ""
    sys.stdout.write(f"All of it took {time.monotonic() - began:.1f} s.\n")
    sys.stdout.write(f"{outcome.passed} passed{unsteady}, {len(failed)} failed{skips}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
