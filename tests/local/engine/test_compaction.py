"""A journal that has grown is put into the snapshots at the next start, and goes on after that."""

from __future__ import annotations

from tests.local.engine.durable_checks import own_engine
from tests.support.engine_cloud import single

TABLE = {
    "TableName": "rows",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}
LARGE, MANY = 390_000, 24
PASS = single({"Type": "Pass", "End": True})
STACK = {"Topic": {"Type": "AWS::SNS::Topic"}}


def test_what_comes_after_the_journal_was_compacted_is_there_too() -> None:
    with own_engine(()) as (first, killed):
        # A key's private part is an object in the emulator's memory, as the signing key of the platform is.
        key = first.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        tables = first.client("dynamodb")
        tables.create_table(**TABLE)
        for number in range(MANY):
            tables.put_item(TableName="rows", Item={"pk": {"S": str(number)}, "v": {"S": "x" * LARGE}})
        path = first.engine.state_dir / "state" / "changes.journal"
        assert path.stat().st_size > LARGE * MANY
        second = killed()
        assert path.stat().st_size < LARGE, "it was not compacted"
        second.ended(second.start(PASS))
        second.stack(STACK)
        second.client("dynamodb").put_item(TableName="rows", Item={"pk": {"S": "last"}})
        third = killed()
        assert third.client("dynamodb").describe_table(TableName="rows")["Table"]["ItemCount"] == MANY + 1
        assert len(third.client("stepfunctions").list_state_machines()["stateMachines"]) == 1
        assert third.client("cloudformation").describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        assert third.client("kms").get_public_key(KeyId=key)["KeySpec"] == "ECC_NIST_P256"
