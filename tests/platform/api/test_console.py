"""The console's files, and what every answer carries to keep browsers safe."""

from pathlib import Path

import httpx
import pytest

from callcenter.platform.api.app import create_app
from callcenter.platform.plumbing.db import Database
from callcenter.platform.wire.settings import Settings
from tests.platform.api.world import SITE

pytestmark = pytest.mark.pure


def client_of(folder: Path) -> httpx.AsyncClient:
    app = create_app(Database("postgresql://127.0.0.1:1/none"), Settings(), console=folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<p>console")
    (folder / "assets" / "index-D3k_x9Qa.js").write_text("1")
    (folder / "assets" / "color-scheme.js").write_text("2")
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.mark.parametrize("page", ["/", "/calls", "/calls/0190-ab", "/deep/er/page", "/sign-in?next=%2Fcalls"])
async def test_every_page_of_the_console_is_its_index(built: Path, page: str) -> None:
    async with client_of(built) as client:
        answer = await client.get(page)
    assert answer.status_code == 200
    assert answer.text == "<p>console"
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


async def test_hashed_assets_are_kept_for_ever_and_others_are_asked_for_again(built: Path) -> None:
    async with client_of(built) as client:
        hashed = await client.get("/assets/index-D3k_x9Qa.js")
        plain = await client.get("/assets/color-scheme.js")
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.text == "2"


@pytest.mark.parametrize("path", ["/assets/gone-D3k_x9Qa.js", "/favicon.ico", "/..%2fsecret.txt", "/assets/%00.js"])
async def test_a_missing_file_is_not_a_page(built: Path, path: str) -> None:
    async with client_of(built) as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_paths_of_the_api_are_never_pages(built: Path) -> None:
    async with client_of(built) as client:
        for path in ("/api", "/api/", "/api/unknown", "/livekit/unknown", "/desk"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/calls")).status_code == 405


async def test_a_console_that_is_not_built_says_so(tmp_path: Path) -> None:
    async with client_of(tmp_path / "missing") as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert "not built" in answer.text
    assert "npm run build" in answer.text


@pytest.mark.parametrize("path", ["/", "/assets/color-scheme.js", "/openapi.json", "/api/session", "/api/unknown"])
async def test_every_answer_keeps_the_browser_safe(built: Path, path: str) -> None:
    async with client_of(built) as client:
        headers = (await client.get(path)).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert ("no-store" in headers.get("cache-control", "")) == path.startswith("/api/")
