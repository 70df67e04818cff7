"""The table of runs: runs, step records, pauses."""

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional, is_lost_race
from interlock.aws.tables.failure_groups import group_update
from interlock.aws.tables.table import Key, Page, Row, Stored, Table, batch_get, condition, item
from interlock.contract.core import limits
from interlock.contract.core.failure import Conflict, NotFound, WriteConflict
from interlock.contract.core.names import ulid
from interlock.contract.envelope import GateRequest
from interlock.contract.explain import Explanation, FailureGroup
from interlock.contract.outline import outline_text
from interlock.contract.run import Pause, PauseStatus, Run, RunStatus, StepRecord

DAY_SECONDS = 86_400
RUN_ITEM = "META"
"""The sort key of a run's own item, among its records and pauses."""
SHARDS = 8
"""Running runs are indexed in this many partitions, so that starts do not share one."""


def run_key(tenant: str, run: str) -> Key:
    """Where a run is; its records and pauses share the partition."""
    return Key(pk=f"RUN#{tenant}#{run}", sk=RUN_ITEM)


def record_key(tenant: str, run: str, request: GateRequest, digest: str, attempt: int) -> Key:
    """Where an attempt's record is: sorted by the time at which its state was entered."""
    index = "-" if request.index is None else f"{request.index:06d}"
    visit = f"{request.entered}#{request.state}#{request.redrive}#{index}#{digest[:16]}"
    return Key(pk=f"RUN#{tenant}#{run}", sk=f"STEP#{visit}#{attempt:04d}")


def shard(run: str) -> str:
    """The partition of the index of running runs."""
    return f"RUNNING#{int(hashlib.sha256(run.encode()).hexdigest(), 16) % SHARDS}"


