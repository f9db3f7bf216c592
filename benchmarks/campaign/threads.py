"""Search one client from many threads while the collection is rebuilt repeatedly."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from benchmarks.campaign.corpora import COLLECTION, build
from benchmarks.campaign.outcome import Outcome
from searchapp import Ranking, SearchClient
from searchapp.encoders.fake import HashingEncoder
from searchapp.errors import SearchAppError

RANKINGS = (Ranking(), Ranking(balance=0.5), Ranking(per_language=3), Ranking(diversity=0.3), Ranking(fusion="rrf"))


def attack_with_threads(home: Path, *, seed: int, threads: int, queries: int, rebuilds: int) -> Outcome:
    """Search from many threads during rebuilds; every result must be complete and from one version."""
    outcome = Outcome()
    build(home, "one")
    states = {"one": "one", "two": "two"}
    versions = dict.fromkeys(states, "")

    def search(number: int, client: SearchClient) -> None:
        rng = random.Random(f"{seed} {number}")
        for _ in range(queries):
            wanted = rng.randrange(120, 240)  # in both states
            try:
                found = client.search(f"passage {wanted} subject {wanted % 13}", ranking=rng.choice(RANKINGS))
            except SearchAppError as error:
                outcome.fault("failed queries", str(error))
                continue
            except Exception as error:
                outcome.fault("foreign errors", repr(error))
                continue
            outcome.count("queries")
            seen = {str(hit.payload.get("state")) for hit in found} - {"both"}
            if len(seen) > 1:
                outcome.fault("mixed answers", f"version {found.version} gave hits of {', '.join(sorted(seen))}")
            if not any(hit.document_id == f"d{wanted}" for hit in found):
                outcome.fault("wrong answers", f"document d{wanted} is not among the hits of {found.version}")

    with SearchClient(COLLECTION, home=home, encoder=HashingEncoder()) as client:
        running = [threading.Thread(target=search, args=(number, client)) for number in range(threads)]
        for thread in running:
            thread.start()
        for number in range(rebuilds):
            versions["two" if number % 2 == 0 else "one"] = build(
                home, "two" if number % 2 == 0 else "one", keep=0
            ).version
            outcome.count("rebuilds")
        for thread in running:
            thread.join()
        last = "two" if rebuilds % 2 else "one"
        if rebuilds and client.search("passage 130").version != versions[last]:
            outcome.fault("stale answers", "the client did not follow the last rebuild")
    return outcome
