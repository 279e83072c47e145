"""Names of hosts become addresses, and only public ones: no way into the network that Papercord runs in."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

from bot.fetch.errors import ForbiddenAddressError, TransientFetchError

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) -> addresses."""


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise TransientFetchError(f"The name {host} cannot be resolved; is there a network?") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an address lies in the public internet."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not parsed.is_multicast


def public_address(host: str, addresses: Sequence[str], allowed: Callable[[str], bool]) -> str:
    """The address to connect to; one that is not public spoils them all."""
    if not addresses:
        raise TransientFetchError(f"{host} has no address.")
    if not all(allowed(address) for address in addresses):
        raise ForbiddenAddressError(f"{host} leads into a private network; it is not asked.")
    # IPv4 first: a machine without IPv6 still gets such addresses told.
    return min(addresses, key=lambda address: ":" in address)
