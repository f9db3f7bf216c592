"""Run long tasks in threads of their own, with progress that any page can read."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from searchapp.datatypes import Progress, Tell
from searchapp.errors import InputError, SearchAppError

logger = logging.getLogger(__name__)

KEPT = 20
"""Maximum number of remembered finished jobs."""


@dataclass(slots=True)
class Job:
    """A task. Its thread replaces the fields, and other threads read them.

    Attributes:
        kind: Kind such as `build`; jobs of a kind share a limit.
        result: Return value of the work if `state` is `done`.
        error: Message for people if `state` is `failed`.
    """

    number: int
    kind: str
    title: str
    state: Literal["running", "done", "failed"] = "running"
    progress: Progress = field(default_factory=lambda: Progress("starting"))
    result: Any = None
    error: str = ""
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def elapsed(self) -> float:
        """Return the seconds so far, or in total once the job is finished."""
        return self.seconds if self.state != "running" else time.monotonic() - self.started


class Jobs:
    """Starts and remembers jobs. Thread-safe.

    Args:
        at_once: Maximum number of running jobs of one kind.
    """

    def __init__(self, *, at_once: int = 2) -> None:
        self._at_once = at_once
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()
        self._next = 1

    def start(self, kind: str, title: str, work: Callable[[Tell], Any]) -> int:
        """Start work in the background and return the job's number.

        Args:
            kind: Kind of work, such as `build`; each kind has its own limit.
            title: Title of the job for display.
            work: The work, called with a function that takes its progress.

        Raises:
            InputError: The maximum number of jobs of this kind are running.
        """
        with self._lock:
            running = [job for job in self._jobs.values() if job.kind == kind and job.state == "running"]
            if len(running) >= self._at_once:
                raise InputError(f"{len(running)} of these are running already; try again when one is done")
            job = Job(self._next, kind, title)
            self._jobs[job.number] = job
            self._next += 1
            finished = [number for number, old in self._jobs.items() if old.state != "running"]
            for number in finished[: max(0, len(finished) - KEPT)]:
                del self._jobs[number]
        threading.Thread(target=self._run, args=(job, work), name=f"{kind}-{job.number}", daemon=True).start()
        return job.number

    def get(self, number: int | None) -> Job | None:
        """Return a job by its number; None if it is unknown or forgotten.

        Args:
            number: Number of the job, from 1; None for no job.
        """
        with self._lock:
            return self._jobs.get(number or 0)

    def latest(self, kind: str) -> Job | None:
        """Return the latest job of a kind; None if there is none.

        Args:
            kind: Kind of the job, as given to `start`.
        """
        with self._lock:
            return next((job for job in reversed(self._jobs.values()) if job.kind == kind), None)

    def _run(self, job: Job, work: Callable[[Tell], Any]) -> None:
        def tell(progress: Progress) -> None:
            job.progress = progress

        try:
            job.result = work(tell)
            state: Literal["done", "failed"] = "done"
        except SearchAppError as error:
            logger.warning("%s failed: %s", job.title, error)
            job.error, state = str(error), "failed"
        except Exception:
            logger.exception("%s failed", job.title)
            job.error, state = "Something unexpected happened; the details are in the server's log.", "failed"
        job.seconds = time.monotonic() - job.started
        job.state = state
