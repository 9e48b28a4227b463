"""Who is heard in which order, and how stances are counted, for any hands at all."""

from hypothesis import given
from hypothesis import strategies as st

from forum.commons.comments.compute import STANCES, VOICES, interleave, moved, totals

hands = st.lists(st.lists(st.integers(), max_size=12), min_size=1, max_size=5)
tagged = hands.map(lambda several: [[(hand, n) for n in range(len(cards))] for hand, cards in enumerate(several)])


@given(tagged, st.integers(0, 60), st.integers(0, 9))
def test_every_voice_is_heard_once_and_in_its_own_order(
    several: list[list[tuple[int, int]]], take: int, first: int
) -> None:
    dealt = interleave(several, take, first)
    assert len(dealt) == min(take, sum(map(len, several)))
    assert len(set(dealt)) == len(dealt)
    for hand, cards in enumerate(several):
        mine = [card for of, card in dealt if of == hand]
        assert mine == cards[: len(mine)], "within a stance the more useful comes first"


@given(tagged, st.integers(0, 9))
def test_no_stance_is_heard_twice_before_another_that_has_something_left(
    several: list[list[tuple[int, int]]], first: int
) -> None:
    dealt = interleave(several, 60, first)
    left = [len(cards) for cards in several]
    said = [0] * len(several)
    for hand, _card in dealt:
        said[hand] += 1
        waiting = [said[other] for other in range(len(several)) if said[other] < left[other]]
        assert all(said[hand] - other <= 1 for other in waiting)


@given(tagged, st.integers(1, 9), st.integers(0, 9))
def test_a_page_at_a_time_is_the_same_as_all_at_once(
    several: list[list[tuple[int, int]]], page: int, first: int
) -> None:
    rest, turn, paged = [list(cards) for cards in several], first, []
    while dealt := interleave(rest, page, turn):
        paged += dealt
        for hand, card in dealt:
            rest[hand].remove(card)
        turn = dealt[-1][0] + 1
    assert paged == interleave(several, 60, first)


stances = st.sampled_from([s for s in STANCES if s])


@given(st.lists(st.tuples(st.sampled_from(VOICES), stances), max_size=40))
def test_a_spread_counts_each_voice_once_apart_and_never_below_zero(said: list[tuple[str, str]]) -> None:
    spread: dict[str, dict[str, int]] = {}
    for voice, stance in said:
        spread = moved(spread, voice, None, stance)
    assert sum(n for row in totals(spread).values() for n in row.values()) == len(said)
    for voice in VOICES:
        assert sum(totals(spread)[voice].values()) == sum(of == voice for of, _ in said)
    for voice, stance in said:
        spread = moved(spread, voice, stance, None)
    assert {n for row in totals(spread).values() for n in row.values()} == {0}
    assert moved(spread, "member", "for", None).get("member", {}).get("for", 0) == 0


@given(stances, stances)
def test_an_office_is_in_no_spread(old: str, new: str) -> None:
    assert moved({"member": {"for": 1}}, "agency", old, new) == {"member": {"for": 1}}
