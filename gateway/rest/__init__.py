"""REST, beside the socket: one router a noun. `ROUTERS` is what the app serves."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
