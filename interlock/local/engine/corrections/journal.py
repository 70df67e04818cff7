"""AWS: what it acknowledged is there, whatever happens to a machine.

The emulator: saves its state when it stops gracefully, whole, and begins without a state that it cannot read. The
corrected one writes each change to a journal (`interlock/local/engine/journal`, ADR 0031).
"""

from __future__ import annotations

from .edit import Correction, Edit

_APP = "ministack.app"
_ITEMS = "ministack.services.dynamodb"
_STATES = "ministack.services.stepfunctions"

JOURNAL = Correction(
    name="journal",
    aws="what was acknowledged is there after a crash",
    emulator="a killed process loses what changed since the last graceful stop",
    edits=(
        Edit(
            _APP,
            """        data = load_state(state_key)
        if data:
            try:
                _get_module(module_name).load_persisted_state(data)
""",
            """        import interlock_journal
        data = interlock_journal.journal.state(state_key)
        if data:
            try:
                module = _get_module(module_name)
                if state_key == "dynamodb":
                    interlock_journal.dynamodb_state(data)
                module.load_persisted_state(data)
""",
        ),
        Edit(
            _APP,
            """                    "Failed to restore persisted state for %s; continuing fresh",
                    state_key,
                )
""",
            """                    "Failed to restore persisted state for %s", state_key)
                interlock_journal.journal.cannot_restore(state_key)
    interlock_journal.journal.begin(_state_map)
""",
        ),
        Edit(
            _APP,
            """                save_all(_build_persistence_save_dict())
""",
            """                import interlock_journal
                interlock_journal.journal.end()
""",
        ),
        Edit(
            _APP,
            """    status, resp_headers, resp_body = await _dispatch_service_request(
        method, path, headers, body, query_params, request_id
    )
""",
            """    import interlock_journal
    _journal = interlock_journal.journal
    if _journal.failure and path != "/_ministack/health":
        await _send_response(send, 503, {"Content-Type": "application/json"}, _journal.refusal())
        return
    status, resp_headers, resp_body = await _dispatch_service_request(
        method, path, headers, body, query_params, request_id
    )
    _journal.after((method, path, headers, body))
    if _journal.failure:
        await _send_response(send, 503, {"Content-Type": "application/json"}, _journal.refusal())
        return
""",
        ),
        Edit(
            _ITEMS,
            """async def handle_request(method: str, path: str, headers: dict""",
            """async def handle_request(*values):
    import interlock_journal
    return await interlock_journal.journal.writes.request(_interlock_request, values)


async def _interlock_request(method: str, path: str, headers: dict""",
        ),
        Edit(
            _ITEMS,
            """    table["items"].setdefault(pk_val, {})[sk_val] = item
    _index_item(table, pk_val, sk_val, item, add=True)
    return old_item
""",
            """    table["items"].setdefault(pk_val, {})[sk_val] = item
    _index_item(table, pk_val, sk_val, item, add=True)
    import interlock_journal
    interlock_journal.journal.writes.item(table, pk_val, sk_val, item)
    return old_item
""",
        ),
        Edit(
            _ITEMS,
            """        table["ItemCount"] = max(0, table.get("ItemCount", 0) - 1)
        table["TableSizeBytes"] = table["ItemCount"] * 200
    return old_item
""",
            """        table["ItemCount"] = max(0, table.get("ItemCount", 0) - 1)
        table["TableSizeBytes"] = table["ItemCount"] * 200
        import interlock_journal
        interlock_journal.journal.writes.item(table, pk_val, sk_val, None)
    return old_item
""",
        ),
        Edit(
            _ITEMS,
            """    table.pop(_INDEX_MEMBERS, None)
    _update_counts(table)
""",
            """    table.pop(_INDEX_MEMBERS, None)
    _update_counts(table)
    import interlock_journal
    interlock_journal.journal.writes.items(table)
""",
        ),
        Edit(
            _ITEMS,
            """        _stream_records[table_name].append(record)
        esm_wake.set()
        _trim_stream_records(table_name)
""",
            """        _stream_records[table_name].append(record)
        _trim_stream_records(table_name)
        import interlock_journal
        interlock_journal.journal.writes.stream(
            table, _stream_records[table_name], _stream_trimmed.get(table_name, 0))
        esm_wake.set()
""",
        ),
        Edit(
            "ministack.services.sqs",
            """_queues = AccountRegionScopedDict()
""",
            """import interlock_journal
_queues = interlock_journal.queues_of(AccountRegionScopedDict, interlock_journal.journal.writes)
""",
        ),
        Edit(
            _STATES,
            """_executions = AccountRegionScopedDict()
""",
            """import interlock_journal
_executions = interlock_journal.executions_of(AccountRegionScopedDict, interlock_journal.journal.writes)
""",
        ),
        Edit(
            _STATES,
            """    status = execution["status"]
    failed = status == "FAILED"
""",
            """    status = execution["status"]
    _interlock_written(execution)
    failed = status == "FAILED"
""",
        ),
        Edit(
            _STATES,
            """def _emit_execution_status_event(execution) -> None:
""",
            """def _interlock_written(execution) -> None:
    if execution["status"] != "RUNNING":
        from interlock_journal.changes import key_text
        key = key_text(_executions._scoped(execution["executionArn"]))
        interlock_journal.journal.writes.execution(key, execution)


def _emit_execution_status_event(execution) -> None:
""",
        ),
        Edit(
            "ministack.services.lambda_svc",
            """_dynamodb_stream_positions = AccountRegionScopedDict()
""",
            """import interlock_journal
_dynamodb_stream_positions = interlock_journal.positions_of(AccountRegionScopedDict, interlock_journal.journal.writes)
""",
        ),
    ),
)
