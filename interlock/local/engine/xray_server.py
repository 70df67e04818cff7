"""X-Ray for the local platform: moto's backend on HTTP and the daemon's UDP port in front of it.

Run by path under the interpreter that has moto, never imported by the platform. Moto keeps traces
in memory, and answers PutTraceSegments and BatchGetTraces; filter expressions do not work there.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable


def main(http_port: int, udp_port: int) -> None:
    """Serve until killed, or until the engine is gone."""
    # Moto reads credentials nowhere, but botocore below it refuses to start without a region.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.moto_server.werkzeug_app import create_backend_app
    from moto.xray.models import xray_backends
    from werkzeug.serving import make_server

    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    datagrams.bind(("127.0.0.1", udp_port))
    server = make_server("127.0.0.1", http_port, create_backend_app("xray"), threaded=True)
    store = xray_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]].process_segment
    threading.Thread(target=forward, args=(datagrams, store), daemon=True).start()
    threading.Thread(target=end_with_engine, daemon=True).start()
    server.serve_forever()


def end_with_engine() -> None:
    """End this process when the engine has: it holds the other end of standard input, and writes nothing."""
    sys.stdin.buffer.read()
    os._exit(0)


def forward(datagrams: socket.socket, store: Callable[[str], object]) -> None:
    """Pass each datagram's segments on; a broken one is dropped, as AWS's daemon does.

    Args:
        datagrams: The bound UDP socket.
        store: Takes one segment. A call of the server's own API for each took a tenth of a busy platform's time.
    """
    while True:
        data = datagrams.recv(65535)
        for line in data.decode("utf-8", "replace").split("\n")[1:]:
            if not line.strip():
                continue
            try:
                store(line)
            except Exception as failure:
                sys.stderr.write(f"segment dropped: {failure}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
