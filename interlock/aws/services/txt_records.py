"""TXT records, by DNS over HTTPS in its JSON form (https://developers.google.com/speed/public-dns/docs/doh/json).

Over HTTPS, because a function has no resolver of its own to ask for TXT records, and the answer comes unchanged.
"""

import json
from urllib.parse import urlencode

import urllib3

from interlock.contract.core.failure import Unavailable

SECONDS = 5
TXT = 16


def txt_records(resolver: str, name: str) -> list[str]:
    """The TXT records of a name; none where it has none.

    Raises:
        Unavailable: the resolver did not answer.
    """
    url = f"{resolver}?{urlencode({'name': name, 'type': 'TXT'})}"
    try:
        answer = urllib3.PoolManager(timeout=SECONDS, retries=False).request(
            "GET", url, headers={"Accept": "application/dns-json"}
        )
        reply = json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise Unavailable("the DNS resolver did not answer", where=name, next_step="Try again.") from error
    if answer.status != 200:
        raise Unavailable(f"the DNS resolver answered {answer.status}", where=name, next_step="Try again.")
    return [str(row["data"]).replace('" "', "").strip('"') for row in reply.get("Answer", []) if row.get("type") == TXT]
