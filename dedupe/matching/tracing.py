"""One text against very many: what `matching` would have found had the text been an article of one of their days.

First its 4-grams are looked for in all texts (`TextSearch`), which gives its candidates by the rule of
`pairs.candidates`, without its cap. Then the days around the candidates are looked through once more (`Surroundings`)
for all that decides a pair beside its two texts: recurring lines, formulas of publishers, and third texts that show
common language. Candidates and third texts are then measured like any other pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedupe.corpus.context import Context, Library, Texts
from dedupe.corpus.formulas import cover
from dedupe.corpus.gramfinder import GramFinder, Hits
from dedupe.corpus.listing import UNKNOWN
from dedupe.corpus.sampling import sample
from dedupe.corpus.shingles import PATTERNS, Hashes, combine, four_grams, member
from dedupe.corpus.tables import TextRow, TextTable, Tokens, tabulate
from dedupe.matching.matching import identical
from dedupe.matching.scoring import PairScorer, ScoredPair
from dedupe.matching.tracedformulas import PrintedTexts, find_formulas
from dedupe.pairs.measures import Pairs
from dedupe.pairs.numpymeasures import NumpyMeasures
from dedupe.pairs.passages import locate_tokens, show
from dedupe.pairs.runs import Run
from dedupe.params import Params
from dedupe.records import Match, Printed

Numbers = NDArray[np.int64]

# Least share of the words of both texts (geometric mean) that stand in the other one, whatever they are. The least of
# 6,300 matches of six collections is .059, the least of one that is called a copy .12.
LEAST_RESEMBLANCE = 0.05
THIRD_TEXTS = 200  # of each window: some two for each 4-gram that a text shares with its candidates
EACH_SHARED = 2  # third texts for each of these
LINES_SEEN = 4  # pages of a table on which a line of a candidate is looked at: it recurs if it is on three or four


@dataclass(frozen=True, slots=True)
class Page:
    """A stored text with its article."""

    article: Printed
    row: TextRow


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some texts of one date; n of them."""

    table: TextTable  # straight (`TextTable.straightened`)
    articles: Sequence[Printed]
    publishers: Numbers  # (n,), a number for each name, the same in all shelves; UNKNOWN
    contents: NDArray[np.uint64]  # (n,), equal for equal normalised texts
    day: int  # since 1970


class TextSearch:
    """The candidates of one text. Of the tables that it looks at it needs tokens and words only."""

    def __init__(self, asked: TextRow, params: Params) -> None:
        self.asked, self.params = asked, params
        self._finder = GramFinder([asked.tokens])
        self._sample = _sample(asked.tokens, asked.words, params)
        self._keys = _keys(asked.tokens)

    def candidates(self, table: TextTable) -> list[int]:
        """The numbers of the texts of *table* that share enough with the text that is asked for to be looked at."""
        hits = self._finder.find(table).once()
        shared = np.bincount(hits.texts, minlength=len(table))
        likely = np.flatnonzero(shared >= self.params.candidate_shared)
        ends = table.starts + table.sizes
        return [
            number
            for number in likely.tolist()
            if self._is_candidate(table.tokens[table.starts[number] : ends[number]], int(table.words[number]))
        ]

    def _is_candidate(self, tokens: Tokens, words: int) -> bool:
        own = _sample(tokens, words, self.params)
        shared = np.count_nonzero(member(own, self._sample))
        if shared < max(
            self.params.candidate_shared, self.params.candidate_share * np.sqrt(len(own) * len(self._sample))
        ):
            return False
        keys = _keys(tokens)
        return bool(np.sqrt(_covered(self._keys, keys) * _covered(keys, self._keys)) >= LEAST_RESEMBLANCE)


