"""Every setting of the product: one class, read from the environment (`CONCIERGE_*`) and the secrets file.

Precedence: environment, then `<data_dir>/secrets.env` (made by `concierge up`, mode 0600), then the default.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from infra.runtime import failpoints
from infra.runtime.problems import Problem

DEFAULT_DATA_DIR = Path(".concierge")
SECRETS_FILE = "secrets.env"
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


def _address(text: str) -> str:
    """ "" or http(s)://host, with a port and a path or not."""
    found = urlsplit(text)
    if text and (found.scheme not in ("http", "https") or not found.hostname or "@" in found.netloc):
        raise ValueError("write it as http://host:port or https://host:port, without user and password")
    return text.rstrip("/")


def _networks(text: str) -> str:
    """ "" or addresses and networks with `,` between; never "*": then anybody could name any address."""
    for one in filter(None, (part.strip() for part in text.split(","))):
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise ValueError("write addresses like 10.0.0.7 or networks like 10.0.0.0/24") from None
    return text


def _addresses(text: str) -> str:
    """Such addresses with `,` between, or ""."""
    return ",".join(_address(one.strip()) for one in text.split(",") if one.strip())


Addresses = Annotated[str, AfterValidator(_addresses)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65535)]
PerSecond = Annotated[float, Field(ge=0.1, le=10_000)]
Burst = Annotated[float, Field(ge=1, le=100_000)]
Networks = Annotated[str, AfterValidator(_networks)]
Failpoints = Annotated[str, AfterValidator(failpoints.check)]


