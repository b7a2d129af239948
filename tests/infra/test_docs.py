"""A promise in the docs is a test: generated pages are current, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra import docs
from infra.cli import COMMANDS, load
from infra.runtime import failpoints
from infra.runtime.settings import Settings
from schemas.topics import TOPICS

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("name", docs.PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text() == docs.PAGES[name](), "run python -m infra.docs"


def test_every_topic_and_setting_is_on_its_page() -> None:
    for topic in TOPICS:
        assert f"| `{topic.name}` |" in docs.topics_page()
    for setting in Settings.model_fields:
        assert f"CONCIERGE_{setting.upper()}`" in docs.settings_page()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_below_a_command_and_every_option_is_on_the_page(name: str) -> None:
    page = docs.cli_page()
    waiting = [(f"concierge {name}", load(name))]
    while waiting:
        path, command = waiting.pop()
        assert f"# `{path}`\n" in page
        part = page.split(f"# `{path}`\n")[1].split("\n#")[0]
        for parameter in command.params:
            assert any(said in part for said in (*parameter.opts, parameter.name)), f"{path}: {parameter}"
        waiting += [(f"{path} {below}", one) for below, one in getattr(command, "commands", {}).items()]


def test_every_metric_is_made_where_the_page_looks() -> None:
    makers = re.compile(
        r"^\s*(from|import) prometheus_client.*\b(Counter|Gauge|Histogram|Summary|Info|Enum)\b"
    )
    rooms = ("schemas", "streams", "gateway", "dashboards", "infra")
    found = [
        path.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if any(makers.match(line) for line in path.read_text().splitlines())
    ]
    assert found == ["infra/runtime/metrics.py"]
    page = docs.metrics_page()
    for name in re.findall(r'^\s*"(concierge_\w+)"|\("(concierge_\w+)"', _metrics_source(), re.MULTILINE):
        assert f"| `{name[0] or name[1]}` |" in page


def _metrics_source() -> str:
    return (ROOT / "infra" / "runtime" / "metrics.py").read_text()


def test_the_readme_leads_to_every_page() -> None:
    told = (ROOT / "README.md").read_text()
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.json")]
    assert [one.name for one in pages if f"({one.relative_to(ROOT).as_posix()})" not in told] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_example_of_the_command_is_one_it_takes(page: Path) -> None:
    """What stands in `code` or in a block and begins with `concierge COMMAND`: the command, its options."""
    for text in _code(page.read_text()):
        for line in text.splitlines():
            found = re.search(r"(?:^|[\s/])concierge (.*)", line)
            words = found[1].split() if found else []
            if line.lstrip().startswith(("Usage:", "#")) or not words or words[0].isupper():
                continue
            assert words[0] in (*COMMANDS, "[OPTIONS]", "COMMAND"), f"{page.name}: {line}"
            options = {one.split("=")[0] for one in words[1:] if one.startswith("--")}
            assert options <= _options(words[0]) | {"--help"}, f"{page.name}: {line}"


def _code(text: str) -> list[str]:
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))]


def _options(name: str) -> set[str]:
    waiting, found = [load(name)], set()
    while waiting:
        command = waiting.pop()
        found |= {said for parameter in command.params for said in parameter.opts + parameter.secondary_opts}
        waiting += getattr(command, "commands", {}).values()
    return found


@pytest.mark.parametrize("name", ["failures", "delivery"])
def test_every_promise_names_a_test_that_is_there(name: str) -> None:
    lines = (ROOT / "docs" / "explanation" / f"{name}.md").read_text().splitlines()
    promises = [line for line in lines if line.startswith("| ") and not line.startswith("| ---")]
    promises = [line for line in promises if "shown by |" not in line]
    assert promises
    for line in promises:
        named = re.search(r"`(tests/\S+\.py)::(test_\w+)` \|$", line)
        assert named, line
        source = (ROOT / named[1]).read_text()
        assert re.search(rf"^(async )?def {named[2]}\(", source, re.MULTILINE), line


def test_every_failpoint_is_on_the_page_of_failures() -> None:
    page = (ROOT / "docs" / "explanation" / "failures.md").read_text()
    for step in {name.partition(".")[2] for name in failpoints.NAMES}:
        assert step in page, step


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
