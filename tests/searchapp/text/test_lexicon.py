"""Test word-by-word translation, and the probe that uses it from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import build
from typer.testing import CliRunner

from searchapp import Document, InputError
from searchapp.cli.app import app
from searchapp.text.lexicon import Lexicon, LexiconTranslator

ROWS = """synset\tlang\tlemma
1\ten\tgarden
1\tde\tGarten
2\ten\tgarden
2\tde\tPark
3\ten\tgarden
3\tde\tGarten
4\ten\ttea
4\tde\tTee
4\ten\tcuppa
5\ten\tgrow
5\tde\twachsen
5\tde\tgedeihen
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "lexicon.tsv"
    found.write_text(ROWS, encoding="utf-8")
    return found


def test_the_meaning_that_most_senses_share_wins(path: Path) -> None:
    lexicon = Lexicon.read(path)
    assert lexicon.likeliest("Garden", source="en", target="de") == "Garten"
    assert lexicon.likeliest("grow", source="en", target="de") == "wachsen", "the shorter of two as likely"
    assert lexicon.likeliest("Tee", source="de", target="en") == "tea"
    assert lexicon.likeliest("tea", source="en", target="fr") is None


def test_known_words_are_replaced_and_too_few_are_no_translation(path: Path) -> None:
    translator = LexiconTranslator(Lexicon.read(path))
    assert translator.translate("The tea, in a garden!", "en", "de") == "The Tee, in a Garten!"
    assert translator.translate("the garden grows beautifully everywhere", "en", "de") == ""
    assert translator.translate("of the", "en", "de") == ""
    assert translator.translate("tea garden", "en", "fr") == ""


def test_a_lexicon_without_rows_or_columns_is_refused(tmp_path: Path, path: Path) -> None:
    empty = tmp_path / "empty.tsv"
    empty.write_text("synset\tlang\tlemma\n", encoding="utf-8")
    with pytest.raises(InputError, match="no lemma"):
        Lexicon.read(empty)
    with pytest.raises(InputError, match="no lemma in any of fr"):
        Lexicon.read(path, languages=["fr"])


def test_probe_from_the_command_line(path: Path, home: Path) -> None:
    texts = {"en": "The tea grows in the garden", "de": "Der Tee wächst im Garten", "fr": "Le thé pousse au jardin"}
    build(home, [Document(id=code, text=text, language=code) for code, text in texts.items()])

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["probe", *arguments, "-c", "docs", "--home", str(home)])
        return done.exit_code, done.output

    code, shown = run("tea in the garden", "--lexicon", str(path), "--json")
    assert code == 0, shown
    probed = json.loads(shown)
    assert [(variant["language"], variant["query"]) for variant in probed["variants"]] == [("de", "Tee in the Garten")]
    assert probed["notes"] == ["no translation into fr"]
    assert probed["variants"][0]["result"]["hits"][0]["document_id"] == "de"
    assert set(probed["variants"][0]) >= {"overlap", "group_overlap", "rank_correlation", "missed"}
    code, shown = run("tea in the garden", "-t", "fr=thé dans le jardin", "-t", "de=Tee im Garten", "-k", "1")
    assert code == 0, shown
    assert "French" in shown
    assert "What you would have seen" in shown