class Settings(BaseModel):
    """All settings. `description` is what `concierge config` and the docs show; units are in the names."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    data_dir: Path = Field(DEFAULT_DATA_DIR, description="Folder of all data: engines, secrets, locks, logs.")
    host: str = Field("127.0.0.1", description="Address that gateway, dashboard and warehouse listen on.")
    log_format: Literal["console", "json"] = Field("json", description="How log lines look.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    failpoints: Failpoints = Field(
        "",
        description="Where processes kill themselves, for tests only: `sink.insert_acknowledged=0.02` with "
        "this probability, `=3` on the third passing, `,` between them, `seed=7`; empty: nowhere.",
    )

    kafka_url: str = Field(
        "", description="host:port list of a Kafka cluster to use; empty: the embedded one is started."
    )
    kafka_port: Port = Field(19092, description="Port of the embedded Kafka broker.")
    kafka_controller_port: Port = Field(19093, description="Port of the embedded Kafka controller.")
    kafka_heap_mb: int = Field(512, ge=128, description="Java heap of the embedded Kafka, MiB.")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to speak to the cluster of kafka_url."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "PLAIN", description="SASL mechanism, where the protocol is SASL_*."
    )
    kafka_sasl_username: str = Field("", description="SASL user.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="SASL password.")
    kafka_ca_file: str = Field("", description="CA certificate (PEM) for SSL; empty: the system's.")
    kafka_cert_file: str = Field("", description="Client certificate (PEM) for SSL; empty: none.")
    kafka_key_file: str = Field("", description="Client key (PEM) for SSL; empty: none.")
    partitions: int = Field(6, ge=1, le=1000, description="Partitions of every topic; fixed at creation.")
    replication: int = Field(1, ge=1, le=9, description="Replication factor of every topic.")

    clickhouse_url: Address = Field(
        "", description="http(s) address of a ClickHouse server to use; empty: the embedded warehouse."
    )
    clickhouse_database: str = Field("concierge", description="Database of all tables and views.")
    warehouse_port: Port = Field(18123, description="Port of the embedded warehouse.")
    warehouse_memory_mb: int = Field(1024, ge=256, description="Memory all queries together may use, MiB.")
    warehouse_query_memory_mb: int = Field(512, ge=64, description="Memory one query may use, MiB.")
    warehouse_query_seconds: int = Field(60, ge=1, description="Time one query may take, seconds.")
    warehouse_body_mb: int = Field(256, ge=1, description="Largest request body, MiB.")
    warehouse_connections: int = Field(16, ge=1, description="Queries that may run at once.")
    clickhouse_writer: str = Field("writer", description="User that may write.")
    clickhouse_reader: str = Field("reader", description="User that may read the views.")
    clickhouse_writer_password: SecretStr = Field(SecretStr(""), description="Password of the writer.")
    clickhouse_reader_password: SecretStr = Field(SecretStr(""), description="Password of the reader.")

    sink_dead_letters_most: int = Field(
        100,
        ge=0,
        description="Dead letters in a row, or half of the last ten times as many records, "
        "after which the sink holds a topic partition; 0: no limit.",
    )

    gateway_port: Port = Field(18080, description="Port of the first gateway; further ones count up.")
    gateway_shared_port: Port | None = Field(
        None,
        description="A further port that all gateways of this machine listen on together (Linux): one "
        "address that goes on while any of them is restarted; none: each has only its own.",
    )
    address_handshakes_per_s: float = Field(
        200,
        gt=0,
        description="New connections and socket handshakes that one client address (IPv6: a /64) may begin, "
        "a second; a hotel behind one router is one address.",
    )
    address_handshakes_burst: float = Field(2000, ge=1, description="The same, at once.")
    address_waiting: int = Field(
        1000,
        ge=1,
        le=100_000,
        description="Connections of one address that may wait at once without having said who they are; a "
        "further one is refused: 503 `busy`.",
    )
    gateway_waiting: int = Field(
        2000, ge=1, le=100_000, description="The same of all addresses together, of one gateway."
    )
    gateway_channels: int = Field(
        200_000,
        ge=100,
        le=10_000_000,
        description="Channels that all connections of one gateway hear, each counted once a connection; a "
        "further one is refused: `busy`, to be asked for again later.",
    )
    person_sockets: int = Field(
        40,
        ge=1,
        le=1000,
        description="Connections (sockets, streams, polls) of one person at one gateway; one more takes the "
        "place of the oldest, which is closed: 4409 `superseded`.",
    )
    person_channels: int = Field(
        2000,
        ge=10,
        le=1_000_000,
        description="Channels that all connections of one person at one gateway hear; a further one is "
        "refused: `too_many_channels`, to be asked for again once others were left.",
    )
    person_commands_per_s: PerSecond = Field(
        20,
        description="Commands of one person at one gateway, a second; a channel that is asked for counts as "
        "a quarter of one. Beyond: `rate_limited` with when to try again.",
    )
    person_commands_burst: Burst = Field(60, description="The same, at once.")
    person_emergencies_per_s: Annotated[float, Field(ge=0.1, le=100)] = Field(
        1, description="Calls for help of one person, a second; commands do not count for them."
    )
    person_emergencies_burst: Annotated[float, Field(ge=1, le=1000)] = Field(
        5, description="The same, at once."
    )
    person_connects_per_s: PerSecond = Field(
        2, description="Sockets and streams that one person may begin, a second; beyond: 429, 4029."
    )
    person_connects_burst: Burst = Field(30, description="The same, at once.")
    person_reads_per_s: PerSecond = Field(
        100, description="Requests of one person that read, a second; beyond: 429 `rate_limited`."
    )
    person_reads_burst: Burst = Field(300, description="The same, at once.")
    person_frames_per_s: PerSecond = Field(
        100,
        description="Frames that one person's sockets may send, and requests that write, a second; beyond: "
        "4029, 429. Twice as many WebSocket frames of any kind, pings too, may come on one socket.",
    )
    person_frames_burst: Burst = Field(1000, description="The same, at once.")
    socket_frame_bytes: int = Field(
        64 * 1024,
        ge=16 * 1024,
        le=1024 * 1024,
        description="Longest message of a client, and longest body of a request that is not of bulk (4 MiB), "
        "bytes; beyond: 4413, 413 `too_large`.",
    )
    socket_frames: int = Field(
        100, ge=1, le=1000, description="Frames in one message of a client; beyond: 4400."
    )
    socket_channels: int = Field(
        200,
        ge=10,
        le=1000,
        description="Channels that one connection hears; a further one is refused: `too_many_channels`.",
    )
    socket_commands_waiting: int = Field(
        64,
        ge=1,
        le=1000,
        description="Commands of one connection that wait for their ack; a further one is refused: "
        "`rate_limited`. Calls for help do not wait.",
    )
    socket_unsent_bytes: int = Field(
        64 * 1024,
        ge=16 * 1024,
        le=16 * 1024 * 1024,
        description="What is kept of what a connection has not read yet (of a socket half in the kernel), "
        "bytes; beyond, it goes on from the log when it reads on.",
    )
    trusted_proxies: Networks = Field(
        "",
        description="Addresses and networks, with `,` between, of the proxies whose X-Forwarded-For says who "
        "the client is; empty: nobody's does, and behind a proxy all clients are one address.",
    )
    dashboard_port: Port = Field(18501, description="Port of the Streamlit dashboard.")
    probe_port: int = Field(
        0, ge=0, le=65535, description="Port of this process's /metrics, /healthz, /readyz; 0: any free one."
    )
    probe_host: str = Field(
        "127.0.0.1", description="Address that probes listen on; 0.0.0.0 for a Prometheus elsewhere."
    )
    probe_base_port: Port = Field(18180, description="First probe port that the supervisor hands out.")
    public_url: Address = Field("", description="How browsers reach the gateway; empty: its own address.")

    jwt_secret: SecretStr = Field(SecretStr(""), description="HS256 key of our tokens, 32 bytes or more.")
    jwks_url: Address = Field(
        "",
        description="Where an identity provider publishes its keys (JWKS; RS256, ES256, EdDSA): its tokens "
        "are good, too; empty: none.",
    )
    jwks_issuer: str = Field("", description="`iss` of the provider's tokens; empty: jwt_issuer.")
    jwt_issuer: str = Field("concierge", description="`iss` a token must carry.")
    jwt_audience: str = Field("concierge-live", description="`aud` a token must carry.")
    jwt_leeway_seconds: int = Field(5, ge=0, le=300, description="Clock difference forgiven, seconds.")
    vapid_private_key: SecretStr = Field(SecretStr(""), description="VAPID key for web push, base64url.")
    vapid_subject: str = Field(
        "mailto:ops@hotel.invalid",
        description="How a push service reaches you: a mailto: address or https://host.",
    )
    push_extra_hosts: str = Field(
        "", description="Further push services, host names with `,` between; `*.name` means all below it."
    )
    push_allow_loopback: bool = Field(
        False, description="Also push to http://127.0.0.1: for tests with a stand-in, never in production."
    )

    worker_agents: str = Field(
        "alerts|rooms,services,staff,notifications,occupancy,service_load,performance,revenue",
        description="Worker processes: `|` between them, `,` between the agents of one. Alerts stays alone.",
    )
    worker_id: str = Field(
        "0",
        description="A worker's own among those with its agents, a sink's own among the sinks: kept over "
        "restarts; no two live share it. "
        "`{host}` in it becomes the machine's name.",
    )
    gateways: int = Field(1, ge=1, le=64, description="Gateway processes.")
    auditor_gateways: Addresses = Field(
        "",
        description="Gateways that the auditor's canaries are at: http(s) addresses with `,` between; "
        "empty: this machine's.",
    )

    @property
    def here(self) -> str:
        """Where this machine's own processes reach what listens on `host`."""
        return LOOPBACK if self.host == EVERYWHERE else self.host

    @property
    def probe_here(self) -> str:
        """The same for `probe_host`."""
        return LOOPBACK if self.probe_host == EVERYWHERE else self.probe_host

    @property
    def kafka_bootstrap(self) -> str:
        """host:port list to connect to, whether embedded or not."""
        return self.kafka_url or f"127.0.0.1:{self.kafka_port}"

    @property
    def clickhouse_address(self) -> str:
        """http(s)://host:port to connect to, whether embedded or not."""
        return self.clickhouse_url or f"http://{self.here}:{self.warehouse_port}"

    @property
    def gateway_url(self) -> str:
        """Where people open the gateway's pages."""
        return self.public_url or f"http://{self.here}:{self.gateway_shared_port or self.gateway_port}"


