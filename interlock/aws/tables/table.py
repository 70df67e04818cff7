"""Items of our tables: keys and indexes beside one JSON document, written under optimistic locks.

A document is JSON text in the attribute `doc`: exact (no Decimal), and as quick to read as pydantic is. What a
condition or an index needs is an attribute of its own. `rev` counts writes.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from botocore.exceptions import ClientError
from pydantic import BaseModel

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.batches import read_batch, write_batch
from interlock.contract.core import limits
from interlock.contract.core.base import Model
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, WriteConflict

Item = dict[str, dict[str, Any]]
Doc = TypeVar("Doc", bound=BaseModel)
Result = TypeVar("Result")
CHANGE_TRIES = 20
"""So often an optimistic write that met another writer is tried again."""
SHOWN_CHARACTERS = 80
WRITES_PER_CALL = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""


class Key(Model):
    """A primary key."""

    pk: str
    sk: str

    def attributes(self) -> Item:
        """In DynamoDB's JSON; BadRequest where it is longer than DynamoDB takes (`require_short`)."""
        require_short(self.pk, self.sk)
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


class Row(Model):
    """One item as read: its key, its document's text, and its revision."""

    key: Key
    doc: str
    rev: int
    attributes: dict[str, Any]

    def read(self, kind: type[Doc]) -> Doc:
        """The document as a model."""
        return kind.model_validate_json(self.doc)

    def text(self, name: str) -> str:
        """A string attribute, empty where it is absent."""
        return str(self.attributes.get(name, {}).get("S", ""))


@dataclass(frozen=True)
class Stored(Generic[Doc]):
    """A document with the revision that it was read at; 0 for one that is not written yet."""

    item: Doc
    rev: int = 0


class Page(Model):
    """Rows of a query and, where there are more, the cursor for them."""

    rows: tuple[Row, ...]
    cursor: str | None = None


def retry_conflicts(attempt: Callable[[], Result], what: str, where: str) -> Result:
    """Repeat an optimistic write for as long as another writer is first, CHANGE_TRIES times at most.

    Args:
        attempt: reads, decides and writes; it may be called several times.
        what: the thing that is written, for the error: "the install".
        where: its id, for the error.

    Raises:
        Conflict: every try met another writer.
    """
    for _ in range(CHANGE_TRIES):
        try:
            return attempt()
        except WriteConflict:
            continue
    raise Conflict(f"{what} is changed by too many callers at the same time", where=where, next_step="Try again.")


