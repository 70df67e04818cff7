"""Every limit that the platform keeps, named, with its source.

A limit of AWS names the page; a limit of ours names the ADR or the reason.
"""

KIB = 1024
MIB = 1024 * KIB

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
SFN_PAYLOAD_BYTES = 256 * KIB
SFN_DEFINITION_BYTES = 1 * MIB
SFN_HISTORY_EVENTS = 25_000
SFN_NAME_CHARS = 80
HISTORY_RESERVE_EVENTS = 2_000
"""The gate stops a run this long before SFN_HISTORY_EVENTS: it counts now and then, and a Catch needs room."""
EVENTS_PER_STEP = 5
"""Entered, scheduled, started, ended, exited: what one Task costs of a history."""
EVENTS_PER_STATE = 2
"""Entered and exited: what any other state costs."""
STACK_SECONDS = 1_800
"""How long publishing and onboarding wait for a stack. Their loops cost eight events a second of SFN_HISTORY_EVENTS."""

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_PAYLOAD_BYTES = 6 * MIB
LAMBDA_TIMEOUT_SECONDS = 900

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
STACK_RESOURCES = 500
STACK_PARAMETERS = 200

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROLE_POLICY_CHARS = 10_240
"""Of all inline policies of a role together; IAM does not count spaces between words."""

THROTTLED_SECONDS = 10
"""How long the gate calls a throttled step again, and at most half of the step's own time. After that the workflow does
(`Interlock.Unavailable`), which costs the gate nothing."""

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
SESSION_POLICY_CHARS = 2_048
SESSION_SECONDS = 900
"""The shortest that STS gives, and longer than a step may take: how long credentials can outlive what ended them."""

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
EVENT_ENTRY_BYTES = 256 * KIB
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
RULE_ATTEMPTS = 185
RULE_SECONDS = 86_400
"""How often and how long EventBridge tries a rule's target before the event is a letter: its own bounds."""
EVENTS_PER_PUT = 10

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
RULE_PATTERN_CHARS = 2_048

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
PARTITION_KEY_BYTES, SORT_KEY_BYTES = 2_048, 1_024
TRANSACTION_ACTIONS = 100

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
HEADER_BYTES = 10_240
"""The request line and all headers of a call to an HTTP API."""
TICKET_BYTES = 4 * KIB
"""A ticket is one header of HEADER_BYTES; beside it go a session's token of STS, of 1 to 3 KiB, and a signature."""

# https://docs.aws.amazon.com/network-firewall/latest/developerguide/quotas.html
NETWORK_HOSTS = 5_000
"""Declared hosts of a deployment where its network is on: a firewall policy has a capacity of 30,000, and a list of DNS
Firewall takes 1,000 names a call."""

