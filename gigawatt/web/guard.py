"""The guard around the service: who may ask, how much and how often, and what browsers may do with the answers."""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Collection

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("gigawatt.web")
BODY = 64 << 10  # bytes of a request
TARGET = 32 << 10  # bytes of path and query
RATE = 200.0  # requests a second and client, in the long run: a drag is 30
BURST = 600.0
CLIENTS = 10_000  # whose rates are remembered

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {}"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
TOO_LARGE = f"the request is larger than {BODY} bytes: send less."
FRAMED = "/embed"  # the one page that others may show in a frame


class Guard:
    """Wraps an application.

    hosts: names by which the service may be addressed, any if None. A page elsewhere that makes its own name point to
    this machine (DNS rebinding) sends that name, and is refused.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None = None, rate: float = RATE, burst: float = BURST):
        self.app, self.hosts, self.rate, self.burst = app, hosts, rate, burst
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        begun = False

        async def headed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["Content-Security-Policy"] = POLICY.format("*" if scope["path"] == FRAMED else "'none'")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self.refuse(scope)
        if refusal:
            await complain(headed, *refusal)
            return
        try:
            await self.app(scope, Bounded(receive), headed)
        except Exception as error:  # its traceback goes to the console, never to the visitor
            LOG.exception("%s %s broke", scope["method"], scope["path"])
            if begun:
                raise
            why = f"gigawatt itself broke ({type(error).__name__}): please report what you asked for."
            await complain(headed, 500, why)

    def refuse(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason, for a request that goes no further."""
        headers = {name.lower(): value for name, value in scope["headers"]}
        if self.hosts is not None and host_of(headers.get(b"host", b"").decode("latin-1")) not in self.hosts:
            return 421, "this name is not mine: open the page by the address that `gigawatt app` printed."
        length = headers.get(b"content-length", b"0")
        if length.isdigit() and int(length[:20]) > BODY:
            return 413, TOO_LARGE
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > TARGET:
            return 414, f"the address is longer than {TARGET} bytes: use POST."
        if not self.allowed(scope["client"][0] if scope.get("client") else ""):
            return 429, f"more than {self.rate:g} requests a second: wait a second."
        return None

    def allowed(self, client: str) -> bool:
        """Whether this client has not asked too often (a token bucket)."""
        now = time.monotonic()
        left, seen = self.buckets.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - seen) * self.rate)
        self.buckets[client] = (max(left - 1.0, 0.0), now)
        if len(self.buckets) > CLIENTS:
            self.buckets.popitem(last=False)
        return left >= 1.0


class Bounded:
    """Reads a body up to the bound, whatever its header said."""

    def __init__(self, receive: Receive):
        self.receive, self.read = receive, 0

    async def __call__(self) -> Message:
        message = await self.receive()
        self.read += len(message.get("body", b""))
        if self.read > BODY:
            raise HTTPException(413, TOO_LARGE)
        return message


def host_of(header: str) -> str:
    """'[::1]:8017' -> '::1', 'localhost:8017' -> 'localhost'."""
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.rpartition(":")[0].lower() if ":" in header else header.lower()


async def complain(send: Send, code: int, why: str) -> None:
    """One line of JSON."""
    body = json.dumps({"error": why}).encode()
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    head += [(b"retry-after", b"1")] if code in (429, 503) else []
    await send({"type": "http.response.start", "status": code, "headers": head})
    await send({"type": "http.response.body", "body": body})