class Table:
    """One table of ours."""

    def __init__(self, name: str) -> None:
        """Name the table; nothing is called."""
        self.name = name

    def get(self, key: Key) -> Row | None:
        """Read one item, consistently."""
        answer = client("dynamodb").get_item(TableName=self.name, Key=key.attributes(), ConsistentRead=True)
        return _row(answer["Item"]) if "Item" in answer else None

    def find(self, key: Key, model: type[Doc], absent: NotFound) -> Stored[Doc]:
        """Read one document with its revision.

        Args:
            key: its key.
            model: its type.
            absent: the error where there is no item.

        Raises:
            NotFound: there is no item.
        """
        row = self.get(key)
        if row is None:
            raise absent
        return Stored(item=row.read(model), rev=row.rev)

    def put(
        self, key: Key, doc: BaseModel, *, rev: int | None = None, extra: Mapping[str, str | int] | None = None
    ) -> None:
        """Write one item.

        Args:
            key: its key.
            doc: its document.
            rev: the revision that was read; 0 for an item that must not exist; None to write whatever is there.
            extra: attributes for indexes, conditions and expiry.

        Raises:
            Conflict: somebody wrote since, or it exists.
        """
        fields: dict[str, Any] = {"TableName": self.name, "Item": item(key, doc, rev=rev, extra=extra)}
        fields |= condition(rev)
        try:
            client("dynamodb").put_item(**fields)
        except ClientError as error:
            raise _conflict(error, key) from error

    def change(
        self,
        key: Key,
        model: type[Doc],
        change: Callable[[Doc], Doc | None],
        *,
        absent: NotFound | Doc,
        extra: Callable[[Doc, Row | None], Mapping[str, str | int]] | None = None,
        what: str,
    ) -> Doc:
        """Change one document by what it is, also where others change it at the same time.

        Args:
            key: its key.
            model: its type.
            change: what it becomes; None, or an equal document, for no write. It may be called several times.
            absent: the error where there is no item, or the document to begin with.
            extra: attributes for indexes, conditions and expiry, of the new document and the row that was read.
            what: the document's name in the error: "the install".

        Returns:
            The document as it is now.

        Raises:
            NotFound: there is no item, and `absent` is an error.
            Conflict: CHANGE_TRIES others were first.
        """

        def attempt() -> Doc:
            row = self.get(key)
            if row is None and isinstance(absent, NotFound):
                raise absent
            before = row.read(model) if row else cast(Doc, absent)
            after = change(before)
            if after is None or (row is not None and after == before):
                return before
            self.put(key, after, rev=row.rev if row else 0, extra=extra(after, row) if extra else None)
            return after

        return retry_conflicts(attempt, what, key.sk)

    def delete(self, key: Key) -> None:
        """Delete one item; absent ones too."""
        client("dynamodb").delete_item(TableName=self.name, Key=key.attributes())

    def put_all(self, rows: Sequence[tuple[Key, BaseModel]]) -> None:
        """Write items whatever is there, WRITES_PER_CALL in a call."""
        for at in range(0, len(rows), WRITES_PER_CALL):
            some = rows[at : at + WRITES_PER_CALL]
            write_batch({self.name: [{"PutRequest": {"Item": item(key, doc)}} for key, doc in some]})

    def delete_all(self, pk: str) -> int:
        """Delete every item of a partition; how many there were."""
        deleted = 0
        while rows := self.query(pk, limit=WRITES_PER_CALL).rows:
            write_batch({self.name: [{"DeleteRequest": {"Key": row.key.attributes()}} for row in rows]})
            deleted += len(rows)
        return deleted

    def query(
        self,
        pk: str,
        prefix: str = "",
        *,
        index: str = "",
        limit: int = 0,
        cursor: str | None = None,
        newest: bool = False,
        between: tuple[str, str] | None = None,
        only: tuple[str, ...] = (),
    ) -> Page:
        """One page of the items of a partition (of the table or an index) whose sort key begins with `prefix`.

        Args:
            pk: the partition.
            prefix: what the sort key begins with.
            index: an index's name; empty for the table.
            limit: how many items are read at most; 0 for what DynamoDB answers at once.
            cursor: where the page before ended.
            newest: from the last sort key on.
            between: instead of `prefix`, the first and the last sort key.
            only: the attributes that are answered; empty for all.

        Raises:
            BadRequest: the cursor is of another query, or a name is longer than a key may be.
        """
        require_short(pk, prefix)
        names = (f"{index}pk", f"{index}sk")
        fields: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "#p = :p" + (" AND begins_with(#s, :s)" if prefix else ""),
            "ExpressionAttributeNames": {"#p": names[0]} | ({"#s": names[1]} if prefix else {}),
            "ExpressionAttributeValues": {":p": {"S": pk}} | ({":s": {"S": prefix}} if prefix else {}),
            "ScanIndexForward": not newest,
        }
        fields |= {"IndexName": index} if index else {"ConsistentRead": True}
        fields |= {"Limit": limit} if limit else {}
        if between:
            fields["KeyConditionExpression"] = "#p = :p AND #s BETWEEN :low AND :high"
            fields["ExpressionAttributeNames"] = {"#p": names[0], "#s": names[1]}
            fields["ExpressionAttributeValues"] = {
                ":p": {"S": pk},
                ":low": {"S": between[0]},
                ":high": {"S": between[1]},
            }
        if only:
            fields["ProjectionExpression"] = ", ".join(only)
        fields |= {"ExclusiveStartKey": _start(cursor, pk, index)} if cursor else {}
        answer = _query(fields)
        last = answer.get("LastEvaluatedKey")
        return Page(rows=tuple(_row(item) for item in answer["Items"]), cursor=json.dumps(last) if last else None)

    def query_all(self, pk: str, prefix: str = "", *, index: str = "") -> Iterator[Row]:
        """Every item of a partition, page by page."""
        page = self.query(pk, prefix, index=index)
        yield from page.rows
        while page.cursor:
            page = self.query(pk, prefix, index=index, cursor=page.cursor)
            yield from page.rows

    def count(self, pk: str, prefix: str) -> int:
        """How many items of a partition have a sort key that begins with `prefix`."""
        fields: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :s)",
            "ExpressionAttributeValues": {":p": {"S": pk}, ":s": {"S": prefix}},
            "Select": "COUNT",
        }
        number = 0
        while True:
            answer = client("dynamodb").query(**fields)
            number += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return number
            fields["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def batch_get(wanted: Mapping[str, Iterable[Key]]) -> dict[tuple[str, str, str], Row]:
    """Read items of several tables in one call, consistently; by (table, pk, sk), absent ones left out.

    Raises:
        Unavailable: DynamoDB left keys unprocessed in every round.
    """
    request: dict[str, Any] = {
        table: {"Keys": [key.attributes() for key in keys], "ConsistentRead": True} for table, keys in wanted.items()
    }
    rows = ((table, _row(current)) for table, current in read_batch(request))
    return {(table, row.key.pk, row.key.sk): row for table, row in rows}


def item(key: Key, doc: BaseModel, *, rev: int | None = None, extra: Mapping[str, str | int] | None = None) -> Item:
    """An item in DynamoDB's JSON."""
    attributes: Item = key.attributes()
    attributes["doc"] = {"S": doc.model_dump_json(by_alias=True)}
    attributes["rev"] = {"N": str((rev or 0) + 1)}
    for name, value in (extra or {}).items():
        attributes[name] = {"N": str(value)} if isinstance(value, int) else {"S": value}
    return attributes


def condition(rev: int | None) -> dict[str, Any]:
    """The condition that an item is still at `rev` (0: absent; None: no condition)."""
    if rev is None:
        return {}
    if rev == 0:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "#rev = :rev",
        "ExpressionAttributeNames": {"#rev": "rev"},
        "ExpressionAttributeValues": {":rev": {"N": str(rev)}},
    }