class Surroundings:
    """What the texts of some days have in common with a text and its candidates among them."""

    def __init__(self, asked: TextRow, near: Sequence[TextRow], publishers: Collection[int], params: Params) -> None:
        """*near* and *publishers*: those of the candidates."""
        self.asked, self.params = asked, params
        rows = [asked, *near]
        self._finder = GramFinder([row.tokens for row in rows])
        grams = [four_grams(row.tokens.astype(np.uint64)) for row in rows]
        self._shared = member(self._finder.grams, grams[0]) & member(self._finder.grams, np.concatenate(grams[1:]))
        self._lines = np.unique(np.concatenate([row.line_keys[row.line_tokens > 0] for row in rows]))
        self._publishers = np.array(sorted({*publishers} - {UNKNOWN}), np.int64)
        self._prints: list[PrintedTexts] = []
        self._seen = np.zeros(len(self._finder.grams), np.int64)  # third texts with each 4-gram
        self.candidates: list[Page] = []
        self.third: list[Page] = []
        self.printed: list[Page] = []  # pages that have a line of a candidate or of the text

    def add(self, shelf: Shelf, candidates: Collection[int]) -> None:
        """Looks through *shelf*, some of whose texts are *candidates*; later dates after earlier ones."""
        found = self._finder.find(shelf.table)
        self._prints.append(PrintedTexts(found, shelf.table.sizes.copy(), shelf.publishers, shelf.contents, shelf.day))
        hits = found.once()
        third = {*self._third_texts(hits, shelf, candidates)}
        for numbers, pages in (
            (candidates, self.candidates),
            (third, self.third),
            (self._pages(shelf) - third - {*candidates}, self.printed),
        ):
            pages += [Page(shelf.articles[number], shelf.table.row(number)) for number in sorted(numbers)]

    def formulas(self) -> Hashes:
        """The formulas that the text or a candidate has."""
        return self._finder.grams[find_formulas(self._prints, len(self._finder.grams), self.params)]

    def _third_texts(self, hits: Hits, shelf: Shelf, candidates: Collection[int]) -> Iterator[int]:
        """Texts that are no candidates, until each 4-gram that a candidate shares with the text stands in some."""
        own = hits.choose(self._shared[hits.grams] & (self._seen[hits.grams] < EACH_SHARED))
        counts = np.bincount(own.texts, minlength=len(shelf.table))
        firsts = np.searchsorted(own.texts, np.arange(len(shelf.table) + 1))
        left = THIRD_TEXTS - len(self.third)
        for number in np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist():
            grams = own.grams[firsts[number] : firsts[number + 1]]
            if left and number not in candidates and (self._seen[grams] < EACH_SHARED).any():
                self._seen[grams] += 1
                left -= 1
                yield number

    def _pages(self, shelf: Shelf) -> set[int]:
        """Texts with a line of a candidate: all of its publisher, and some of others."""
        table = shelf.table
        places = np.flatnonzero(member(table.line_keys, self._lines) & (table.line_tokens > 0))
        texts = np.searchsorted(table.line_starts + table.line_sizes, places, side="right")
        order = np.lexsort((texts, keys := table.line_keys[places]))
        rank = np.arange(len(order)) - np.searchsorted(keys[order], keys[order])
        own = np.isin(shelf.publishers[texts], self._publishers)
        return {*texts[order[rank < LINES_SEEN]].tolist(), *texts[own].tolist()}


def match_text(asked: Printed, around: Surroundings, contents: Texts) -> list[Match]:
    """The matches of the text *asked*, which comes last in the order, with the candidates of *around*.

    *contents* gives texts by id, that of *asked* too. Verbatim copies of a candidate have a match each.
    """
    compared = [*around.candidates, *around.third]
    pages = [*compared, *around.printed]
    table = tabulate([around.asked, *(page.row for page in pages)])
    library = Library.of([asked, *(page.article for page in pages)], table, contents, around.params)
    whole = library.context(None)
    formulas = around.formulas()
    whole.flag_formulas(lambda texts, _prints, _params: cover(texts, formulas))
    kept = np.zeros(len(whole.units), np.bool_)
    kept[_units_of(whole, {asked.id, *(page.article.id for page in compared)})] = True
    context = whole.narrowed(kept)
    return _OneText(context, asked.id).matches({page.article.id for page in around.candidates})


