"""Names that vulture takes for dead, because somebody reads them by name from outside (a part of `scripts/check`)."""

from typing import Any

used: Any = object()

FIELDS_OF_DOCUMENTS = (
    # What publishers write in ASL: validated as a whole, written again by their aliases.
    *(used.error_equals, used.interval_seconds, used.max_attempts, used.backoff_rate, used.max_delay_seconds),
    *(used.jitter_strategy, used.result_path, used.assign, used.query_language, used.input_path, used.output_path),
    *(used.result_selector, used.catch, used.timeout_seconds, used.timeout_seconds_path, used.heartbeat_seconds),
    *(used.heartbeat_seconds_path, used.seconds_path, used.timestamp_path, used.error_path, used.cause_path),
    *(used.processor_config, used.start_at, used.item_processor, used.iterator, used.items_path, used.item_selector),
    *(used.max_concurrency, used.max_concurrency_path),
    # What clients of the API and of the tools read.
    *(used.set_by, used.set_at, used.updated_at, used.datacontenttype, used.notice, used.untrusted, used.waits_for),
    *(
        used.max_memory_mb,
        used.runs_under_way,
        used.steps_under_way,
        used.armed_at,
        used.log_group,
        used.log_request,
        used.start_ms,
        used.annotations,
    ),
    # What the console's page reads before it signs a person in, and what uvicorn looks at.
    *(used.logout_url, used.sign_in_help, used.should_exit),
    # What a coding agent reads, and what Python's debugger calls.
    *(used.size_bytes, used.user_line),
    # What the connector's workflow reads of a step's answer, and who reads a crawl's summary.
    *(used.lost_names, used.skipped_count),
    *(used.held_by, used.input_digest, used.emulator, used.AUTOMATION, used.ASSISTANT, used.WRITE, used.WRITE_TAGS),
)

SET_FOR_OTHERS = (
    # Python's io calls it.
    used.writable,
    # The corrected emulator calls it.
    *(used.cannot_restore, used.end),
    # Attributes that a library reads: CDK's stages and functions, members of zips, pydevd's frames, http.server.
    *(
        used.api_function,
        used.access_log_settings,
        used.default_route_settings,
        used.tenancy_config,
        used.vpc_config,
        used.fmt,
        used.ConnectionCls,
        used.pool_classes_by_scheme,
        used.create_system,
        used.is_tracing,
    ),
    used.compress_type,
    *(used.pydev_message, used.botframe, used.protocol_version, used.close_connection, used.daemon_threads),
    # The engine's interpreter in this process, less what lies outside an execution (tests/support/machines.py).
    *(used._call_lambda, used._scaled_sleep, used._emit_execution_status_event),
    # The jsonata library reads them of an expression (interlock/asl/jsonata_values.py).
    *(used.validate_input, used.output_convert_nulls, used.evaluate_string_concat),
    # httpx calls it for each request; `__getattr__` loads the SDK's names when they are asked for.
    *(used.auth_flow, used.__getattr__),
    # click calls the one and typer reads the other, of the command line's own group.
    *(used.format_commands, used.rich_markup_mode),
    # Of http.client's connections and botocore's endpoints: what they send by.
    *(used.sock, used.http_session),
    # Fixtures that a test asks for by name, for what they do.
    *(used.own_profiles, used.pytestmark),
    # AWS's answer to a call, which a test finds by the operation's name (tests/integration/publishing/test_network.py).
    used.list_firewall_domains,
)

TYPES = (
    # For pyright alone: imported where TYPE_CHECKING is true, or written by the generator of the client.
    *(used.S3Client, used.SecretsManagerClient, used.Clients, used.service_name, used.Calls),
    # Values and fields of types of tests, which the code under test reads.
    *(used.y, used.kids, used.typed, used.downstream, used.posted, used.personal),
)

EVERY = (FIELDS_OF_DOCUMENTS, SET_FOR_OTHERS, TYPES)
