"""One service for all tests of a file; its world is compiled by the first run and kept on disk."""

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")

from fastapi.testclient import TestClient  # noqa: E402

from gigawatt.web.app import create  # noqa: E402
from gigawatt.web.service import Service  # noqa: E402


@pytest.fixture(scope="module")
def service():
    return Service()


@pytest.fixture(scope="module")
def client(service):
    """Speaks to the application without a network; what nobody foresaw comes as a 500."""
    with TestClient(create(service), raise_server_exceptions=False) as client:
        yield client
