"""A broker that wants TLS and a password: the product speaks to it with the documented settings alone."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra import topics
from infra.engines.kafka import broker
from infra.runtime import kafka as shells
from infra.runtime.lifecycle import die_with_parent
from infra.runtime.settings import Settings, load
from schemas.codec import decode_as
from schemas.records.signals import Signal, Typing
from schemas.topics import SIGNALS
from tests.fixtures_kafka import free_ports
from tests.infra.cli.test_cli import concierge
from tests.patience import PATIENCE

PASSWORD = "a secret of this test"
SERVER = "listener.name.sasl_ssl"
LOGIN = "org.apache.kafka.common.security"
MECHANISMS = ("PLAIN", "SCRAM-SHA-512")


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed one of 127.0.0.1, as PEM: (what the broker holds, what a client trusts)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a broker")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - day).not_valid_after(now + day).add_extension(address, False)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    held, trusted = folder / "held.pem", folder / "ca.pem"
    held.write_bytes(private + made)
    trusted.write_bytes(made)
    return held, trusted


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings, as environment, of a broker that lets in nobody without TLS and the password."""
    folder = tmp_path_factory.mktemp("secured")
    held, trusted = _certificate(folder)
    port, controller_port = free_ports(2)
    overrides = {
        "listeners": f"SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"SASL_SSL://127.0.0.1:{port}",
        "listener.security.protocol.map": "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "SASL_SSL",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        f"{SERVER}.plain.sasl.jaas.config": f"{LOGIN}.plain.PlainLoginModule required "
        f'username="concierge" password="{PASSWORD}" user_concierge="{PASSWORD}";',
        f"{SERVER}.scram-sha-512.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(held),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(trusted),
    }
    command = broker.Broker(folder / "kafka", port, controller_port, heap_mb=256).prepare()
    for name, value in overrides.items():
        command += ["--override", f"{name}={value}"]
    with (folder / "log").open("wb") as log:
        bound = partial(die_with_parent, os.getpid())
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=bound)
    try:
        _let_in(f"127.0.0.1:{port}", trusted)
        yield {
            "CONCIERGE_KAFKA_URL": f"127.0.0.1:{port}",
            "CONCIERGE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "CONCIERGE_KAFKA_SASL_USERNAME": "concierge",
            "CONCIERGE_KAFKA_SASL_PASSWORD": PASSWORD,
            "CONCIERGE_KAFKA_CA_FILE": str(trusted),
            "CONCIERGE_PARTITIONS": "2",
        }
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _let_in(address: str, trusted: Path) -> None:
    """Waits for the broker and gives the user SCRAM credentials, with librdkafka, a client not ours."""
    client = AdminClient(
        {
            "bootstrap.servers": address,
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": "concierge",
            "sasl.password": PASSWORD,
            "ssl.ca.location": str(trusted),
            "log_level": 0,
        }
    )
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    wanted = UserScramCredentialUpsertion("concierge", info, PASSWORD.encode())
    for done in client.alter_user_scram_credentials([wanted], request_timeout=PATIENCE).values():
        done.result()


@pytest.fixture(params=MECHANISMS)
def settings(
    environment: dict[str, str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CONCIERGE_KAFKA_SASL_MECHANISM", request.param)
    return load()


async def test_topics_are_made_and_records_go_there_and_back(settings: Settings, tmp_path: Path) -> None:
    typing = Typing(thread_id="t", user_id="u", on=True)
    said = Signal(property_id="h", gateway_id="g", at=1, typing=typing)
    assert await topics.ensure(settings) == []
    given = {name: value for name, value in os.environ.items() if name.startswith("CONCIERGE_")}
    assert concierge("topics", "check", folder=tmp_path, **given).returncode == 0
    async with shells.producer(settings) as producer, shells.reader(settings) as reader:
        await shells.send(producer, settings, SIGNALS, "h", said)
        wanted = shells.partitions_of(settings, SIGNALS)
        found = [record async for record in shells.read_to_end(reader, wanted)]
    assert decode_as(found[-1].value, SIGNALS, Signal) == said


async def test_a_worker_joins_folds_and_leaves(settings: Settings, tmp_path: Path) -> None:
    await topics.ensure(settings)
    (port,) = free_ports(1)
    env = {**os.environ, "CONCIERGE_DATA_DIR": str(tmp_path), "CONCIERGE_PROBE_PORT": str(port)}
    command = [sys.executable, "-m", "infra.cli", "run", "worker", "--agents", "alerts"]
    with (tmp_path / "log").open("wb") as log:
        worker = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + PATIENCE
        while not _ready(port):
            assert worker.poll() is None, (tmp_path / "log").read_text()[-2000:]
            assert time.monotonic() < end, (tmp_path / "log").read_text()[-2000:]
            await asyncio.sleep(0.1)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize("name", ["CONCIERGE_KAFKA_SASL_PASSWORD", "CONCIERGE_KAFKA_CA_FILE"])
def test_who_is_not_let_in_is_told_in_one_sentence(
    environment: dict[str, str], name: str, tmp_path: Path
) -> None:
    done = concierge("topics", "check", folder=tmp_path, **environment | {name: ""})
    assert done.returncode == 1
    assert "Kafka at 127.0.0.1:" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return True
    except OSError:
        return False
