"""Test builds from the page: upload, progress, rejects, searching the upload, and rollback."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import searchapp
from index_builder import BuildOptions, build_index
from searchapp.datatypes import Progress

pytestmark = pytest.mark.browser

ROWS = [
    {
        "id": "a",
        "title": "Fjord",
        "text": "A fjord is a long, narrow inlet with steep sides, made by a glacier.",
        "language": "en",
    },
    {"id": "b", "title": "Fjord", "text": "En fjord är en lång och smal havsvik med branta sidor.", "language": "sv"},
    {
        "id": "c",
        "title": "<img src=x onerror=window.hacked=1>",
        "text": "<script>window.hacked=1</script> zebra <b>bold</b>",
    },
    {"id": "d", "title": "no text"},
]


@pytest.fixture(scope="module")
def place(demo_home: Path, tmp_path_factory: pytest.TempPathFactory, serve) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("building")
    home, allowed = folder / "home", folder / "allowed"
    shutil.copytree(demo_home, home)
    allowed.mkdir()
    (allowed / "server.jsonl").write_text(json.dumps(ROWS[0]) + "\n", encoding="utf-8")
    return serve(home, folders=(allowed,), max_upload=100_000), folder


@pytest.fixture(scope="module")
def page(browser: Browser, place: tuple[str, Path]) -> Page:
    page = browser.new_page(viewport={"width": 1360, "height": 1000})
    page.set_default_timeout(30_000)
    page.goto(place[0])
    return page


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def upload(page: Page, name: str, content: bytes) -> None:
    page.locator("#upload input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )


def lines(rows: list[dict[str, str]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def test_what_is_uploaded_is_built_and_found_and_its_markup_is_text(page: Page, shoot) -> None:
    tab(page, "Index")
    upload(page, "notes.jsonl", lines(ROWS))
    expect(page.locator("#upload")).to_contain_text("notes")
    page.locator("#build-name input").fill("notes")
    page.locator("#build-button").click()
    done = page.locator("#build-progress .done")
    expect(done).to_contain_text("notes is live")
    expect(done).to_contain_text("1 row was set aside (1× missing field)")
    expect(page.locator(".collection h3")).to_have_text(["demo", "notes"])
    shoot(page, "index", full=True)
    with page.expect_download() as download:
        page.locator("#rejects").click()
    record = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert (record["line"], record["kind"]) == (4, "missing field")

    tab(page, "Search")
    page.locator("#collection input").click()
    page.get_by_role("option", name="notes").click()
    box = page.locator("#query input")
    box.fill("zebra")
    box.press("Enter")
    first = page.locator(".card").first
    expect(first.locator(".text")).to_contain_text("<script>window.hacked=1</script>")
    expect(first.locator("h3")).to_have_text("<img src=x onerror=window.hacked=1>")
    assert page.evaluate("window.hacked") is None
    assert page.locator("#results script, #results .card img").count() == 0
    page.wait_for_url("**/?q=zebra&c=notes")


def test_an_older_version_is_made_live_again(page: Page) -> None:
    tab(page, "Index")
    upload(page, "more.jsonl", lines(ROWS[:1]))
    expect(page.locator("#upload")).to_contain_text("more")
    page.locator("#build-button").click()
    sheet = page.locator(".collection", has=page.get_by_role("heading", name="notes"))
    expect(sheet.locator("tbody tr")).to_have_count(2)
    expect(sheet.locator("tbody tr").first).to_contain_text("live")
    sheet.get_by_role("button", name="Make live").click()
    expect(sheet.locator("tbody tr").nth(1)).to_contain_text("live")
    expect(sheet.locator("header")).to_contain_text("3 passages")


def test_a_file_of_the_server_is_built(page: Page) -> None:
    tab(page, "Index")
    page.locator("#build-path input").click()
    page.get_by_role("option", name="server.jsonl").click()
    page.locator("#build-name input").fill("served")
    page.locator("#build-button").click()
    expect(page.locator("#build-progress .done")).to_contain_text("served is live")


def test_another_encoder_is_named(page: Page, place: tuple[str, Path]) -> None:
    shutil.copytree(Path(searchapp.__file__).parent / "encoders" / "static_weights", place[1] / "allowed" / "mine")
    page.goto(place[0])
    tab(page, "Index")
    page.locator("#build-more button").first.click()
    upload(page, "few.jsonl", lines(ROWS[:1]))
    expect(page.locator("#upload")).to_contain_text("few")
    page.locator("#build-name input").fill("named")
    encoder = page.locator("#build-encoder input")
    for name in (str(place[1] / "home"), "mine"):
        encoder.fill(name)
        encoder.press("Enter")
        page.locator("#build-button").click()
        if name != "mine":
            expect(page.get_by_role("alert")).to_contain_text("outside the folders")
    expect(page.locator("#build-progress .done")).to_contain_text("named is live")
    sheet = page.locator(".collection", has=page.get_by_role("heading", name="named"))
    expect(sheet.locator("header")).to_contain_text("1 passage · 1 language · …/mine (512-d)")


def test_what_cannot_be_built_is_said(page: Page, place: tuple[str, Path]) -> None:
    page.goto(place[0])
    tab(page, "Index")
    page.locator("#build-button").click()
    expect(page.get_by_role("alert")).to_contain_text("the collection has no name")
    page.locator("#build-name input").fill("../evil")
    upload(page, "good.jsonl", lines(ROWS[:1]))
    expect(page.locator("#upload")).to_contain_text("good")
    page.locator("#build-button").click()
    expect(page.get_by_role("alert")).to_contain_text("use letters, digits")
    expect(page.locator("#upload")).to_contain_text("good")  # another name can be given to the same file
    page.locator("#upload").get_by_label("Clear").click()
    page.locator("#build-name input").fill("broken")
    upload(page, "bad.json", b"not json at all")
    expect(page.locator("#upload")).to_contain_text("bad")
    page.locator("#build-button").click()
    expect(page.get_by_role("alert")).to_contain_text("bad.json")
    expect(page.get_by_role("alert")).not_to_contain_text("/")
    page.reload()
    tab(page, "Index")
    expect(page.locator(".collection h3").first).to_have_text("demo")
    assert "broken" not in page.locator(".collection h3").all_text_contents()
    assert page.locator(".unfinished li").count() == 0
    assert not (place[1] / "home" / "collections" / "broken").exists()


MANY = [{"id": str(n), "text": f"Passage number {n}.", "language": "en"} for n in range(200)]


def halt(folder: Path, collection: str) -> None:
    """Start a build as the page does, and kill it after its first batch."""

    def killed(progress: Progress) -> None:
        if progress.counts.get("passages"):
            raise KeyboardInterrupt

    source = folder / "many.jsonl"
    source.write_bytes(lines(MANY))
    options = BuildOptions(source_name="many.jsonl")
    with pytest.raises(KeyboardInterrupt):
        build_index(source, collection, options=options, home=folder / "home", progress=killed)


def test_a_build_that_stopped_half_way_is_told_resumed_or_deleted(page: Page, place: tuple[str, Path], shoot) -> None:
    for collection in ("halted", "unwanted"):
        halt(place[1], collection)
    page.reload()
    tab(page, "Index")
    rows = page.locator(".unfinished li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("halted: a build was interrupted; 1 finished batch is kept")
    rows.first.scroll_into_view_if_needed()
    shoot(page, "unfinished")
    page.once("dialog", lambda dialog: dialog.dismiss())
    rows.last.get_by_role("button").click()
    expect(rows).to_have_count(2)
    page.once("dialog", lambda dialog: dialog.accept())
    rows.last.get_by_role("button").click()
    expect(rows).to_have_count(1)
    assert not (place[1] / "home" / "collections" / "unwanted").exists()
    upload(page, "many.jsonl", lines(MANY))
    expect(page.locator("#upload")).to_contain_text("many")
    page.locator("#build-name input").fill("halted")
    page.locator("#build-button").click()
    expect(page.locator("#build-progress .done")).to_contain_text("halted is live")
    expect(rows).to_have_count(0)
    sheet = page.locator(".collection", has=page.get_by_role("heading", name="halted"))
    expect(sheet.locator("header")).to_contain_text("200 passages")
