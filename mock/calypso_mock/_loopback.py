"""Recognise the addresses of this machine."""

from __future__ import annotations

import ipaddress
import re

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:]+)(?::\d+)?")


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def host_of(authority: str) -> str:
    """Return the host of a ``Host`` header, without port and brackets; empty if malformed."""
    match = _HOST.fullmatch(authority)
    return match[1].strip("[]") if match else ""
