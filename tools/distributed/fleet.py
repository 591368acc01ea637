"""The processes of a plan: migrated, started, awaited; each has its log in a folder."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from tools.distributed.plan import SIX, Part, Plan
from tools.servers.program import NotStartedError, Program, answers

_READY_WITHIN: Final = 120.0
_DRAINED_WITHIN: Final = 25.0
_MIGRATED_WITHIN: Final = 120.0


@dataclass
class Fleet:
    """The six services of a plan."""

    plan: Plan
    folder: Path
    programs: dict[Part, Program] = field(default_factory=dict)

    def migrate(self) -> None:
        """Bring the databases to their newest versions; raises NotStartedError."""
        for service in SIX:
            done = subprocess.run(
                [sys.executable, "-m", f"bookstore.{service}", "migrate"],
                env=self.plan.environment(Part(service, "serve")),
                check=False,
                capture_output=True,
                text=True,
                timeout=_MIGRATED_WITHIN,
            )
            if done.returncode != 0:
                raise NotStartedError(f"{service} cannot be migrated: {done.stderr[-2000:]}")

    def start(self, *parts: Part) -> None:
        """Start these processes; nobody waits for them."""
        for part in parts:
            log = self.folder / f"{str(part).replace(' ', '-')}.log"
            program = self.programs[part] = Program(str(part), log)
            command = [sys.executable, "-m", f"bookstore.{part.service}", part.what]
            program.start(command, self.plan.environment(part))

    def await_ready(self, *parts: Part) -> None:
        """Wait until these, or all, say that they are ready."""
        for part in parts or self.programs:
            host, port = self.plan.http(part)
            is_ready = partial(answers, f"http://{host}:{port}/readyz")
            self.programs[part].await_ready(is_ready, _READY_WITHIN)

    def stop(self) -> dict[Part, int | None]:
        """Ask all of them to end, at once, and return how they did."""
        with ThreadPoolExecutor(len(self.programs) or 1) as pool:
            ends = pool.map(lambda program: program.stop(_DRAINED_WITHIN), self.programs.values())
            return dict(zip(self.programs, ends, strict=True))

    def kill(self, part: Part) -> None:
        """End one as a power cut would."""
        self.programs[part].kill()
