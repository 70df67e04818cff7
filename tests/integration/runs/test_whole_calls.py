"""The tables of the tests serve each call whole, as DynamoDB does, whichever thread makes it."""

from concurrent.futures import ThreadPoolExecutor

from interlock.aws.clients import client
from tests.support.cloud import Cloud

WRITERS = 8
ROUNDS = 40


def test_one_of_many_writers_wins_each_round(cloud: Cloud) -> None:
    dynamodb = client("dynamodb")
    table = "runs"

    def write(writer: int) -> list[int]:
        won: list[int] = []
        for number in range(ROUNDS):
            key = {"pk": {"S": f"round-{number}"}, "sk": {"S": "-"}}
            put = {"TableName": table, "Item": key, "ConditionExpression": "attribute_not_exists(pk)"}
            own = {"TableName": table, "Item": {"pk": {"S": f"writer-{writer}"}, "sk": {"S": str(number)}}}
            try:
                dynamodb.transact_write_items(TransactItems=[{"Put": put}, {"Put": own}])
            except dynamodb.exceptions.TransactionCanceledException:
                continue
            won.append(number)
        return won

    with ThreadPoolExecutor(WRITERS) as threads:
        rounds = sorted(number for won in threads.map(write, range(WRITERS)) for number in won)
    assert rounds == list(range(ROUNDS))
