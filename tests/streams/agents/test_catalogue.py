"""Every agent of the catalogue is there under its name, with topics that are its own."""

from __future__ import annotations

import pytest

from infra.runtime.settings import Settings
from schemas import topics
from streams.agents import catalogue


@pytest.mark.parametrize("name", catalogue.DECIDERS)
def test_a_decider_answers_its_own_topics_with_its_own_records(name: str) -> None:
    agent = catalogue.decider(name)
    assert agent.name == name
    assert (agent.facts.name, agent.commands.name) == (name, f"{name}.commands")
    assert agent.answer in agent.facts.records
    assert agent.intake is None or agent.intake.name == f"{name}.intake"
    assert agent.commands in agent.inputs
    assert agent.intake is None or agent.intake in agent.inputs
    assert all(topic in agent.inputs for topic in agent.reads)
    assert agent.facts not in (*agent.inputs, *agent.follows), "an agent does not hear itself"
    assert all(topic.name in topics.BY_NAME for topic in (*agent.inputs, *agent.follows))


@pytest.mark.parametrize("name", catalogue.FOLDERS)
def test_a_folder_writes_its_own_topic(name: str) -> None:
    kind = catalogue.folder(name)
    assert (kind.name, kind.state.name) == (name, f"{name}.state")
    assert kind.state.compacted


def test_every_agent_runs_in_exactly_one_worker_by_default() -> None:
    named = Settings().worker_agents.replace("|", ",").split(",")
    assert sorted(named) == sorted((*catalogue.DECIDERS, *catalogue.FOLDERS))


@pytest.mark.parametrize("name", ["", "os", "occupancy "])
def test_other_names_are_none(name: str) -> None:
    with pytest.raises(KeyError):
        catalogue.decider(name)
    with pytest.raises(KeyError):
        catalogue.folder(name)
