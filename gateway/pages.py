"""The pages and modules that browsers get: only what is theirs, and after a deploy what is new at once."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path, PurePath
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import NotModifiedResponse, PathLike, StaticFiles
from starlette.types import Scope

FOLDERS = frozenset({"css", "guest", "js", "slo", "staff"})
TOP = frozenset({"icon.svg", "index.html", "sw.js"})
SUFFIXES = frozenset({".css", ".html", ".js", ".svg"})
# Modules are called by plain names, so a browser has to ask whether one is new: a 304 where it is not.
ASK_FIRST = "no-cache"
# What the service worker keeps: the two pages that open without the house, and all that they are made of.
SHELL = "shell.json"
_OFFLINE = frozenset({"css", "guest", "js", "staff"})


def served(path: PurePath) -> bool:
    """Whether a file, by its path below the pages' folder, is for browsers.

    What is not named here is not: a checkout has tools, locks and tests beside the pages.
    """
    if len(path.parts) == 1:
        return path.name in TOP
    hidden = any(part.startswith(".") or part in ("node_modules", "tests") for part in path.parts)
    made_for_tests = path.stem.endswith((".test", ".spec"))
    return path.parts[0] in FOLDERS and path.suffix in SUFFIXES and not (hidden or made_for_tests)


class Pages(StaticFiles):
    """Static files of one folder, as `served` says."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)
        # Path -> when it was written (ns), its size, its tag.
        self._tags: dict[str, tuple[int, int, str]] = {}

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """As the base finds it, where it is for browsers; folders are found, for their index.html."""
        full, found = super().lookup_path(path)
        if found is None or Path(full).is_dir():
            return full, found
        below = PurePath(full).relative_to(os.path.realpath(self.all_directories[0]))
        return (full, found) if served(below) else ("", None)

    def file_response(
        self, full_path: PathLike, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that it is what the browser has."""
        headers = {"ETag": self._tag(str(full_path), stat_result), "Cache-Control": ASK_FIRST}
        response = FileResponse(full_path, status_code, headers, stat_result=stat_result)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file as the base finds it, or the manifest of this build."""
        if path != SHELL or scope["method"] != "GET":
            return await super().get_response(path, scope)
        manifest = await asyncio.to_thread(self.shell)
        return JSONResponse(manifest, headers={"Cache-Control": ASK_FIRST})

    def shell(self) -> dict[str, Any]:
        """{build, files: {path: ETag}} of what a browser keeps for when the house is out of reach."""
        root = Path(self.all_directories[0])
        files = {}
        for one in sorted(root.rglob("*")):
            below = one.relative_to(root)
            if one.is_file() and served(below) and (below.parts[0] in _OFFLINE or one.suffix == ".svg"):
                path = f"/{below.as_posix()}".removesuffix("index.html")
                files[path] = self._tag(str(one), one.stat())
        return {"build": hashlib.sha256(repr(files).encode()).hexdigest()[:32], "files": files}

    def _tag(self, path: str, found: os.stat_result) -> str:
        # Of the content: an image or a wheel may give every file of every release the same time.
        written, size, tag = self._tags.get(path, (-1, -1, ""))
        if (written, size) != (found.st_mtime_ns, found.st_size):
            tag = f'"{hashlib.sha256(Path(path).read_bytes()).hexdigest()[:32]}"'
            self._tags[path] = (found.st_mtime_ns, found.st_size, tag)
        return tag
