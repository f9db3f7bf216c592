"""Check that the spellings and forms of a word match in the lexical leg and that unrelated words do not.

    python -m benchmarks.lexical_cases ../shared/cases/lexical.tsv            # every kind, and the rows that fail
    python -m benchmarks.lexical_cases tests/searchapp/text/romanised.tsv     # the same for words typed in Latin letters

A row has a kind, a language, a passage, a query and the expectation: `match` if they must share a term, `none` if they must
not. Both sides are analysed in the row's language.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from searchapp.datatypes import LanguageSpan
from searchapp.files.text_lines import read_columns
from searchapp.text.bm25 import LexicalEncoder
from searchapp.text.normalise import normalize

MATCH, NONE = "match", "none"


@dataclass(frozen=True, slots=True)
class Case:
    """A passage and a query in one language, and whether they must match."""

    kind: str
    language: str
    passage: str
    query: str
    expected: str


def read_cases(path: Path) -> list[Case]:
    """Read a tab-separated file of cases."""
    return [Case(*cells) for cells in read_columns(path, list(Case.__dataclass_fields__))]


def meets(case: Case, lexical: LexicalEncoder) -> bool:
    """Return whether the passage and the query share a term."""
    query = normalize(case.query)
    spans = (LanguageSpan(query, 0, len(query), case.language, 1.0, "Zyyy"),)
    passage = lexical.encode_passages([normalize(case.passage)], [case.language])[0]
    return bool(set(passage.indices) & set(lexical.encode_query(spans).indices))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--failures", action="store_true", help="print the kinds with failures only")
    arguments = parser.parse_args()
    lexical = LexicalEncoder()
    right: dict[str, int] = defaultdict(int)
    wrong: dict[str, list[Case]] = defaultdict(list)
    cases = read_cases(arguments.cases)
    for case in cases:
        if meets(case, lexical) == (case.expected == MATCH):
            right[case.kind] += 1
        else:
            wrong[case.kind].append(case)
    for kind in sorted({case.kind for case in cases}):
        total = right[kind] + len(wrong[kind])
        if wrong[kind] or not arguments.failures:
            shown = "; ".join(f"{case.language}: {case.passage} | {case.query}" for case in wrong[kind][:12])
            print(f"{kind:14} {right[kind]:4} / {total:<4} {shown}")
    for expected, said in ((MATCH, "meet"), (NONE, "stay apart")):
        own = [case for case in cases if case.expected == expected]
        failed = sum(case.expected == expected for found in wrong.values() for case in found)
        if own:
            print(f"{len(own) - failed} of {len(own)} pairs {said} ({(len(own) - failed) / len(own):.1%})")


if __name__ == "__main__":
    main()
