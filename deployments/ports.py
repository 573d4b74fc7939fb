"""Ports of this machine's loopback address."""

import socket

LOOPBACK = "127.0.0.1"
PORTS_TRIED = 50


def is_free(port: int) -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: one just closed is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def first_free_port(first: int) -> int:
    """The first free one from `first` on; any free one if the next fifty are taken."""
    return next((port for port in range(first, first + PORTS_TRIED) if is_free(port)), 0) or _any_free_port()


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
