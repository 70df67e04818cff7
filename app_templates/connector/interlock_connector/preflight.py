"""The preflight: can the database be reached, does it let us in, and what does it show?"""

from typing import Any

from interlock import Check, Context, PermanentError, RetryableError, step
from interlock_connector.models import Settings
from interlock_connector.source import connected, relations, url_of

FIXES = {
    "BadDatabaseUrl": "Write it as SQLAlchemy does: postgresql://USER:PASSWORD@HOST/DATABASE.",
    "NoDatabaseUrl": "Set the secret database_url.",
    "NoSuchDatabase": "Correct the database's name in database_url.",
    "SignInRefused": "Correct the user and the password in the secret database_url.",
    "Unreachable": "Look whether the host and the port are right, and whether a firewall lets the platform in.",
}
REACH, TABLES = "reach the database", "see tables"


@step
def preflight(_value: dict[str, Any], ctx: Context) -> list[Check]:
    """Look at the source as a crawl would, and read nothing of it but names."""
    settings = Settings.model_validate(ctx.config)
    try:
        with connected(url_of(settings, ctx), settings.statement_timeout_s) as source:
            listed = relations(source, settings.schemas)
            dialect = source.connection.dialect.name
    except (PermanentError, RetryableError) as error:
        ctx.summary(f"{error.name}")
        return [Check(name=REACH, ok=False, detail=f"{error.name}: {error.what}", fix=FIXES.get(error.name, ""))]
    ctx.summary(f"{len(listed)} tables")
    where = f" in {', '.join(settings.schemas)}" if settings.schemas else ""
    fix = "Grant the user SELECT on the tables, or name other schemas in the config."
    return [
        Check(name=REACH, ok=True, detail=dialect),
        Check(name=TABLES, ok=bool(listed), detail=f"{len(listed)} tables and views{where}", fix=fix),
    ]
