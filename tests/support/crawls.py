"""Crawls by the connector of app_templates, whole workflows in this process, and databases for them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa

from interlock import Asset
from interlock.testing import MemoryBackend
from interlock.testing.process import ProcessRun, interpret_workflow

ROOT = Path(__file__).resolve().parents[2]
CONNECTOR = ROOT / "app_templates" / "connector"
CASES = ROOT.parent / "shared" / "cases" / "connector"
READER, CRAWLER, PASSWORD = "reader", "crawler", "p@ss/w:rd"
"""The users of the own scripts and of the shared cases, and the password of both."""


def crawl(
    url: str,
    backend: MemoryBackend | None = None,
    *,
    full: bool = False,
    approve: Callable[[Any], Any] | None = None,
    **config: Any,
) -> ProcessRun:
    """One run of the workflow `crawl`; a question to people is decided by `approve`."""
    steps: dict[str, Callable[..., Any]] = {"platform.approve": approve} if approve else {}
    return interpret_workflow(
        CONNECTOR,
        {"full": full},
        steps=steps,
        backend=backend or MemoryBackend(),
        config={"source_name": "db", "database_url": url, **config},
        secrets={"database_url": None},
    )


def summary_of(run: ProcessRun) -> dict[str, Any]:
    """What the workflow answered."""
    return cast(dict[str, Any], run.output)


def reasons(run: ProcessRun) -> dict[str, str]:
    """Why tables were skipped: the word before the colon."""
    return {row["table"]: row["why"].partition(":")[0] for row in summary_of(run)["skipped"]}


def of_type(run: ProcessRun, *kinds: str) -> dict[str, Asset]:
    """The assets of these types, by name below the source."""
    return {name.removeprefix("db/"): row for name, row in run.backend.assets.items() if row.type in kinds}


@contextmanager
def session(url: str, *, commit: bool = True) -> Generator[sa.Connection]:
    """A connection of its own; without `commit` what it locks stays locked until its end."""
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if commit else {}
    engine = sa.create_engine(url, poolclass=sa.NullPool, **options)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def run_script(url: str, path: Path) -> None:
    """Run a file of SQL statements, as the driver itself takes them: a `%` or `:` in it means nothing."""
    with session(url) as connection:
        raw: Any = connection.connection.dbapi_connection
        for statement in statements(path.read_text()):
            raw.cursor().execute(statement)
        raw.commit()


def statements(text: str) -> Iterator[str]:
    """The statements of a script, which has no `;` inside of one."""
    yield from (part.strip() for part in text.split(";") if part.strip())