class Runs:
    """Runs, records and pauses of every tenant; only the platform's functions touch them."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def create(self, run: Run) -> None:
        """Write a new run.

        Raises:
            Conflict: it exists: the same cause was delivered before.
        """
        self.table.put(run_key(run.tenant, run.id), run, rev=0, extra=_extra(run))

    def find(self, tenant: str, run: str) -> Stored[Run]:
        """Read a run.

        Raises:
            NotFound: the tenant has no such run.
        """
        return self.table.find(run_key(tenant, run), Run, _no_run(tenant, run))

    def change(self, tenant: str, run: str, change: Callable[[Run], Run | None]) -> Run:
        """Change a run (`Table.change`).

        Raises:
            NotFound: the tenant has no such run.
            Conflict: too many callers change it at the same time.
        """
        key = run_key(tenant, run)
        return self.table.change(key, Run, change, absent=_no_run(tenant, run), extra=_index, what="the run")

    def change_in_flight(self, tenant: str, run: str, change: Callable[[Run], Run | None], next_step: str) -> Run:
        """Change a run that is not over, as `change` does.

        Raises:
            NotFound: the tenant has no such run.
            Conflict: it is over; `next_step` says what helps.
        """

        def change_unless_over(latest: Run) -> Run | None:
            if latest.status.over:
                raise Conflict(f"the run is {latest.status.value}", where=run, code="run-over", next_step=next_step)
            return change(latest)

        return self.change(tenant, run, change_unless_over)

    def under_way(self, tenant: str) -> Iterator[Run]:
        """A tenant's runs that are not over."""
        for status in (RunStatus.STARTING, RunStatus.RUNNING, RunStatus.PAUSED):
            for row in self.table.query_all(f"TEN#{tenant}#{status.value}", index="gsi4"):
                yield row.read(Run)

    def withdraw(self, tenant: str, run: str) -> None:
        """Take back a run that is `starting` and has no execution; one that somebody started meanwhile stays."""
        stored = self.find(tenant, run)
        if stored.item.status is not RunStatus.STARTING:
            return
        try:
            client("dynamodb").delete_item(
                TableName=self.table.name, Key=run_key(tenant, run).attributes(), **condition(stored.rev)
            )
        except ClientError as error:
            if not is_conditional(error):
                raise

    def page(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's runs, newest first."""
        return self.table.query(f"TEN#{tenant}", index="gsi1", limit=limit, cursor=cursor, newest=True)

    def running(self) -> Iterator[Run]:
        """Every run that is not over; another part of them is first each time."""
        return (run for run in self.unsettled() if not run.status.over)

    def unsettled(self) -> Iterator[Run]:
        """Every run that is not over, or whose end has not had all that it brings; another part is first each time."""
        first = random.randrange(SHARDS)
        for number in ((first + one) % SHARDS for one in range(SHARDS)):
            yield from (row.read(Run) for row in self.table.query_all(f"RUNNING#{number}", index="gsi2"))

    def finish(
        self, stored: Stored[Run], explanation: Explanation | None, group: FailureGroup | None, used: dict[str, Any]
    ) -> None:
        """Write a run's end with what it used, and a failed one's explanation, counted in its group: all or nothing.

        Raises:
            Conflict: somebody wrote the run since, or another failure of the group was counted at this moment.
        """
        run = stored.item
        at = run_key(run.tenant, run.id)
        name = self.table.name
        writes: list[dict[str, Any]] = [
            {
                "Put": {
                    "TableName": name,
                    "Item": item(at, run, rev=stored.rev, extra=_extra(run)),
                    **condition(stored.rev),
                }
            }
        ]
        writes.append({"Put": used})
        if explanation is not None:
            writes.append({"Put": {"TableName": name, "Item": item(_explain_key(run), explanation, extra=_expiry())}})
        if group is not None:
            writes.append({"Update": {"TableName": name, **group_update(run.tenant, group, _expiry()["expires"])}})
        try:
            client("dynamodb").transact_write_items(TransactItems=writes)
        except ClientError as error:
            if is_lost_race(error):
                raise WriteConflict("another writer changed the run", where=run.id, next_step="Try again.") from error
            raise

    def explanation(self, run: Run) -> Explanation | None:
        """What was found out when the run failed; None where nothing was kept."""
        row = self.table.get(_explain_key(run))
        return row.read(Explanation) if row else None

    def last_good(self, run: Run) -> Run | None:
        """The last of `good_runs`."""
        return next(iter(self.good_runs(run)), None)

    def good_runs(self, run: Run) -> list[Run]:
        """The last limits.GOOD_RUNS that succeeded, newest first, of its install or else of others: no forks."""
        pk, status = f"TEN#{run.tenant}#{run.app}#{run.workflow}", f"{RunStatus.SUCCEEDED.value}#"
        page = self.table.query(pk, status, index="gsi3", limit=limits.GOOD_RUNS_READ, newest=True)
        rows = (row.read(Run) for row in page.rows)
        good = [current for current in rows if current.id != run.id and current.fork is None]
        return ([current for current in good if current.install == run.install] or good)[: limits.GOOD_RUNS]

    def search(self, pk: str, index: str, between: tuple[str, str], limit: int, cursor: str | None) -> Page:
        """One page of the runs of an index's partition between two sort keys, newest first."""
        return self.table.query(pk, index=index, limit=limit, cursor=cursor, newest=True, between=between)

    def groups(self, tenant: str, *, limit: int, cursor: str | None) -> Page:
        """One page of a tenant's failure groups, the one that failed last first."""
        return self.table.query(f"TEN#{tenant}#GROUPS", index="gsi5", limit=limit, cursor=cursor, newest=True)

    def begin(self, key: Key, record: StepRecord) -> bool:
        """Write the started record; False where another delivery of the attempt has written one.

        The call may be sent twice (its answer was lost): `by` tells our own record from another delivery's.
        """
        by = ulid()
        params = {
            "TableName": self.table.name,
            "Item": item(key, record, rev=0, extra=record_extra(key, record) | {"by": by}),
            "ConditionExpression": "attribute_not_exists(pk) OR #by = :by",
            "ExpressionAttributeNames": {"#by": "by"},
            "ExpressionAttributeValues": {":by": {"S": by}},
        }
        try:
            client("dynamodb").put_item(**params)
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True

    def count_records(self, tenant: str, run: str) -> int:
        """How many attempts of a run are recorded."""
        return self.table.count(run_key(tenant, run).pk, "STEP#")

    def end(self, key: Key, record: StepRecord) -> None:
        """Write the finished record over the started one."""
        self.table.put(key, record, extra=record_extra(key, record))

    def acquire_rate_slot(self, name: str, second: int, at_most: int) -> bool:
        """Whether this call is one of the first `at_most` of its second, in the whole account."""
        try:
            client("dynamodb").update_item(
                TableName=self.table.name,
                Key=Key(pk=f"RATE#{name}", sk=str(second)).attributes(),
                UpdateExpression="SET expires = :expires ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR taken < :most",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(at_most)},
                    ":expires": {"N": str(second + DAY_SECONDS)},
                },
            )
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True

    def records(self, tenant: str, run: str) -> Iterator[tuple[Key, StepRecord]]:
        """Every step record of a run, by the time at which its state was entered."""
        for row in self.table.query_all(run_key(tenant, run).pk, "STEP#"):
            yield row.key, row.read(StepRecord)

    def records_from(
        self, tenant: str, run: str, after: str | None, *, limit: int = 0, newest: bool = False
    ) -> Iterator[tuple[Key, StepRecord]]:
        """The records of a run whose sort key follows `after`, page by page; `newest` begins at the last one."""
        for rows in self.record_pages(tenant, run, after, limit=limit, newest=newest):
            for row in rows:
                yield row.key, row.read(StepRecord)

    def record_pages(
        self, tenant: str, run: str, after: str | None, *, limit: int = 0, newest: bool = False
    ) -> Iterator[tuple[Row, ...]]:
        """The records of a run as they lie there, in pages of so many, or of about 1 MB."""
        pk = run_key(tenant, run).pk
        cursor = json.dumps(Key(pk=pk, sk=after).attributes()) if after else None
        while True:
            page = self.table.query(pk, "STEP#", limit=limit, cursor=cursor, newest=newest)
            yield page.rows
            cursor = page.cursor
            if cursor is None:
                return

    def find_all(self, tenant: str, runs: Sequence[str]) -> tuple[Run, ...]:
        """Read runs in this order, at most 100 in one call; those that are not there any more are left out."""
        keys = [run_key(tenant, run) for run in runs]
        rows = batch_get({self.table.name: keys}) if keys else {}
        there = (rows.get((self.table.name, key.pk, key.sk)) for key in keys)
        return tuple(row.read(Run) for row in there if row is not None)

    def outlines(self, tenant: str, run: str, after: str | None) -> Iterator[tuple[str, str]]:
        """The sort key and the outline, as JSON, of each record whose sort key follows `after`."""
        pk = run_key(tenant, run).pk
        cursor = json.dumps(Key(pk=pk, sk=after).attributes()) if after else None
        while True:
            page = self.table.query(pk, "STEP#", cursor=cursor, only=("pk", "sk", "outline"))
            for row in page.rows:
                yield row.key.sk, row.text("outline")
            cursor = page.cursor
            if cursor is None:
                return

    def pauses(self, tenant: str, run: str) -> list[Pause]:
        """Every pause of a run, oldest first."""
        return [row.read(Pause) for row in self._pause_rows(tenant, run)]

    def pause(self, tenant: str, run: str, pause_id: str) -> Pause:
        """One pause of a run.

        Raises:
            NotFound: no such pause.
        """
        row = self.table.get(Key(pk=run_key(tenant, run).pk, sk=f"PAUSE#{pause_id}")) if pause_id else None
        if row is None:
            what = f"pause {pause_id} does not exist" if pause_id else "no pause is named"
            raise NotFound(what, where=f"run {run}", next_step=f"interlock run show {run}")
        return row.read(Pause)

    def write_pause(self, pause: Pause, *, was: PauseStatus | None, token: str = "") -> None:
        """Write a pause, only if it is still in the status `was` (None: new).

        Raises:
            Conflict: somebody was first.
        """
        key = _pause_key(pause)
        row = self.table.get(key)
        pause_status = row.read(Pause).status if row else None
        if pause_status != was:
            raise Conflict(
                f"the pause is {pause_status.value if pause_status else 'absent'}",
                where=pause.id,
                next_step="interlock run show " + pause.run,
                code="pause-taken",
            )
        kept_token = token or (row.text("token") if row else "")
        self.table.put(key, pause, rev=row.rev if row else 0, extra={"token": kept_token} if kept_token else None)

    def change_pause(self, pause: Pause, change: Callable[[Pause], Pause]) -> Pause:
        """Change a pause by what it is, also where others change it at the same time; its token stays.

        Raises:
            NotFound: it is not there any more, or what `change` raises.
        """

        def token(_: Pause, row: Row | None) -> dict[str, str | int]:
            text = row.text("token") if row else ""
            return {"token": text} if text else {}

        absent = NotFound(
            f"pause {pause.id} does not exist", where=f"run {pause.run}", next_step="interlock pause list"
        )
        return self.table.change(_pause_key(pause), Pause, change, absent=absent, extra=token, what="the pause")

    def token(self, pause: Pause) -> str:
        """The task token of a pause; for the call of Step Functions only."""
        row = self.table.get(_pause_key(pause))
        return row.text("token") if row else ""

    def _pause_rows(self, tenant: str, run: str) -> Iterable[Row]:
        return self.table.query_all(run_key(tenant, run).pk, "PAUSE#")


