"""Evidence: passages with places in both original texts."""

from __future__ import annotations

import itertools

from dedupe.matching.compare import compare_closely


def test_passages_point_into_the_original_texts(make, write) -> None:
    """What a passage shows on the left and on the right are the same words, though the texts are spelt differently."""
    body = write(1, 20)
    left = make("a", "Wait… ﬁrst.\n" + body)
    right = make("b", write(2, 12) + "\n" + body.upper().replace(" ", "\u00a0", 5))
    found = compare_closely(left, right)
    assert found.relation == "copy"
    passage = found.passages[0]
    shown = left.text[passage.left_start : passage.left_end], right.text[passage.right_start : passage.right_end]
    assert shown[0].casefold() == shown[1].casefold().replace("\u00a0", " ")
    assert body.startswith(shown[0][:20])
    assert passage.words == 300


def test_quotation_is_marked(make, write) -> None:
    """A passage that both texts quote is shown as a quotation, and is no reason for a match."""
    speech = "we shall never ever give up this long and hard fight for the rights of all working people here"
    left = make("a", write(1) + f'\nThe leader said: "{speech}."\n')
    right = make("b", write(2) + f"\nShe told us: “{speech}” on Monday.\n")
    found = compare_closely(left, right)
    assert found.relation is None
    assert [passage.quotation for passage in found.passages] == [True]


def test_small_gaps_are_bridged(make) -> None:
    """One changed word does not cut a passage in two; many do."""
    words = [f"word{n}" for n in range(40)]
    other = [*words[:20], "changed", *words[21:]]
    found = compare_closely(make("a", " ".join(words)), make("b", " ".join(other)))
    assert [passage.words for passage in found.passages] == [39]


def test_longest_first_and_few(make, write, reword) -> None:
    """At most twelve passages, the longest first, none overlapping another."""
    text = write(3, 40)
    found = compare_closely(make("a", text), make("b", reword(text, 6)))
    sizes = [passage.words for passage in found.passages]
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < len(sizes) <= 12
    spans = sorted((passage.left_start, passage.left_end) for passage in found.passages)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
