from __future__ import annotations

import threading
import time

import pytest

from searchapp.datatypes import Progress, Tell
from searchapp.errors import InputError
from ui.jobs import Job, Jobs
from ui.views.jobs import job_view


def finished(jobs: Jobs, number: int) -> Job:
    for _ in range(200):
        job = jobs.get(number)
        assert job is not None
        if job.state != "running":
            return job
        time.sleep(0.01)
    raise AssertionError("the job did not end")


def test_a_job_runs_beside_the_page_and_its_steps_are_seen() -> None:
    jobs, go, told = Jobs(), threading.Event(), threading.Event()

    def work(tell: Tell) -> str:
        tell(Progress("indexing", 0.25, {"<b>passages</b>": 5}))
        told.set()
        assert go.wait(5)
        return "result"

    number = jobs.start("build", "Building <x>", work)
    assert told.wait(5)
    running = jobs.get(number)
    assert running is not None
    html = job_view(running)
    assert 'aria-valuenow="25"' in html
    assert "5 &lt;b&gt;passages" in html and "Building &lt;x&gt;" in html
    go.set()
    assert finished(jobs, number).result == "result"
    assert jobs.latest("build") is running


def test_errors_end_a_job_and_unexpected_ones_stay_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    jobs = Jobs()

    def wrong(tell: Tell) -> None:
        raise InputError("line 3 is no JSON")

    def broken(tell: Tell) -> None:
        raise RuntimeError("secret")

    assert finished(jobs, jobs.start("build", "A", wrong)).error == "line 3 is no JSON"
    job = finished(jobs, jobs.start("build", "B", broken))
    assert "secret" not in job_view(job)
    assert "secret" in caplog.text


def test_only_so_many_run_at_once() -> None:
    jobs, go = Jobs(at_once=2), threading.Event()
    numbers = [jobs.start("build", "A", lambda tell: go.wait(5)) for _ in range(2)]
    with pytest.raises(InputError, match="running already"):
        jobs.start("build", "C", lambda tell: None)
    other = jobs.start("evaluation", "D", lambda tell: 1)
    go.set()
    for number in (*numbers, other):
        finished(jobs, number)
    assert finished(jobs, jobs.start("build", "E", lambda tell: 2)).result == 2


def test_old_jobs_are_forgotten() -> None:
    jobs = Jobs()
    numbers = [jobs.start("build", "A", lambda tell: 1) for _ in range(0)]
    for _ in range(30):
        numbers.append(jobs.start("build", "A", lambda tell: 1))
        finished(jobs, numbers[-1])
    assert jobs.get(numbers[0]) is None
    assert jobs.get(numbers[-1]) is not None