# Ours: what a version's stack may hold; below STACK_RESOURCES and ROLE_POLICY_CHARS, and what an account shares.
MEMORY_SIZES = 8
"""Different sizes of memory of a version's steps: each is a function, with environments of its own for each tenant."""
WORKFLOWS = 50
"""Workflows of a version: each is a state machine, and an account has 10,000 of them in a Region."""
EVENT_TRIGGERS = 50
"""Event triggers of a version: each is a rule of the tenant's bus, which has 300 for all installs and webhooks:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
ASSET_TAGS = 49
"""Each tag that comes or goes is one of TRANSACTION_ACTIONS, beside the asset and its history."""

# Ours: what a run and a bundle may weigh.
SPILL_BUDGET_BYTES = 192 * KIB
"""What a step's answer may weigh in the state machine: the rest of SFN_PAYLOAD_BYTES is for what ResultPath keeps."""
INLINE_BODY_BYTES = 16 * KIB
"""Bodies of records above this go to S3 (architecture, tables): an item stays at 32 KiB, a query page at 30 records."""
BUNDLE_BYTES = 50 * MIB
"""The upload: Lambda takes no larger direct zip, and S3 deploys are held to the same."""
BUNDLE_ENTRIES = 10_000
"""Files and folders of a bundle: each costs a header's check, and a name's."""
BUNDLE_ENTRY_BYTES = 100 * MIB
"""One file: the largest native libraries of wheels have 60 MiB."""
BUNDLE_UNPACKED_BYTES = 200 * MIB
"""Below the 250 MiB of Lambda, which count the platform's layer too."""
BUNDLE_RATIO = 200
"""Unpacked to packed, of one entry: real code and text stay below 20, a zip bomb is above 1,000."""
BUNDLE_WHOLE_RATIO = 40
"""Unpacked to packed, of the whole zip: wheels with debug symbols stay below 10."""
BUNDLE_SMALL_BYTES = 64 * KIB
"""A file below this has no ratio: a page of zeros packs to nothing and hurts nobody."""
BUNDLE_PATH_CHARS = 240
EFFECTS_BYTES = 1 * MIB
"""The effects journal of one attempt; results past it are kept as digest and size."""
MAX_HOPS = 8
"""Runs that cause runs: a chain longer than this is a loop until somebody shows one that is not."""
DEDUPE_DAYS = 90
"""Step Functions forgets an execution's name after 90 days; so do our idempotency keys."""
EVENT_DAYS = 30
"""Events are archived for so long (ADR 0013)."""
DEAD_DAYS = 90
"""A dead letter, and what a redrive of it needs, stays as long as a duplicate of it would be known."""
MAX_DEFERRALS = 20_160
"""How often a start waits for room, about 14 days in all: as long as SQS keeps a message that nobody receives. Lambda's
detection of loops is off for the functions that send to their own queue, so each such chain has an end of ours."""
START_RECEIVES = 5
"""Deliveries of a start before it becomes a dead letter."""
GOOD_RUNS = 10
"""An explanation looks at so many runs of the workflow that succeeded last, of the install where it has some."""
GOOD_RUNS_READ = 50
"""So many are read for them, because several installs of an app share an index: one query, whatever a tenant has."""
TRACE_STEPS = 500
"""Attempts in a run's trace: X-Ray takes 500 KB a trace, and an attempt has less than 1 KB.
https://docs.aws.amazon.com/general/latest/gr/xray.html"""
RECORD_DAYS = 90
"""Step records expire with the history they explain."""
WATCH_MINUTES = 30
MAX_WATCH_MINUTES = 1_440
WATCH_RATE = 0.5
WATCH_RUNS = 5
WATCH_READS = 100
WATCH_PAGES = 10
"""An upgrade is watched for WATCH_MINUTES and taken back when of its newest runs (at least WATCH_RUNS, at most
WATCH_READS, among at most WATCH_PAGES times as many of all installs of the app) more than WATCH_RATE failed, unless
the tenant gives other figures."""
KEEP_DAYS = 30
"""How long the data of a removed install can be recovered."""
LIFECYCLE_SECONDS = 300
"""The time of a task that removes or erases: it works in batches, and leaves a part of it (functions/tasks.py)."""
DRAIN_SECONDS = 86_400
"""How long removing waits for runs in flight before it aborts them."""
API_CALLS_PER_MINUTE = 3_000
"""Calls of the control API of one caller: people and their programs stay far below, a loop without end does not."""
INVITATION_DAYS = 7
"""How long somebody may take to accept an invitation."""
SUPPORT_MINUTES = 60
"""How long a support session lasts if nobody says otherwise: one call with the publisher."""
MAX_SUPPORT_MINUTES = 1_440
"""The longest support session: a day, so that a publisher in another time zone has its working hours in it."""
SCOPE_CALLS_PER_MINUTE = 9_000
"""Calls of the control API of a tenant or a publisher, by all its people and machines: three of them at their most."""
VERIFICATION_RUNS = 200
"""Runs of one verification: its verdicts are one item of DynamoDB, which has 400 KB."""
PAGE_READS = 6
"""What a page of the console reads again and again while it is open, at most."""
POLL_SECONDS = 2
"""How often it does: PAGE_READS every 2 s are 180 calls a minute, below a tenth of API_CALLS_PER_MINUTE. The header
`Interlock-Poll` of a GET has it."""
POLL_RECORDS = 250
LONGEST_POLL_SECONDS = 30
"""A long run's graph is worth asking for again after a second for each so many records, and after so long at most."""
IDEMPOTENCY_HOURS = 24
IDEMPOTENCY_KEY_CHARS = 200
"""How long a POST's `Idempotency-Key` is remembered, and how long it may be."""
RELEASES = 500
"""The newest so many releases of an app can be chosen: their item stays under half of what DynamoDB takes (400 KiB)."""

FORK_JOB_RUNS = 1_000
"""Runs that one fork job takes. Its item lists them at less than 100 bytes each, so with FORK_JOB_ERRORS and
FORK_JOB_REQUEST_BYTES it stays below the 400 KB of an item:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""
FORK_JOB_ERRORS = 100
"""Errors whose sentence a fork job keeps; of further ones it keeps the code."""
FORK_JOB_REQUEST_BYTES = 16 * KIB
"""A fork job's request, with its patch: the item of the job holds it."""

