"""Serve the page on one address until it is told to stop."""

import socket

import uvicorn

from gigawatt.console import say
from gigawatt.core.cache import cached
from gigawatt.core.errors import InputError
from gigawatt.web.app import create
from gigawatt.web.controls import DRAWS
from gigawatt.web.recipe import known_scenario
from gigawatt.web.service import Service


def serve(host: str, port: int, scenario: str) -> None:
    """Bind, compile what the first visitor needs, and answer.

    Raises InputError for a port in use and a scenario that does not ship.
    """
    known_scenario(scenario)
    with bound(host, port) as listening, cached():
        service = Service()
        say(f"Compiling {scenario} for the first visitor: up to half a minute the first time, then seconds.")
        service.warm_up(scenario, sorted(DRAWS.values()), say)
        name = f"[{host}]" if ":" in host else host
        say(f"The page: http://{name}:{listening.getsockname()[1]}/  (Ctrl-C ends it)")
        config = uvicorn.Config(create(service), log_level="warning", access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listening])


def bound(host: str, port: int) -> socket.socket:
    """A listening socket. Raises InputError where there can be none."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        raise InputError(f"--host {host} --port {port}: {error.strerror}: choose another --port.") from None
    return listening
