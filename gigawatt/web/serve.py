"""Serve the page on one address until it is told to stop."""

import base64
import ipaddress
import json
import socket

import uvicorn

from gigawatt.console import interruptible, say
from gigawatt.core.cache import cached
from gigawatt.core.errors import InputError
from gigawatt.core.result import version
from gigawatt.web.app import create
from gigawatt.web.recipe import known_scenario
from gigawatt.web.service import Service

CONNECTIONS = 1000  # open at once; more are told 503
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def serve(host: str, port: int, scenario: str) -> None:
    """Bind, compile what the first visitor needs, and answer.

    Raises InputError for an address that cannot be had and a scenario that does not ship.
    """
    known_scenario(scenario)
    service = Service()
    with bound(host, port) as listening, cached():
        say(f"Compiling {scenario} for the first visitor: half a minute the first time, then seconds.")
        interruptible(lambda: service.warm_up(scenario, say))
        local = ipaddress.ip_address(listening.getsockname()[0]).is_loopback
        name = f"[{host}]" if ":" in host else host
        listening.listen(256)  # who comes before the server turns to it waits
        say(f"The page: http://{name}:{listening.getsockname()[1]}/{link(scenario)}  Ctrl-C ends it.")
        if not local:
            say("Whoever reaches this machine can use the page: there is no password.")
        app = create(service, LOOPBACK | {host.lower()} if local else None)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=3,
        )
        uvicorn.Server(config).run(sockets=[listening])


def link(scenario: str) -> str:
    """What stands behind the address of a page that begins with this scenario: a share link as the page makes it."""
    if scenario == "base":
        return ""
    told = json.dumps({"v": version(), "r": {"scenario": scenario}, "page": "world"}, separators=(",", ":"))
    return "#" + base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def bound(host: str, port: int) -> socket.socket:
    """A socket of this address. Raises InputError where there can be none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # named as TCP, else asyncio leaves Nagle's algorithm on, and a body waits 40 ms for the receipt of its head
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, port))
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise InputError(f"--host {host} --port {port}: {error.strerror}: choose another --port.") from None
    return found
