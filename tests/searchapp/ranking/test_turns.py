from __future__ import annotations

from collections import Counter

from searchapp.ranking.turns import turns

LANGUAGES = ["de", "de", "de", "fr", "th", "fr", "th"]


def order(strength: float, seed: str = "q") -> list[int]:
    scores = turns(LANGUAGES, strength=strength, seed=seed)
    return sorted(range(len(LANGUAGES)), key=lambda position: -scores[position])


def test_no_strength_keeps_the_order_and_a_query_always_gets_the_same() -> None:
    assert order(0.0) == list(range(7))
    assert order(1.0) == order(1.0)


def test_at_full_strength_every_language_has_its_turn_in_its_own_order() -> None:
    found = order(1.0)
    assert {LANGUAGES[position] for position in found[:3]} == {"de", "fr", "th"}
    assert [LANGUAGES[p] for p in found[3:6]] == [LANGUAGES[p] for p in found[:3]]
    for language in ("de", "fr", "th"):
        own = [position for position in found if LANGUAGES[position] == language]
        assert own == sorted(own)


def test_over_many_queries_every_language_is_equally_often_first() -> None:
    first = Counter(LANGUAGES[order(1.0, str(query))[0]] for query in range(3000))
    assert all(900 < first[language] < 1100 for language in ("de", "fr", "th"))


def test_the_strength_moves_languages_up_gradually() -> None:
    top = [sum(LANGUAGES[order(strength, str(query))[0]] == "de" for query in range(300)) for strength in (0, 0.6, 1)]
    assert top[0] == 300 and top[0] >= top[1] > top[2]