def load() -> Settings:
    """Settings of this process. Problem: names the variable at fault, without its value."""
    file = Path(os.environ.get("CONCIERGE_DATA_DIR", DEFAULT_DATA_DIR)) / SECRETS_FILE
    kept = parse(file.read_text()) if file.exists() else {}
    return read({**kept, **os.environ})


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from variables, the others' defaults. Problem as `load`.

    Without pydantic-settings, which loads providers for clouds and command lines: 0.1 s of CPU a process.
    """
    names = {f"CONCIERGE_{name.upper()}": name for name in Settings.model_fields}
    try:
        return Settings(**{names[key]: value for key, value in environment.items() if key in names})
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        variable = f"CONCIERGE_{'_'.join(map(str, first['loc'])).upper()}"
        says = first["msg"].removeprefix("Value error, ")
        raise Problem(f"{variable} can't be used: {says[:1].lower()}{says[1:]}.") from None


def unknown(environment: Iterable[str]) -> list[str]:
    """Variables with our prefix that are no settings: a slip of the pen changes nothing, silently."""
    known = {f"CONCIERGE_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in environment if name.startswith("CONCIERGE_") and name not in known)


def parse(text: str) -> dict[str, str]:
    """The variables of a secrets file: `NAME=value` lines, values as they stand; `#` begins a comment."""
    said = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in said if not line.startswith("#"))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}
