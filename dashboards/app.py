"""The live dashboard for admins: `streamlit run dashboards/app.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from clickhouse_connect.driver.exceptions import ClickHouseError

from dashboards import figures, warehouse
from dashboards.access import COOKIE, NotAllowed, viewer
from dashboards.warehouse import Warehouse
from infra.runtime.settings import Settings, load
from schemas.topics import partition_of

REFRESH_SECONDS = 1


@st.cache_resource
def _settings() -> Settings:
    return load()


@st.cache_resource
def _warehouse() -> Warehouse:
    return Warehouse(_settings())


def _tiles(found: Sequence[figures.Figure]) -> None:
    for column, one in zip(st.columns(len(found)), found, strict=True):
        column.metric(one.name, one.value, help=f"{one.formula}; n = {one.n}", border=True)


def _as_of(as_of: datetime | None, now: datetime) -> None:
    when = as_of.strftime("%H:%M:%S UTC") if as_of and as_of.year > 1970 else "never"
    if figures.stale(as_of, now):
        st.markdown(f":red-badge[:material/warning: Stale: data as of {when}]")
    else:
        st.markdown(f":green-badge[Live: data as of {when}]")


def _section(title: str, as_of: datetime | None, now: datetime) -> None:
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.subheader(title)
    with right:
        _as_of(as_of, now)


def _alerts(hotel: str) -> None:
    for one in _warehouse().rows(warehouse.ALERTS, hotel=hotel):
        drill = "Drill: " if one["drill"] else ""
        answered = (
            "somebody is on the way" if one["last"] == "emergency_acknowledged" else "nobody has answered yet"
        )
        since = one["raised_at"].strftime("%H:%M UTC")
        st.error(f"{drill}{one['what']} emergency at {one['place']}, since {since}: {answered}.")
    words = _warehouse().rows(warehouse.SYSTEM, hotel=hotel)
    if words:
        with st.expander(f":material/warning: {words[0]['sentence']} ({len(words)} in the last hour)"):
            _table(
                [
                    {"At": f"{one['at']:%H:%M:%S} UTC", "Part": one["part"], "What": one["sentence"]}
                    for one in words
                ],
                "",
            )


def _table(rows: list[dict[str, Any]], empty: str) -> None:
    if rows:
        st.dataframe(rows, hide_index=True, height=min(36 * len(rows) + 40, 420))
    else:
        st.caption(empty)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(hotel: str) -> None:
    try:
        _board(hotel)
    except ClickHouseError:
        _as_of(st.session_state.get("as_of"), datetime.now(UTC))
        st.error("The warehouse does not answer; this page tries again by itself.")


def _board(hotel: str) -> None:
    ask = _warehouse().rows
    now = datetime.now(UTC)
    partition = partition_of(hotel, _settings().partitions)
    current = ask(warehouse.AS_OF, topics=list(warehouse.LIVE_TOPICS), partition=partition)
    as_of = current[0]["as_of"] if current else None
    st.session_state["as_of"] = as_of
    _alerts(hotel)
    _section("The house", as_of, now)
    if found := ask(warehouse.OCCUPANCY, hotel=hotel):
        _tiles(figures.house(found[0]))
        st.caption(f"Business date {found[0]['business_date'] or 'not opened yet'}")
    else:
        st.caption("No room has been heard of yet.")
    requests = ask(warehouse.REQUESTS, hotel=hotel)
    _section("Service queue", as_of, now)
    ages = [
        figures.Figure(name, str(count), "open requests by time since asked", len(requests))
        for name, count in figures.ages(requests, now).items()
    ]
    _tiles(ages)
    _table(figures.queue(requests, now), "Nothing is open.")
    left, right = st.columns(2)
    with left:
        _section("Staff", as_of, now)
        _table(figures.on_duty(ask(warehouse.STAFF, hotel=hotel)), "Nobody is on duty.")
    with right:
        _section("Revenue", as_of, now)
        if days := ask(warehouse.REVENUE, hotel=hotel):
            _tiles(figures.revenue(days[0]))
            chart = [{"date": str(d["business_date"]), "Room": float(d["room_revenue"]),
                      "Other": float(d["other_revenue"])} for d in days]  # fmt: skip
            st.bar_chart(chart, x="date", y=["Room", "Other"], height=220)
        else:
            st.caption("No charge has been posted yet.")


def main() -> None:
    """The page: sign-in, the choice of a hotel, the live board."""
    st.set_page_config(page_title="Concierge Live", page_icon=":material/concierge:", layout="wide")
    try:
        who = viewer(st.context.cookies.get(COOKIE), _settings())
    except NotAllowed as no:
        st.title("Concierge Live")
        st.info(str(no))
        st.link_button("To the gateway", _settings().gateway_url)
        return
    try:
        names = {row["property_id"]: row["name"] for row in _warehouse().rows(warehouse.HOTELS)}
    except ClickHouseError:
        st.error("The warehouse does not answer. Reload this page once it is back.")
        return
    hotels = who.hotels(list(names))
    if not hotels:
        st.info("No hotel of yours has reached the warehouse yet. Reload in a moment.")
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    hotel = right.selectbox(
        "Hotel", hotels, format_func=lambda one: names[one], key="hotel", bind="query-params"
    )
    left.title(names[hotel])
    left.caption(f"Signed in as {who.name}")
    _live(hotel)


main()
