"""What calls of language models used, in the table of runs: by run and step, and by tenant and month.

The function that calls the model counts here, so what a step says of its own calls is not needed.
"""

import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.errors import is_conditional
from interlock.aws.tables.table import Key, Row, Table
from interlock.contract.language_model import ModelUse

DAYS = 2
"""Of a day's tokens: they count until it is over."""
RUN_DAYS, MONTH_DAYS = 100, 62
"""A run's items stay as long as the run may be shown; a month's, until no call of it is under way."""
DAY_SECONDS = 86_400
WHOLE = "*"


class ModelUses:
    """The counters of every tenant."""

    def __init__(self, table: str) -> None:
        """Name the table; nothing is called."""
        self.table = Table(table)

    def take_call(self, tenant: str, run: str, most: int) -> bool:
        """Count a call of a run that is about to be made, if it has one left; whether it had."""
        condition = {
            "ConditionExpression": "attribute_not_exists(calls) OR calls < :most",
            "values": {":most": {"N": str(most)}},
        }
        try:
            self._add(_run_key(tenant, run, WHOLE), {"calls": 1}, RUN_DAYS, condition)
        except ClientError as error:
            if is_conditional(error):
                return False
            raise
        return True

    def count(self, tenant: str, run: str, step: str, month: str, use: ModelUse) -> None:
        """Count what a call used."""
        dollars = f"{use.dollars:.9f}"
        numbers: dict[str, int | str] = {
            "calls": use.calls,
            "input_tokens": use.input_tokens,
            "output_tokens": use.output_tokens,
            "dollars": dollars,
            "unpriced_tokens": use.unpriced_tokens,
        }
        # The month first: a crash in between must not leave a budget that knows too little.
        self._add(_month_key(tenant, month), {"dollars": dollars}, MONTH_DAYS)
        self._add(_run_key(tenant, run, step), numbers, RUN_DAYS)

    def count_tokens(self, tenant: str, install: str, day: str, tokens: int) -> None:
        """Count tokens of a day, for the quotas of tenant and install."""
        self._add(_day_key(tenant, day), {"all": tokens, f"i{install}": tokens}, DAYS)

    def tokens(self, tenant: str, day: str) -> dict[str, int]:
        """The tokens of a day: by install, and of the whole tenant under an empty name."""
        row = self.table.get(_day_key(tenant, day))
        numbers = {name: int(value["N"]) for name, value in row.attributes.items() if "N" in value} if row else {}
        of_installs = {name[1:]: number for name, number in numbers.items() if name.startswith("i")}
        return of_installs | {"": numbers.get("all", 0)}

    def of_run(self, tenant: str, run: str) -> dict[str, ModelUse]:
        """What a run used, by step."""
        rows = self.table.query_all(_run_key(tenant, run, "").pk)
        return {row.key.sk: _use(row) for row in rows if row.key.sk != WHOLE}

    def dollars(self, tenant: str, month: str) -> float:
        """What a tenant's calls of a month cost, as far as their prices are known."""
        row = self.table.get(_month_key(tenant, month))
        return float(row.attributes.get("dollars", {}).get("N", 0)) if row else 0.0

    def _add(
        self, key: Key, numbers: Mapping[str, int | str], days: int, condition: dict[str, Any] | None = None
    ) -> None:
        names = {f"#{name}": name for name in numbers}
        values: dict[str, Any] = {f":{name}": {"N": str(number)} for name, number in numbers.items()}
        condition = dict(condition or {})
        values |= {":expires": {"N": str(int(time.time()) + days * DAY_SECONDS)}, **condition.pop("values", {})}
        client("dynamodb").update_item(
            TableName=self.table.name,
            Key=key.attributes(),
            UpdateExpression=f"ADD {', '.join(f'#{name} :{name}' for name in numbers)} SET expires = :expires",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            **condition,
        )


def _run_key(tenant: str, run: str, step: str) -> Key:
    return Key(pk=f"MODEL#{tenant}#{run}", sk=step)


def _month_key(tenant: str, month: str) -> Key:
    return Key(pk=f"QUOTA#{tenant}", sk=f"MODEL#{month}")


def _day_key(tenant: str, day: str) -> Key:
    return Key(pk=f"QUOTA#{tenant}", sk=f"TOKENS#{day}")


def _use(row: Row) -> ModelUse:
    numbers = {name: value["N"] for name, value in row.attributes.items() if "N" in value}
    return ModelUse.model_validate({name: numbers.get(name, 0) for name in ModelUse.model_fields})
