"""Settings: environment over secrets file over default; secrets stay hidden."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.runtime import settings
from infra.runtime.problems import Problem


def test_environment_beats_the_secrets_file_which_beats_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / settings.SECRETS_FILE).write_text("CONCIERGE_JWT_SECRET=from-file\nCONCIERGE_PARTITIONS=3\n")
    monkeypatch.setenv("CONCIERGE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CONCIERGE_PARTITIONS", "4")
    found = settings.load()
    assert found.jwt_secret.get_secret_value() == "from-file"
    assert found.partitions == 4
    assert found.kafka_bootstrap == f"127.0.0.1:{found.kafka_port}"


def test_own_processes_ask_where_the_others_listen() -> None:
    everywhere = settings.Settings(host="0.0.0.0", probe_host="0.0.0.0")
    assert (everywhere.here, everywhere.probe_here) == ("127.0.0.1", "127.0.0.1")
    there = settings.Settings(host="192.0.2.7", probe_host="192.0.2.8", gateway_port=1, warehouse_port=2)
    assert (there.here, there.probe_here) == ("192.0.2.7", "192.0.2.8")
    assert (there.gateway_url, there.clickhouse_address) == ("http://192.0.2.7:1", "http://192.0.2.7:2")


def test_the_secrets_file_is_lines_of_names_and_values() -> None:
    text = "# made once\nA=b=c#d\n\n B = 'x' \nnonsense\n"
    assert settings.parse(text) == {"A": "b=c#d", "B": "'x'"}


def test_a_secret_is_not_printed() -> None:
    assert "hush" not in repr(settings.Settings(jwt_secret="hush"))


def test_a_bad_value_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="kafka_port"):
        settings.Settings(kafka_port=70_000)


def test_a_bad_variable_is_one_sentence_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONCIERGE_PARTITIONS", "s3cret")
    with pytest.raises(
        Problem, match=r"^CONCIERGE_PARTITIONS can't be used: input should be a valid int"
    ) as at:
        settings.load()
    assert "s3cret" not in str(at.value)


@pytest.mark.parametrize("url", ["localhost:8123", "ftp://h", "http://", "https://me:hush@h:8443"])
def test_an_address_that_is_none_is_refused_without_what_it_may_hold(url: str) -> None:
    with pytest.raises(Problem, match=r"^CONCIERGE_CLICKHOUSE_URL can't be used: write it as http://h") as at:
        settings.read({"CONCIERGE_CLICKHOUSE_URL": url})
    assert "hush" not in str(at.value)
    assert settings.read({"CONCIERGE_PUBLIC_URL": "https://h:1/live/"}).public_url == "https://h:1/live"


@pytest.mark.parametrize("said", ["*", "10.0.0.7, proxy", "10.0.0.0/8/8", "10.0.0.7/24"])
def test_proxies_are_addresses_and_never_everybody(said: str) -> None:
    with pytest.raises(Problem, match=r"^CONCIERGE_TRUSTED_PROXIES can't be used: write addresses like 10"):
        settings.read({"CONCIERGE_TRUSTED_PROXIES": said})
    kept = "10.0.0.7, 10.1.0.0/16,fd00::/8"
    assert settings.read({"CONCIERGE_TRUSTED_PROXIES": kept}).trusted_proxies == kept


def test_a_slip_of_the_pen_is_noticed() -> None:
    assert settings.unknown(["CONCIERGE_GATWAY_PORT", "CONCIERGE_GATEWAY_PORT", "PATH"]) == [
        "CONCIERGE_GATWAY_PORT"
    ]


def test_every_setting_is_described() -> None:
    for name, field in settings.Settings.model_fields.items():
        assert field.description, name
