"""Browsers get the pages, ask each time whether they are new, and get nothing else of the folder."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from gateway.app import WEB
from gateway.pages import Pages, served
from tests.gateway.support import Running


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "package-lock.json",
        "jsconfig.json",
        ".npmrc",
        "node_modules/typescript/package.json",
        "node_modules/axe-core/axe.js",
        "js/node_modules/x.js",
        "js/.secret.js",
        "js/.git/x.js",
        "js/core/store.test.js",
        "js/core/store.spec.js",
        "js/tests/store.js",
        "tests/x.js",
        "js/notes.md",
        "new.html",
    ],
)
def test_what_is_not_for_browsers(path: str) -> None:
    assert not served(PurePath(path))


def test_everything_that_a_page_or_a_module_names_is_served() -> None:
    files = [one for one in WEB.rglob("*") if one.is_file() and served(one.relative_to(WEB))]
    assert {"sw.js", "page.css", "store.js", "index.html"} <= {one.name for one in files}
    modules = 0
    for one in files:
        for named in re.findall(
            r'(?:src|href|from|import)[= ]"([./][^"]*\.(?:js|css|svg))"', one.read_text()
        ):
            target = WEB / named[1:] if named.startswith("/") else (one.parent / named).resolve()
            modules += 1
            assert target.is_file(), f"{one.name}: {named}"
            assert served(target.relative_to(WEB)), f"{one.name}: {named}"
    assert modules > 50


async def test_the_gateway_gives_pages_that_are_asked_for_anew_and_no_tools(gateway: Running) -> None:
    async with gateway.web() as web:
        for path in ("/", "/staff/", "/guest/", "/sw.js", "/icon.svg", "/js/core/store.js", "/css/page.css"):
            found = await web.get(path)
            assert (found.status_code, found.headers["cache-control"]) == (200, "no-cache"), path
            assert found.headers["last-modified"]
            again = await web.get(path, headers={"If-None-Match": found.headers["etag"]})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["cache-control"] == "no-cache"
        kept = ("/package.json", "/jsconfig.json", "/.npmrc", "/node_modules/typescript/package.json", "/js/")
        for path in (*kept, "/js/%2e%2e/package.json", "/js/..%2fpackage.json", "/node_modules/"):
            missing = await web.get(path)
            assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found"), path


async def asked(folder: Path, path: str, **headers: str) -> httpx.Response:
    """What a gateway that was just started answers."""
    app = Starlette(routes=[Mount("/", Pages(folder))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as web:
        return await web.get(path, headers=headers)


async def test_a_deploy_is_seen_at_once_whatever_time_its_files_have(tmp_path: Path) -> None:
    module = tmp_path / "js" / "a.js"
    module.parent.mkdir()
    tag = '"none"'
    for text in ("one", "two"):
        module.write_text(text)
        os.utime(module, (0, 0))
        found = await asked(tmp_path, "/js/a.js", **{"If-None-Match": tag})
        assert (found.status_code, found.text) == (200, text)
        tag = found.headers["etag"]
    assert (await asked(tmp_path, "/js/a.js", **{"If-None-Match": tag})).status_code == 304


async def test_the_manifest_names_every_file_of_the_two_pages_by_its_tag(gateway: Running) -> None:
    async with gateway.web() as web:
        manifest = (await web.get("/shell.json")).json()
        for path, tag in manifest["files"].items():
            found = await web.get(path)
            assert (found.status_code, found.headers["etag"]) == (200, tag), path
    parts = {"/guest/", "/staff/", "/icon.svg", "/css/page.css", "/js/core/kept.js"}
    assert parts <= manifest["files"].keys()
    assert not {"/", "/slo/", "/sw.js", "/package.json"} & manifest["files"].keys()


async def test_another_content_is_another_build(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    builds = []
    for text in ("one", "two", "two"):
        (tmp_path / "js" / "a.js").write_text(text)
        builds.append((await asked(tmp_path, "/shell.json")).json()["build"])
    assert builds[0] != builds[1] == builds[2]


async def test_what_is_edited_below_a_running_gateway_is_seen(tmp_path: Path) -> None:
    module = tmp_path / "sw.js"
    app = Starlette(routes=[Mount("/", Pages(tmp_path))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as web:
        tags = set()
        for n, text in enumerate(("one", "two")):
            module.write_text(text)
            os.utime(module, (n, n))
            tags.add((await web.get("/sw.js")).headers["etag"])
    assert len(tags) == 2


async def test_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "js" / "a.js").symlink_to(tmp_path / "package.json")
    assert (await asked(tmp_path, "/js/a.js")).status_code == 404
