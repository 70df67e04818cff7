"""What a fork reuses: an entry for each recorded visit of its parent, claimed by the visit that it answers."""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.batches import write_batch
from interlock.aws.tables.runs import DAY_SECONDS, run_key
from interlock.aws.tables.table import Key, Row, Stored, Table, item
from interlock.contract.core import limits
from interlock.contract.core.base import Model
from interlock.contract.fork import ForkClaim, ForkLink, ReuseEntry
from interlock.contract.run import StepRecord

BATCH = 25
"""BatchWriteItem takes so many (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html)."""
LINK = "FORKREQUEST#"


class Claimable(Model):
    """An entry with its key, and who has claimed it."""

    key: Key
    entry: ReuseEntry
    by: str = ""
    generation: int = 0

    def is_free(self, claimant: str, generation: int) -> bool:
        """Whether `claimant` may have it: nobody has, or itself, or an execution that a restart ended."""
        return self.by in ("", claimant) or self.generation < generation


class Forks:
    """Entries of forks, in the fork's own partition of the table of runs."""

    def __init__(self, table: Table) -> None:
        """Name the table; nothing is called."""
        self.table = table

    def write(self, tenant: str, run: str, entries: Sequence[ReuseEntry]) -> None:
        """Write the entries of a fork that has not started.

        Raises:
            Unavailable: DynamoDB left some unwritten in every round.
        """
        expires = int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS
        seen = Counter[str]()
        puts: list[dict[str, Any]] = []
        for entry in entries:
            place = _prefix(entry.state, entry.index, entry.digest)
            key = _key(tenant, run, place, seen[place])
            seen[place] += 1
            puts.append({"PutRequest": {"Item": item(key, entry, extra={"expires": expires})}})
        for at in range(0, len(puts), BATCH):
            write_batch({self.table.name: puts[at : at + BATCH]})

    def link(self, tenant: str, parent: str, link: ForkLink) -> None:
        """Note with a run that its fork was requested; writing it twice is writing it once."""
        expires = int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS
        self.table.put(_link_key(tenant, parent, link.run), link, extra={"expires": expires})

    def links(self, tenant: str, parent: str) -> list[ForkLink]:
        """The forks of a run that were requested, newest first, without the forks of these."""
        rows = self.table.query_all(run_key(tenant, parent).pk, LINK)
        return sorted((row.read(ForkLink) for row in rows), key=lambda link: (link.at, link.run), reverse=True)

    def has_link(self, tenant: str, parent: str, fork: str) -> bool:
        """Whether this fork of a run was requested."""
        return self.table.get(_link_key(tenant, parent, fork)) is not None

    def fork_claim(self, tenant: str, parent: str) -> Stored[ForkClaim] | None:
        """Which fork of a run a job claimed last; None where none did."""
        row = self.table.get(_claim_key(tenant, parent))
        return Stored(item=row.read(ForkClaim), rev=row.rev) if row else None

    def write_fork_claim(self, tenant: str, parent: str, stored: Stored[ForkClaim]) -> None:
        """Claim the next fork of a run, after `fork_claim` was read at this revision.

        Raises:
            WriteConflict: another job claimed it since.
        """
        expires = int(time.time()) + limits.RECORD_DAYS * DAY_SECONDS
        self.table.put(_claim_key(tenant, parent), stored.item, rev=stored.rev, extra={"expires": expires})

    def find(self, tenant: str, run: str, state: str, index: int | None, digest: str = "") -> list[Claimable]:
        """The entries of a position, in order of time within a digest; only those of `digest` where one is given."""
        rows = self.table.query_all(run_key(tenant, run).pk, _prefix(state, index, digest))
        return sorted(map(claimable, rows), key=lambda row: row.entry.ordinal)

    def claim(self, entry: Claimable, claimant: str, generation: int) -> bool:
        """Take an entry; False where another visit was first. Taking it twice is taking it once."""
        try:
            client("dynamodb").update_item(
                TableName=self.table.name,
                Key=entry.key.attributes(),
                UpdateExpression="SET #by = :by, generation = :now",
                ConditionExpression="attribute_exists(pk) AND (attribute_not_exists(#by) OR #by = :by"
                " OR generation < :now)",
                ExpressionAttributeNames={"#by": "by"},
                ExpressionAttributeValues={":by": {"S": claimant}, ":now": {"N": str(generation)}},
            )
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True

    def record(self, tenant: str, parent: str, entry: ReuseEntry) -> StepRecord | None:
        """The parent's record of an entry; None where it is past its retention."""
        row = self.table.get(Key(pk=run_key(tenant, parent).pk, sk=entry.record))
        return row.read(StepRecord) if row else None


def first_key(tenant: str, run: str, state: str, index: int | None, digest: str) -> Key:
    """Where the first entry of a position and digest is, if there is one."""
    return _key(tenant, run, _prefix(state, index, digest), 0)


def _link_key(tenant: str, parent: str, fork: str) -> Key:
    return Key(pk=run_key(tenant, parent).pk, sk=f"{LINK}{fork}")


def _claim_key(tenant: str, parent: str) -> Key:
    return Key(pk=run_key(tenant, parent).pk, sk="FORKCLAIM")


def _prefix(state: str, index: int | None, digest: str = "") -> str:
    word = hashlib.sha256(state.encode()).hexdigest()[:12]
    place = f"REUSE#{word}#{'-' if index is None else f'{index:06d}'}#"
    return f"{place}{digest[:16]}#" if digest else place


def _key(tenant: str, run: str, prefix: str, number: int) -> Key:
    return Key(pk=run_key(tenant, run).pk, sk=f"{prefix}{number:06d}")


def claimable(row: Row) -> Claimable:
    """An entry as it was read."""
    generation = int(row.attributes.get("generation", {}).get("N", "0"))
    return Claimable(key=row.key, entry=row.read(ReuseEntry), by=row.text("by"), generation=generation)