def require_short(pk: str, sk: str) -> None:
    """Refuse a key that DynamoDB would refuse: only what a caller sent can make one so long.

    Raises:
        BadRequest: it is too long.
    """
    for part, most in ((pk, limits.PARTITION_KEY_BYTES), (sk, limits.SORT_KEY_BYTES)):
        if len(part) > most or len(part.encode()) > most:
            raise BadRequest(
                f"a name in the request is too long: its key has more than {most:,} bytes",
                where=part[:SHOWN_CHARACTERS],
                next_step="Send a shorter name.",
            )


def _query(fields: dict[str, Any]) -> Any:
    """Ask for a page; DynamoDB refuses a start that lies outside what is asked for."""
    try:
        return client("dynamodb").query(**fields)
    except ClientError as error:
        if "ExclusiveStartKey" in fields and error.response.get("Error", {}).get("Code") == "ValidationException":
            raise _wrong_cursor() from error
        raise


def _wrong_cursor() -> BadRequest:
    return BadRequest(
        "the cursor does not belong to this list",
        where="cursor",
        next_step="Read the list from its beginning, without a cursor.",
    )


def _start(cursor: str, pk: str, index: str) -> Item:
    """Where a page begins; only in the partition that is asked for."""
    names = {"pk", "sk", f"{index}pk", f"{index}sk"}
    try:
        current: Item = json.loads(cursor)
        texts = {name: str(value["S"]) for name, value in current.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        texts = {}
    if set(texts) != names or texts[f"{index}pk"] != pk:
        raise _wrong_cursor()
    return {name: {"S": text} for name, text in texts.items()}


def _conflict(error: ClientError, key: Key) -> Exception:
    if is_conditional(error):
        return WriteConflict(
            f"another writer changed {key.sk}", where=key.pk, next_step="Read it again, then try again."
        )
    return error


def _row(current: Item) -> Row:
    return Row(
        key=Key(pk=current["pk"]["S"], sk=current["sk"]["S"]),
        doc=current["doc"]["S"] if "doc" in current else "{}",
        rev=int(current["rev"]["N"]) if "rev" in current else 0,
        attributes=current,
    )
