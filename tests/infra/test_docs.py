"""A promise in the docs is a test: generated pages are current, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra import docs
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
    assert (docs.FOLDER / name).read_text() == docs.PAGES[name](), "run python -m infra.docs"


def test_every_topic_and_setting_is_on_its_page() -> None:
    for topic in TOPICS:
        assert f"| `{topic.name}` |" in docs.topics_page()
    for setting in Settings.model_fields:
        assert f"CONCIERGE_{setting.upper()}`" in docs.settings_page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
