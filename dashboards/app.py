"""The live dashboard for admins: `streamlit run dashboards/app.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

import streamlit as st
from clickhouse_connect.driver.exceptions import ClickHouseError

from dashboards import figures, warehouse
from dashboards.access import COOKIE, NotAllowed, Viewer, viewer
from dashboards.warehouse import Row, Warehouse
from infra.runtime.settings import Settings, load
from schemas.topics import partition_of

REFRESH_SECONDS = 1
RETRY_SECONDS = 2


@st.cache_resource
def _settings() -> Settings:
    return load()


@st.cache_resource
def _warehouse() -> Warehouse:
    return Warehouse(_settings())


def _viewer() -> Viewer:
    """Who looks, asked anew each time. NotAllowed; ClickHouseError while nobody can say who is revoked."""
    who = viewer(st.context.cookies.get(COOKIE), _settings())
    token = {"token": who.token_id, "user": who.user_id, "issued_at": who.issued_at}
    if _warehouse().rows(warehouse.REVOKED, hotel=who.property_id, **token)[0]["n"]:
        raise NotAllowed("Your session was ended: open a new sign-in link, then reload this page.")
    return who


def _table(rows: list[dict[str, Any]], empty: str) -> None:
    if rows:
        st.dataframe(rows, hide_index=True, height=min(36 * len(rows) + 40, 420))
    else:
        st.caption(empty)


class _Board:
    """One hotel's sections at one moment; each says as of when, in the hotel's time."""

    def __init__(self, hotel: Row) -> None:
        self._id: str = hotel["property_id"]
        self._zone: tzinfo = figures.zone(hotel["time_zone"])
        self._partition = partition_of(self._id, _settings().partitions)
        self._complete: dict[str, datetime] = st.session_state.get("complete", {}).get(self._id, {})

    def show(self) -> None:
        """All sections. ClickHouseError while the warehouse is away."""
        fresh = _warehouse().rows(warehouse.FRESH, partition=self._partition)
        self._complete = {row["topic"]: row["complete_until"] for row in fresh}
        st.session_state["complete"] = {self._id: self._complete}
        self._alerts()
        self._house()
        self._queue()
        left, right = st.columns(2)
        with left:
            self._staff()
        with right:
            self._revenue()

    def away(self) -> None:
        """What can still be said without a warehouse: how old the last figures were."""
        self._heading("The house")
        st.error("The warehouse does not answer; this page tries again by itself.")

    def _rows(self, query: str) -> list[Row]:
        return _warehouse().rows(query, hotel=self._id)

    def _as_of(self, section: str) -> tuple[str, bool]:
        """(as of when, in the hotel's time; whether that is too old to be called live)."""
        at = figures.as_of(section, self._complete)
        when = at.astimezone(self._zone).strftime("%H:%M:%S") if at else "never"
        return when, figures.stale(at, datetime.now(UTC))

    def _tiles(self, section: str, found: Sequence[figures.Figure]) -> None:
        when, stale = self._as_of(section)
        for column, one in zip(st.columns(len(found)), found, strict=True):
            column.metric(
                one.name,
                one.value,
                f"as of {when}",
                delta_color="inverse" if stale else "off",  # red, or grey
                delta_arrow="off",
                help=f"{one.formula}; n = {one.n}",
                border=True,
            )

    def _heading(self, section: str) -> None:
        left, right = st.columns([3, 2], vertical_alignment="center")
        left.subheader(section)
        when, stale = self._as_of(section)
        if stale:
            right.markdown(f":red-badge[:material/warning: Stale: data as of {when}]")
        else:
            right.markdown(f":green-badge[Live: data as of {when}]")

    def _alerts(self) -> None:
        self._heading("Alerts")
        open_ones = self._rows(warehouse.ALERTS)
        for one in open_ones:
            st.error(figures.emergency(one, self._zone))
        if not open_ones:
            st.caption("No emergency is open.")
        if said := self._rows(warehouse.SYSTEM):
            more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
            with st.expander(f":material/warning: {figures.plain(said[0]['sentence'])}{more}"):
                _table(figures.watchdogs(said, self._zone), "")

    def _house(self) -> None:
        self._heading("The house")
        if found := self._rows(warehouse.HOUSE):
            self._tiles("The house", figures.house(found[0]))
            st.caption(f"Business date {found[0]['business_date'] or 'not opened yet'}")
        else:
            st.caption("No room has been heard of yet.")

    def _queue(self) -> None:
        self._heading("Service queue")
        self._tiles("Service queue", figures.ages(self._rows(warehouse.AGES)))
        _table(figures.queue(self._rows(warehouse.QUEUE)), "Nothing is open.")

    def _staff(self) -> None:
        self._heading("Staff")
        _table(figures.on_duty(self._rows(warehouse.STAFF)), "Nobody is on duty.")

    def _revenue(self) -> None:
        self._heading("Revenue")
        if days := self._rows(warehouse.REVENUE):
            self._tiles("Revenue", figures.revenue(days[0]))
            st.caption(f"Business date {days[0]['business_date']}")
            chart = [{"date": str(d["business_date"]), "Room": float(d["room_revenue"]),
                      "Other": float(d["other_revenue"])} for d in days]  # fmt: skip
            st.bar_chart(chart, x="date", y=["Room", "Other"], height=220)
        else:
            st.caption("No charge has been posted yet.")


def _shut(no: NotAllowed) -> None:
    st.info(str(no))
    st.link_button("To the gateway", _settings().gateway_url)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(hotel: Row) -> None:
    board = _Board(hotel)
    try:
        if _viewer().hotels([hotel["property_id"]]):
            board.show()
    except NotAllowed as no:
        _shut(no)
    except ClickHouseError:
        board.away()


@st.fragment(run_every=RETRY_SECONDS)
def _again() -> None:
    """Tries the whole page anew, until it has something to show."""
    if st.session_state.get("waits"):
        st.session_state["waits"] = False
        st.rerun()
    st.session_state["waits"] = True


def main() -> None:
    """The page: sign-in, the choice of a hotel, the live board."""
    # Of our own: Streamlit's icons are fetched from elsewhere, whoever looks.
    icon = f"{_settings().gateway_url}/icon.svg"
    st.set_page_config(page_title="Concierge Live", page_icon=icon, layout="wide")
    try:
        who = _viewer()
        known = {row["property_id"]: row for row in _warehouse().rows(warehouse.HOTELS)}
    except NotAllowed as no:
        st.title("Concierge Live")
        _shut(no)
        return
    except ClickHouseError:
        st.error("The warehouse does not answer; this page tries again by itself.")
        _again()
        return
    hotels = who.hotels(list(known))
    if not hotels:
        st.info("No hotel of yours has reached the warehouse yet; this page looks again by itself.")
        _again()
        return
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    hotel = right.selectbox(
        "Hotel", hotels, format_func=lambda one: known[one]["name"], key="hotel", bind="query-params"
    )
    left.title(figures.plain(known[hotel]["name"]))
    left.caption(f"Signed in as {figures.plain(who.name)}")
    _live(known[hotel])


main()
