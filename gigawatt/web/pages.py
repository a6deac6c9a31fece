"""The files of the page: those that ship beside this module, by name, none by path."""

import hashlib
from importlib import resources

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

KINDS = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}


def page_file(name: str, request: Request) -> Response:
    """A file of the page, or 304 where the browser has it. Raises 404 for a name that is none of them.

    The name of a request is compared with those that ship, and never made into a path.
    """
    files = {file.name: file for file in resources.files("gigawatt.web").joinpath("static").iterdir()}
    kind = KINDS.get(name.rpartition(".")[2])
    if name not in files or kind is None:
        raise HTTPException(404, "no such file: the page is at /.")
    content = files[name].read_bytes()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)