# What a call of a language model by `ctx.model` may hold (ADR 0036).
MODEL_PROMPT_BYTES = 128 * KIB
"""All text of one call: about 32,000 tokens of English. The journal of an attempt holds a few (EFFECTS_BYTES)."""
MODEL_MESSAGES = 100
MODEL_TOKENS = 4_096
"""Of an answer: what a model writes in MODEL_SECONDS."""
MODEL_SECONDS = 25
"""How long the platform waits for an answer: an HTTP API ends a call after 30 s.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
MODEL_ANSWER_BYTES = 1 * MIB
"""What is read of a service's answer: MODEL_TOKENS of any language have less than 64 KiB."""
MODEL_CALLS = 1_000
"""Calls of one run: a catalog of a thousand tables is described by one, and a loop without an end is stopped."""

TRIAL_TESTS = 20
"""Golden tests of a bundle: each is an install and a run in the sandbox."""
TRIAL_INPUT_BYTES = 128 * KIB
"""The input of a golden test: with its envelope it is a message of SQS."""
TRIAL_FIXTURE_BYTES = 64 * KIB
"""A file of assets, state or HTTP answers of a golden test: the answers lie in the item of its install, and go to each
step with its input."""
TRIAL_SECONDS = 900
"""A trial that is not over by then is a rejection: no step may take longer."""
REVIEW_DAYS = 30
"""A version that nobody reviewed by then is rejected; the state of statemachines/publish waits a day longer."""

APPROVAL_MIN_SECONDS = 60
"""The clock of approvals looks once a minute."""
APPROVAL_SECONDS = 7 * 86_400
APPROVAL_MAX_SECONDS = 300 * 86_400
"""An execution ends after a year, and the run was begun before it asked."""
APPROVAL_QUESTION_CHARS = 2_000
"""A question is read in a list: what it is made of goes into the approval's data."""
APPROVAL_KEEP_DAYS = 90
"""An approval is kept so long after its deadline, as the records that it explains are."""

AUDIT_DAYS = 400
"""Thirteen months of the audit log: what a yearly review looks at is there."""

ICON_BYTES = 256 * KIB
SCREENSHOT_BYTES = 1 * MIB
"""Images of a listing: a page of them loads in a second on a slow line."""
CHANGELOG_BYTES = 16 * KIB
"""A changelog stands in the listing's item, far below the 400 KiB that DynamoDB takes."""

# What a view of an app may hold (ADR 0039). The console draws it within these bounds, too.
VIEWS = 10
"""Views of a version: each is an entry of a page that people read."""
CARD_BYTES = 64 * KIB
"""A card's file: the longest of https://adaptivecards.io/samples/ has less than 16 KiB."""
CARD_DEPTH = 32
"""Levels of objects and lists in a card: a table in a container has 12."""
CARD_ELEMENTS = 200
"""Elements and actions of a card before data fills it: more are no page that somebody reads."""
CARD_EXPRESSIONS = 200
CARD_EXPRESSION_CHARS = 500
"""Expressions of a card, and the length of each: they are read in each reader's browser, within a deadline."""
CARD_REPEATS = 2
"""`$data` inside of `$data`: rows and their cells. Each level multiplies what the card becomes."""
CARD_IMAGES = 20
CARD_IMAGE_BYTES = 256 * KIB
"""Images of a card, each as large as an icon."""
VIEW_DATA_BYTES = 256 * KIB
"""Data of a view: the output of a run has no more (SFN_PAYLOAD_BYTES), but where a part of it was stored apart."""
VIEW_ASSETS = 1_000
"""Assets that a view's query counts by source: ten pages of the catalog."""
VIEW_ROWS = 100
"""Assets of them that the card is filled with."""

