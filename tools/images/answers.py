"""Tells whether the server in this container answers 200: `answers.py PORT PATH`.

It is asked every few seconds in every container, so it loads next to nothing.
"""

import socket
import sys

_TIMEOUT_S = 4


def main(port: str, path: str) -> None:
    """End with 0 if it does, and with 1 if it does not."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", int(port)), timeout=_TIMEOUT_S) as connection:
            connection.sendall(request.encode())
            status = connection.recv(64).split()[1:2]
    except OSError as error:
        sys.exit(str(error))
    if status != [b"200"]:
        sys.exit(f"it says {b' '.join(status).decode()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
