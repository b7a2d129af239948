"""REST, beside the socket: one router a noun. `ROUTERS` is what the app serves."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.rest import (
    alerts,
    announcements,
    chat,
    facts,
    notifications,
    people,
    properties,
    registry,
    rooms,
    services,
    settings,
    signin,
    slo,
    staff,
)

ROUTERS: tuple[APIRouter, ...] = (
    signin.router,
    rooms.router,
    services.router,
    staff.router,
    chat.router,
    alerts.router,
    announcements.router,
    notifications.router,
    people.router,
    properties.router,
    settings.router,
    facts.router,
    registry.router,
    slo.router,
)
