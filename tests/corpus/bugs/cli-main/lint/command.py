"""The linter's command line."""

import sys


def run(arguments: list[str]) -> int:
    sql = arguments[-1].lower()
    problems = sql.count("select *") + sql.count("order by 1")
    if problems:
        sys.exit(problems)
    return problems
