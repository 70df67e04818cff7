"""Rules as `*.mail -> pii`, applied to columns."""

import re

from interlock import step


@step
def parse_rules(value: dict) -> dict:
    rules = []
    for text in value["rules"]:
        pattern, _, tag = text.partition("->")
        rules.append({"pattern": pattern.strip().replace(".", r"\.").replace("*", ".*"), "tag": tag.strip()})
    return {"rules": rules, "columns": value["columns"]}


@step
def apply_rules(value: dict) -> dict:
    found: dict[str, list[str]] = {}
    for rule in value["rules"]:
        for column in matching(rule, value["columns"]):
            found.setdefault(column, []).append(rule["tag"])
    return {"tags": found}


def matching(rule: dict, columns: list[str]) -> list[str]:
    pattern = re.compile(rule["pattern"])
    return [column for column in columns if pattern.fullmatch(column)]
