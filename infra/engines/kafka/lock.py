"""Which jars Kafka is: `jars.lock` names each with its SHA-256, and holds no address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("jars.lock")
VERSION = "4.4.0"
# Kafka itself, and the smallest logger that its slf4j 1.7 accepts: without one it says nothing at all.
ROOTS = (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.slf4j:slf4j-simple:1.7.36")


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar: Maven coordinates and the SHA-256 (hex) its bytes must have."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def parse(text: str) -> tuple[Jar, ...]:
    """Jars in class path order. A line is `<sha256>  <group>:<artifact>:<version>`; ValueError otherwise."""
    jars = []
    for line in text.splitlines():
        sha256, coordinates = line.split()
        group, artifact, version = coordinates.split(":")
        if len(sha256) != 64:
            raise ValueError(f"not a SHA-256: {sha256}")
        jars.append(Jar(group, artifact, version, sha256))
    return tuple(jars)


def render(jars: tuple[Jar, ...]) -> str:
    """The text that `parse` reads."""
    return "".join(f"{jar.sha256}  {jar.group}:{jar.artifact}:{jar.version}\n" for jar in jars)


def load() -> tuple[Jar, ...]:
    """The jars of the checked-in lock file."""
    return parse(LOCK_FILE.read_text())
