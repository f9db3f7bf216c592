"""Test the controls that need a transform, a cross-encoder or a language model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sentence_transformers import CrossEncoder
from tiny_cross_encoder import save
from writer_server import Server, says, serving, status

from index_builder.commands.debias import MethodName, fit
from searchapp.expansion.openai_compatible import OpenAICompatibleWriter
from searchapp.ranking.cross_encoder import SAMPLES

pytestmark = pytest.mark.browser
QUERY = "why do the northern lights glow"


@dataclass(frozen=True, slots=True)
class Place:
    address: str
    cross_encoder: str
    writer: Server


@pytest.fixture(scope="module")
def place(demo_home: Path, tmp_path_factory: pytest.TempPathFactory, serve) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("models")
    home = folder / "home"
    shutil.copytree(demo_home, home)
    fit("demo", method=MethodName.centering, rank=None, alpha=0.6, strength=None, margin=None, sample=1000, seed=0,
        keep=1, home=home, json=True)  # fmt: skip
    cross_encoder = save(folder / "cross-encoder", [QUERY, "light of the sun above the poles", *SAMPLES.values()])
    with serving() as server:
        server.answers = [says("Green leaves use sunlight to turn water and carbon dioxide into sugar.")]
        writer = OpenAICompatibleWriter(server.url, model="small", timeout=5)
        address = serve(home, read_only=True, client={"reranker": cross_encoder, "writer": writer})
        yield Place(address, cross_encoder, server)


@pytest.fixture
def page(browser: Browser, place: Place) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1360, "height": 950})
    page.set_default_timeout(30_000)
    page.goto(f"{place.address}/?q={QUERY}&k=10")
    expect(page.locator("#results .card")).to_have_count(10)
    page.locator("#more button").click()
    yield page
    page.close()


def order(page: Page) -> list[str]:
    return page.locator("#results .card").evaluate_all("nodes => nodes.map(node => node.dataset.id)")


def choose(page: Page, control: str, option: str, *, address: str) -> None:
    """Select a value in a control, and wait for the result that the address reports."""
    box = page.locator(control)
    if box.locator("input[type=radio]").count():
        box.get_by_text(option, exact=True).click()
    else:
        box.locator("input").click()
        page.get_by_role("option", name=option, exact=True).click()
    page.wait_for_url(address)


def test_the_debias_switch_changes_the_ranking_and_back(page: Page) -> None:
    as_built = order(page)  # a fit makes the corrected vectors the default ones
    choose(page, "#search-debias", "Off", address="**debias=off")
    off = order(page)
    choose(page, "#search-debias", "On", address="**debias=on")
    assert order(page) == as_built != off
    dense = page.locator(".card").first.locator("div", has=page.get_by_text("dense", exact=True)).locator("b")
    corrected = dense.text_content()  # folded under "Why this hit?"
    choose(page, "#search-debias", "Off", address="**debias=off")
    assert order(page) == off
    assert dense.text_content() != corrected


def test_re_ranking_follows_the_cross_encoder_and_says_so(page: Page, place: Place, shoot) -> None:
    model = CrossEncoder(place.cross_encoder)

    def read_again() -> list[float]:
        cards = page.locator("#results .card").evaluate_all(
            "nodes => nodes.map(node => [node.querySelector('h3'), [...node.querySelectorAll('.text')].pop()]"
            ".map(part => part.textContent).join('. '))"
        )
        return [float(score) for score in model.predict([(QUERY, card) for card in cards])]

    def falls(scores: list[float]) -> bool:
        return all(one >= other - 1e-6 for one, other in pairwise(scores))

    before = order(page)
    assert not falls(read_again())
    page.get_by_label("Re-rank").check()
    page.wait_for_url("**rerank=1")
    assert falls(read_again())
    expect(page.locator("#results dt").get_by_text("rerank", exact=True)).to_have_count(10)
    expect(page.locator("#cost .cost")).to_contain_text("Re-ranking changed")
    expect(page.get_by_role("note")).to_have_count(0)
    shoot(page, "models")
    found = Axe().run(page).response["violations"]
    assert [item["id"] for item in found if item["impact"] in ("serious", "critical")] == []
    page.get_by_label("Re-rank").uncheck()
    page.wait_for_url(lambda url: "rerank" not in url)
    assert order(page) == before


def test_a_written_passage_is_searched_too_and_a_failure_is_said(page: Page, place: Place) -> None:
    titles = page.locator("#results .card h3")
    expect(titles.filter(has_text="Photosynthesis")).to_have_count(0)
    choose(page, "#search-expansion", "Passage", address="**expand=passage")
    expect(titles.filter(has_text="Photosynthesis")).to_have_count(1)
    assert place.writer.asked[-1][2]["messages"][-1]["content"] == QUERY
    good, place.writer.answers = place.writer.answers, [status(401)]
    box = page.locator("#query input")
    box.fill("Tee aus Assam")
    box.press("Enter")
    expect(page.get_by_role("note")).to_contain_text("no passage was written for the query")
    expect(page.locator("#results .card .source").first).to_contain_text("tea-")
    place.writer.answers = good
    choose(page, "#search-expansion", "Off", address="**q=Tee+aus+Assam")
    expect(page.get_by_role("note")).to_have_count(0)


def test_nothing_is_said_to_be_missing(page: Page) -> None:
    expect(page.locator("#search-missing")).to_be_hidden()
    for control in ("debias", "rerank", "expansion"):
        expect(page.locator(f"#search-{control}")).to_be_visible()