def _pause_key(pause: Pause) -> Key:
    return Key(pk=run_key(pause.tenant, pause.run).pk, sk=f"PAUSE#{pause.id}")


def _no_run(tenant: str, run: str) -> NotFound:
    return NotFound(f"run {run} does not exist", where=f"tenant {tenant}", next_step="List runs: interlock run list")


def _index(run: Run, _row: Row | None) -> dict[str, str | int]:
    return _extra(run)


def _explain_key(run: Run) -> Key:
    return Key(pk=run_key(run.tenant, run.id).pk, sk="EXPLAIN")


def record_extra(key: Key, record: StepRecord) -> dict[str, str | int]:
    """The attributes of a record's item beside its document: when it expires, and its outline."""
    return _expiry() | {"outline": outline_text(record, key.sk)}


def _expiry() -> dict[str, str | int]:
    return {"expires": int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS}


def _extra(run: Run) -> dict[str, str | int]:
    tenant, at = f"TEN#{run.tenant}", f"{run.started}#{run.id}"
    extra: dict[str, str | int] = {"gsi1pk": tenant, "gsi1sk": at}
    extra |= {"gsi3pk": f"{tenant}#{run.app}#{run.workflow}", "gsi3sk": f"{run.status.value}#{at}"}
    extra |= {"gsi4pk": f"{tenant}#{run.status.value}", "gsi4sk": at}
    if run.fingerprint:
        extra |= {"gsi5pk": f"{tenant}#FP#{run.fingerprint}", "gsi5sk": at}
    if not run.status.over or run.unsettled:
        extra |= {"gsi2pk": shard(run.id), "gsi2sk": at}
    # The item is what tells a duplicate: it stays as long as one may come.
    return extra | {"expires": int(time.time()) + max(limits.RECORD_DAYS, limits.DEDUPE_DAYS) * DAY_SECONDS}
