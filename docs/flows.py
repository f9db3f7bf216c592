"""Draw the three flows of `architecture.md` as SVG: `python docs/flows.py`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent / "images" / "concepts"
WIDTH, HEIGHT, GAP, ROW_GAP, PER_ROW = 190, 74, 34, 40, 4


@dataclass(frozen=True, slots=True)
class Step:
    """One box: what happens, where the code is, and what is handed on."""

    title: str
    place: str
    value: str


DOCUMENT = [
    Step("Read", "index_builder/sources", "documents, rejected rows"),
    Step("Normalise, cut", "text/passages", "passages of whole sentences"),
    Step("Detect language", "text/detection", "BCP 47 code or und"),
    Step("Embed", "encoders", "unit vector"),
    Step("Weigh terms", "text/bm25", "sparse vector"),
    Step("Write the journal", "index_builder/journal", "finished batches"),
    Step("Store a version", "stores", "points + manifest"),
    Step("Validate, activate", "index_builder/versions", "one atomic step"),
]
QUERY = [
    Step("Split by language", "text/spans", "language spans"),
    Step("Expand, translate", "expansion (on request)", "more texts"),
    Step("Embed, weigh terms", "encoders, text/bm25", "dense + sparse query"),
    Step("Retrieve two legs", "search/retriever", "candidates"),
    Step("Fuse", "search/fusion", "one ranked list"),
    Step("Re-rank, balance", "ranking (on request)", "moves and their cost"),
    Step("Fetch the page", "stores/payload", "hits"),
    Step("Report languages", "search/language_report", "SearchResult"),
]
ROW = [
    Step("Read pairs", "training/datasets", "rows with groups"),
    Step("Guard", "training/datasets/guard", "no evaluation text"),
    Step("Code-switch, mine", "code_switching, mining", "queries, hard negatives"),
    Step("Sort by language", "training/samplers", "mono, cross, simcse"),
    Step("Draw hybrid batches", "samplers/hybrid", "a share α monolingual"),
    Step("Compute losses", "training/losses", "InfoNCE + SimCSE + balance"),
    Step("Update, validate", "training/trainer", "checkpoints"),
    Step("Save the encoder", "training/trainer/card", "model folder + card"),
]


def draw(steps: list[Step]) -> str:
    """Lay the steps out in rows, each row read from left to right, joined by arrows; returns the SVG."""
    rows = -(-len(steps) // PER_ROW)
    width = PER_ROW * WIDTH + (PER_ROW - 1) * GAP + 20
    height = rows * HEIGHT + (rows - 1) * ROW_GAP + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img">',
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L10 5L0 10z" fill="#b45309"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, step in enumerate(steps):
        row, column = divmod(number, PER_ROW)
        left, top = 10 + column * (WIDTH + GAP), 10 + row * (HEIGHT + ROW_GAP)
        if number:
            parts.append(_arrow(column, left, top))
        parts.append(_box(step, left, top))
    return "\n".join([*parts, "</svg>", ""])


def _box(step: Step, left: int, top: int) -> str:
    middle = left + WIDTH / 2
    lines = (
        (step.title, 24, 15, "#0f172a", "bold"),
        (step.place, 44, 11, "#0f766e", "normal"),
        (step.value, 62, 11, "#475569", "normal"),
    )
    texts = "".join(
        f'<text x="{middle}" y="{top + down}" font-size="{size}" fill="{colour}" font-weight="{weight}" '
        f'text-anchor="middle">{escape(text)}</text>'
        for text, down, size, colour, weight in lines
    )
    return (
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#f0fdfa" stroke="#0f766e"/>{texts}'
    )


def _arrow(column: int, left: int, top: int) -> str:
    style = 'fill="none" stroke="#b45309" stroke-width="2" marker-end="url(#tip)"'
    if column:
        return f'<path d="M{left - GAP} {top + HEIGHT / 2}H{left - 3}" {style}/>'
    end = 10 + (PER_ROW - 1) * (WIDTH + GAP) + WIDTH / 2
    return f'<path d="M{end} {top - ROW_GAP}V{top - ROW_GAP / 2}H{left + WIDTH / 2}V{top - 3}" {style}/>'


def main() -> None:
    """Write one picture a flow."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, steps in (("document", DOCUMENT), ("query", QUERY), ("training-row", ROW)):
        (FOLDER / f"flow-{name}.svg").write_text(draw(steps), encoding="utf-8")


if __name__ == "__main__":
    main()
