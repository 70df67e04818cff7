"""URLs of webhooks and steps that lead inside, are read in two ways, or are no URLs; and receivers that are slow."""

import socket
import threading
import time
from collections.abc import Iterator

from interlock.aws.services.public_http import check_url, post
from interlock.compiler.outside import check_outside
from interlock.contract.core.failure import Failure
from interlock.contract.manifest import Manifest
from interlock.sdk.egress import resolve
from scripts.attacks.case import Case

NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "private.test": ["10.0.0.5"],
    "loop.test": ["127.0.0.1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "compatible.test": ["::127.0.0.1"],
    "nat64.test": ["64:ff9b::a9fe:a9fe"],
    "nat64-of-a-site.test": ["64:ff9b:1::a9fe:a9fe"],
    "translated.test": ["::ffff:0:127.0.0.1"],
    "6to4.test": ["2002:a9fe:a9fe::1"],
    "teredo.test": ["2001:0:4136:e378:8000:63bf:5601:5601"],
    "isatap.test": ["2606:2800:220:1:0:5efe:7f00:1"],
    "site-local.test": ["fec0::1"],
    "unique-local.test": ["fd00::1"],
    "ec2.test": ["fd00:ec2::254"],
    "shared.test": ["100.64.0.1"],
    "alibaba.test": ["100.100.100.200"],
    "oracle.test": ["192.0.0.192"],
    "multicast.test": ["224.0.0.1"],
    "broadcast.test": ["255.255.255.255"],
    "unspecified.test": ["0.0.0.0"],
    "benchmark.test": ["198.18.0.1"],
    "documentation.test": ["2001:db8::1"],
    "one-of-two.test": ["93.184.216.34", "127.0.0.1"],
    "nobody.test": [],
    "public.test": ["93.184.216.34"],
}
_LITERAL = (
    *("https://127.0.0.1/", "https://0/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/"),
    *("https://017700000001/", "https://0177.0.0.1/", "https://[::ffff:127.0.0.1]/", "https://[::]/", "https://[::1]/"),
    *("https://169.254.169.254/", "https://2852039166/", "https://[fe80::1%25eth0]/", "https://192.168.0.1/"),
    *("https://127\u30020\u30020\u30021/", "https://\u24dboop.test/", "https://LOCALHOST/"),
)
_ODD = (
    *("http://public.test/", "ftp://public.test/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x"),
    *("javascript:alert(1)", "https://user:pw@public.test/", "https://public.test@127.0.0.1/"),
    *("https://127.0.0.1\\@public.test/", "https://public.test\\@127.0.0.1/", "https://public.test:0/"),
    *("https://public.test:99999/", "https://public.test:-1/", "https://public.test:\u0664\u0664\u0663/"),
    *("https://public.test/\r\nX: y", "https:///x", "//public.test", "https://[::1", "https://pub\tlic.test/"),
    *("https://public.test/\u00e9", "https://public.test/?\u202e", "https://public.test/\ud800", "", "https://"),
    *("https://[v1.x]/", "https://[::1]x/", "https://a b/", "https://" + "a" * 3_000, "https://" + "a." * 900),
    *("https://xn--\u0000/", "https://%31%32%37.0.0.1/", "https://public.test:443:443/"),
)
_TAKEN = (
    *("https://public.test/", "HTTPS://PUBLIC.test:8443/x?y=%0d%0a", "https://public.test#@127.0.0.1/"),
    "https://public.test?@127.0.0.1/",
)
_HOSTS = ("169.254.169.254", "2852039166", "0xa9.0xfea9fe", "metadata.google.internal", "instance-data", "0.0.0.0")


def cases() -> Iterator[Case]:
    """Every attack by a URL."""
    for name in NAMES:
        wanted = "accepted" if name == "public.test" else "refused"
        yield Case("urls", f"a webhook at {name}", wanted, lambda name=name: _webhook(f"https://{name}/"))
    for kind, urls, wanted in (
        ("a literal", _LITERAL, "refused"),
        ("odd", _ODD, "refused"),
        ("sound", _TAKEN, "accept"),
    ):
        for number, url in enumerate(urls):
            yield Case("urls", f"{kind} {number}: {ascii(url)[:50]}", wanted, lambda url=url: _webhook(url))
    for name in ("metadata.google.internal", "nat64.test", "translated.test", "6to4.test", "site-local.test"):
        yield Case("urls", f"a step's call to {name}", "refused", lambda name=name: _step(NAMES[name][0]))
    for host in _HOSTS:
        yield Case(
            "urls", f"a manifest that calls {host}", "manifest.egress-private", lambda host=host: _manifest(host)
        )
    yield Case("urls", "a receiver that sends a byte now and then", "refused unavailable in time", _drip)


def _resolver(host: str, port: int) -> list[str]:
    if host in NAMES:
        return NAMES[host]
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(row[4][0]) for row in rows]


def _webhook(url: str) -> str:
    try:
        target, address = check_url(url, resolver=_resolver)
    except Failure as failure:
        return f"refused {failure.code}"
    return f"accepted {target.host} at {address}"


def _step(address: str) -> str:
    try:
        return f"calls {resolve(address, 443)}"
    except Failure as failure:
        return f"refused {failure.code}"


def _manifest(host: str) -> str:
    raw = {
        "app": {"id": "acme/app", "version": "1.0.0", "title": "App", "category": "automation"},
        "permissions": {"egress": [f"{host}:80"]},
        "steps": {"one": {"handler": "m:one"}},
        "workflows": {"main": {"steps": ["one"]}},
    }
    return ", ".join(row.code for row in check_outside(Manifest.model_validate(raw)))


def _drip() -> str:
    server = socket.create_server(("127.0.0.1", 0))
    ticks = threading.Event()

    def talk() -> None:
        connection, _ = server.accept()
        for _ in range(1_000):
            try:
                connection.send(b"HTTP/1.1 200 OK\r\nX: "[:1])
            except OSError:
                return
            ticks.wait(0.1)

    threading.Thread(target=talk, daemon=True).start()
    begin = time.monotonic()
    try:
        delivery = post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}", loopback=True, seconds=1)
    except Failure as failure:
        return f"refused {failure.code} {'in time' if time.monotonic() - begin < 2 else 'late'}"
    return f"answered {delivery.status}"