# Copilots. https://modelcontextprotocol.io/specification/2025-11-25/server/tools and what models take as a tool's name.
TOOL_NAME_CHARS = 64
"""MCP allows 128; the models' own APIs take `[a-zA-Z0-9_-]{1,64}`."""
TENANT_TOOL_CHARS = 53
"""A tool's name in its tenant, with the install's: it leaves eight of TOOL_NAME_CHARS for a digest of the publisher."""
TOOL_TEXT_CHARS = 500
"""A publisher's words in a tool's definition: enough to say what it does, too little to say much else."""
TOOL_SCHEMA_BYTES = 16 * KIB
"""A tool's input schema as it is offered: a page of TOOL_PAGE of them is far below LAMBDA_PAYLOAD_BYTES."""
TOOL_PAGE = 50
"""Apps' tools on one page: their installs and versions are read in two calls, whatever the number of installs."""
CONFIRM_SECONDS = 600
"""How long a confirmation can be given: a person reads it, asks somebody, and agrees."""
PAUSE_HAND_SECONDS = 3_600
"""How long a person who took a pause keeps copilots from deciding it, unless they release it or take it again."""
COPILOT_ROWS = 20
"""Rows of an answer where nothing else is asked for: a model reads every one of them."""
TITLE_CHARS = 120
"""A run's title: one line of a list."""
SUMMARY_CHARS = 200
"""A step's summary: one line of a tree."""
COPILOT_STEPS = 100
"""Newest step records of an answer about a run."""
COPILOT_BODY_BYTES = INLINE_BODY_BYTES
"""Inputs and outputs above this are told by their size."""

# What one JSON Schema of a publisher may hold (interlock/bounds/json_schema.py): one item has all of them, in
# the 400 KB that DynamoDB takes, and every check of a value visits every place of one.
SCHEMA_BYTES = 64 * KIB
SCHEMA_NODES = 5_000
SCHEMA_DEPTH = 64

# What the data flow of one run may take, which evaluates its publisher's expressions
# (interlock/control/inspection/state_flow.py).
FLOW_SECONDS = 5.0
"""Of a processor, as for the inspection of a bundle: 4,000 states take two and a half."""
FLOW_WALL_SECONDS = 15.0
"""Beside what reading the records takes, within the 30 s that an HTTP API waits.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
FLOW_TOTAL_SECONDS = 1.0
FLOW_TOTAL_WALL_SECONDS = 3.0
"""For the number of a Map's items alone, which an open page asks for every POLL_SECONDS; after that it has none."""
FLOW_TOTAL_READ_BYTES = 2_000_000
FLOW_TOTAL_RECORDS = 100
"""What is read for that number: the records outside of the Map, in one call of BatchGetItem.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
FLOW_MEGABYTES = 256
"""Beside what the API's function has, which has 1,024."""
FLOW_READ_BYTES = 10_000_000
"""Inputs, outputs and effects that are read for it: as much as a comparison reads of a run."""
FLOW_READ_BODIES = 400
"""Bodies of them that are stored apart: each is a call of S3, of some 20 ms."""
FLOW_VALUE_BYTES = SFN_PAYLOAD_BYTES
"""One value of an answer: a state carries no more, but where parts of it are stored apart."""
FLOW_PAGE_BYTES = 4 * MIB
"""A page of states, below LAMBDA_PAYLOAD_BYTES: a state has at most ten values of FLOW_VALUE_BYTES."""

# What the inspection of one bundle may take (interlock/compiler/inspection.py).
INSPECT_SECONDS = 5.0
INSPECT_WALL_SECONDS = 60.0
"""Half of the time of the function that publishes; a busy machine gives a process a part of its time."""
INSPECT_MEGABYTES = 256
INSPECT_ANSWER_BYTES = 16 * MIB
EXPRESSION_CHARS = 16 * KIB
"""One path or expression of a workflow; Step Functions has no limit of its own below that of the definition."""
CODE_FILE_BYTES = 512 * KIB
CODE_BYTES = 1 * MIB
"""The publisher's own Python: 1 MiB is thirty thousand lines. Vendored libraries are not parsed."""
KEPT_FINDINGS = 200
"""Findings of one bundle: more of them help nobody."""
FINDING_CHARS = 500
"""What a version keeps of its findings: its item holds them, in the 400 KB that DynamoDB takes."""
SEARCHED_BYTES = 1 * MIB
"""Files of the publisher above this are not searched for secrets: they are data."""
ADVISORY_BYTES = 16 * MIB
"""The operator's file of advisories: all of PyPI's with their versions have less."""

# Ours: what one call of `versions.check` takes; `interlock app check` makes as many as an app needs.
CHECK_WORKFLOWS = 10
"""Step Functions is asked about each, and a function of the API has 30 s."""
CHECK_BYTES = 4 * MIB
"""Of the definitions of one call, below LAMBDA_PAYLOAD_BYTES with all that goes beside them."""
CHECK_LIBRARIES = 1_000
CHECK_EGRESS = 1_000
CHECK_LIBRARY_CHARS = 200
"""Of a library's name or version: PyPI takes no longer name."""
CHECK_PLACE_CHARS = 500
"""Of a file's path in a bundle: a finding keeps FINDING_CHARS."""