class _OneText(PairScorer):
    """Scores the pairs of one text."""

    def __init__(self, context: Context, asked: str) -> None:
        super().__init__(context, measures=NumpyMeasures(context))  # compiled code takes longer to load
        self._asked, self._own = asked, _units_of(context, {asked})
        self._pairs = np.empty((0, 2), np.int64)

    def matches(self, candidates: Collection[str]) -> list[Match]:
        """Its matches with *candidates*, in order; none if it has no words or is boilerplate."""
        if not len(self._own):
            return []
        units = np.setdiff1d(_units_of(self.context, candidates), self._own)
        self._pairs = np.sort(np.column_stack((units, np.full(len(units), self._own[0]))), axis=1)
        found = self.matching(self._pairs)
        runs = self.measures.find_runs(np.array([(one.left, one.right) for one in found], np.int64).reshape(-1, 2))
        members = {unit: self._members(unit, candidates) for one in found for unit in (one.left, one.right)}
        same = self._members(int(self._own[0]), candidates)
        members[int(self._own[0])] = same
        ids = sorted({self._asked, *(name for names in members.values() for name in names)})
        texts = dict(zip(ids, self.context.library.texts(ids), strict=True))
        matches = [self._verbatim(texts, name) for name in same]
        for one, shared in zip(found, runs, strict=True):
            other = one.right if one.left == self._own[0] else one.left
            matches += [self._found(one, shared, texts, name) for name in members[other]]
        return matches

    def _verbatim(self, texts: Mapping[str, str], name: str) -> Match:
        """With an article that has the same words."""
        words = int(self.context.token_store.words[self._own[0]])
        return identical(name, self._asked, len(texts[name]), len(texts[self._asked]), words)

    def _found(self, found: ScoredPair, runs: Sequence[Run], texts: Mapping[str, str], name: str) -> Match:
        """With one of the articles that have the words of the unit that was found."""
        first = found.left == self._own[0]  # an article with the words of the text is earlier than the unit
        ends = (self._asked, name) if first else (name, self._asked)
        left, right = (locate_tokens(texts[end]) for end in ends)
        return self.describe(found, ends, show(runs, left, right), "copy")

    def _members(self, unit: int, candidates: Collection[str]) -> list[str]:
        """The candidates with the words of a unit."""
        units, ids = self.context.units, self.context.library.listing.ids
        numbers = units.members[units.firsts[unit] : units.firsts[unit + 1]]
        return [name for number in numbers.tolist() if (name := ids[number]) in candidates]

    def _around(self, grey: Pairs) -> Pairs:
        """The pairs of the text itself, and those of *grey* units with texts that it does not resemble: only these may
        be witnesses, and whether they are is all that is asked.
        """
        near = self.measures.screen(self._pairs).score >= self.params.background_score
        kin = np.zeros(len(self.context.units), np.bool_)
        kin[self._pairs[near]] = True
        kin[self._own] = True
        others = super()._around(grey)
        others = others[~kin[others].all(axis=1)]
        return np.unique(np.concatenate((self._pairs, others)), axis=0)


def _units_of(context: Context, ids: Collection[str]) -> Numbers:
    """The units that have one of these articles among their members, ascending."""
    members = [context.library.listing.ids[number] in ids for number in context.units.members.tolist()]
    return np.unique(context.units.owners[members])


def _sample(tokens: Tokens, words: int, params: Params) -> Hashes:
    return sample(four_grams(tokens.astype(np.uint64)), words, params)


def _keys(tokens: Tokens) -> list[Hashes]:
    """The keys of a text, pattern by pattern."""
    hashes = tokens.astype(np.uint64)
    return [combine(hashes, places) for places in PATTERNS]


def _covered(keys: Sequence[Hashes], others: Sequence[Hashes]) -> float:
    """Share of a text's tokens that lie in keys that another text has too."""
    covered = np.zeros(len(keys[0]) + PATTERNS[0][-1], np.bool_)
    known = np.concatenate(others)
    for own, places in zip(keys, PATTERNS, strict=True):
        found = member(own, known)
        for place in places:
            covered[place : place + len(found)] |= found
    return int(np.count_nonzero(covered)) / len(covered)
