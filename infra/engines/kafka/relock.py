"""`python -m infra.engines.kafka.relock`: writes `jars.lock` from what jgo resolves, for a new version."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from infra.engines.kafka import lock


def resolve(folder: Path) -> tuple[lock.Jar, ...]:
    """Walks the dependencies of `lock.ROOTS` (about 17 s) and downloads each jar into `folder`."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    remotes = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}
    context = MavenContext(repo_cache=folder, remote_repos=remotes)
    wanted = [context.create_dependency(root) for root in lock.ROOTS]
    inputs, others = context.resolver.resolve(wanted)
    artifacts = [d.artifact for d in (*inputs, *others) if d.scope in (None, "compile", "runtime")]
    return tuple(
        lock.Jar(a.groupId, a.artifactId, a.version, hashlib.sha256(a.resolve().read_bytes()).hexdigest())
        for a in artifacts
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        jars = resolve(Path(folder))
    lock.LOCK_FILE.write_text(lock.render(jars))
    print(f"{len(jars)} jars written to {lock.LOCK_FILE.name}")


if __name__ == "__main__":
    main()
