"""AWS: a page of a query costs what the page reads, however many items the partition holds.

The emulator: it reads the key condition anew for each item of the partition, for each page: a run of 4,000 records
takes eight pages, and a third of a second for each of them. Here it is read and checked once: what it says of the first
item it can say of every one, because it reads keys alone.
"""

from __future__ import annotations

from .edit import Correction, Edit

QUERY_PAGES = Correction(
    name="query_pages",
    aws="a page costs what it reads",
    emulator="a page costs what the whole partition holds",
    edits=(
        Edit(
            "ministack.services.dynamodb",
            """            candidates = [it for it in candidates if _evaluate_condition("""
            """key_cond, it, eav, ean, slot="KeyConditionExpression")]
        except ValueError as exc:
            return error_response_json("ValidationException", str(exc), 400)

    if esk:
        candidates = _apply_exclusive_start_key(
            candidates, esk, pk_name, range_names if multi_key else sk_name, scan_forward, table=table)
""",
            """            for it in candidates[:1]:
                _evaluate_condition(key_cond, it, eav, ean, slot="KeyConditionExpression")
        except ValueError as exc:
            return error_response_json("ValidationException", str(exc), 400)

    if esk:
        candidates = _apply_exclusive_start_key(
            candidates, esk, pk_name, range_names if multi_key else sk_name, scan_forward, table=table)
    if key_cond and not key_conditions:
        parsed = _tokenize(key_cond)
        candidates = (it for it in candidates if _ExprEval(parsed, it, eav, ean).evaluate())
""",
        ),
    ),
)
