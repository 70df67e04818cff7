"""The corrections of the embedded emulator, each held by a test in tests/local/engine."""

from __future__ import annotations

from . import edit
from .absent_keys import ABSENT_KEYS
from .callbacks import CALLBACK_FAILURE
from .coldstart import COLD_START
from .context import CONTEXT
from .environment import ENVIRONMENT
from .errors import ERRORS
from .evaluator import EVALUATOR
from .fair_queues import FAIR_QUEUES
from .history import HISTORY
from .journal import JOURNAL
from .layers import SHARED_FILES, START_SLOTS
from .limits import LIMITS
from .line import LINE
from .lineage import LINEAGE
from .listener import ADMIN, HEADERS, HOSTS
from .log_pages import LOG_PAGES
from .lost_messages import LOST_MESSAGES
from .parallel import PARALLEL
from .queries import QUERY_PAGES
from .resources import RESOURCES
from .retries import RETRY_DELAY
from .rootkey import ROOT_KEY, ROOT_SIGNATURE
from .schedules import SCHEDULE_WORDS
from .sleeps import LOG_WAIT, START_SLEEP
from .stopping import STOPPING
from .tenancy import TENANCY
from .threads import ITEM_THREADS
from .throttles import THROTTLES
from .trace import TRACE
from .unserved import UNSERVED
from .uploads import UPLOADS
from .worker import LOGGING, ORPHANS

ALL: tuple[edit.Correction, ...] = (
    ERRORS,
    LOGGING,
    ENVIRONMENT,
    LOG_WAIT,
    COLD_START,
    START_SLEEP,
    PARALLEL,
    CALLBACK_FAILURE,
    ROOT_KEY,
    ROOT_SIGNATURE,
    ADMIN,
    HOSTS,
    HEADERS,
    TENANCY,
    TRACE,
    UPLOADS,
    RETRY_DELAY,
    CONTEXT,
    LIMITS,
    HISTORY,
    EVALUATOR,
    RESOURCES,
    SHARED_FILES,
    START_SLOTS,
    SCHEDULE_WORDS,
    ITEM_THREADS,
    QUERY_PAGES,
    LOG_PAGES,
    UNSERVED,
    FAIR_QUEUES,
    LOST_MESSAGES,
    THROTTLES,
    ABSENT_KEYS,
    LINEAGE,
    JOURNAL,
    STOPPING,
    LINE,
    ORPHANS,
)

__all__ = ["ALL", "edit"]
