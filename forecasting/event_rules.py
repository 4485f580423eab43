"""What a headline is about, by word lists, where its source does not say: coins, and artificial intelligence.

The lists stand in `event_words.yaml`. Matching is by whole words and, where a word of the language would fool it, by
capitals or by what stands beside it; the longest word wins, so `Bitcoin Cash` is not Bitcoin.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

_DECOY, _AI = "(decoy)", "(ai)"
# A dot or an at sign before a word makes it part of an address, a `$` is the word's own.
_WORD_BEGINS = re.compile(r"(?<![\w$@.])\$?(\w)")
_PAIR = r"[/-](?:USDT?|USDC|EUR|BTC|ETH)\b"
_MARKED = r"\$(?i:{0})(?!\w)|(?<=\(){0}(?=\))|{0}(?=" + _PAIR + ")"

_Kinds = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Headline:
    """What a headline is about: base currencies in order of the alphabet, and artificial intelligence or not."""

    symbols: tuple[str, ...]
    ai_related: bool


@dataclass(frozen=True, slots=True)
class _Word:
    """One way to write something, and what it stands for."""

    text: str
    pattern: re.Pattern[str]
    meanings: frozenset[str]


_Index = Mapping[str, Sequence[_Word]]


@dataclass(frozen=True, slots=True)
class EventRules:
    """Understands headlines.

    Attributes
    ----------
    usual, shouted
        Words by their first letter, the longest first, for headlines in the usual mixture of capitals and for those
        without a lower-case letter.
    """

    usual: _Index
    shouted: _Index

    def read(self, title: str) -> Headline:
        """Understand one headline.

        Examples
        --------
        >>> default_rules().read("Ethereum Classic and $LINK rise, said a chain of AI analysts")
        Headline(symbols=('ETC', 'LINK'), ai_related=True)
        >>> default_rules().read("He said the resolution of the link is fair")
        Headline(symbols=(), ai_related=False)
        """
        shouts = not any(letter.islower() for letter in title)
        found = set(_meanings(" ".join(title.split()), self.shouted if shouts else self.usual))
        return Headline(tuple(sorted(found - {_DECOY, _AI})), _AI in found)


@functools.cache
def default_rules() -> EventRules:
    """Rules of the word lists that come with Foretick, read once."""
    lists = yaml.safe_load(files("forecasting").joinpath("event_words.yaml").read_text())
    return EventRules(_index(lists, shouted=False), _index(lists, shouted=True))


def _meanings(title: str, index: _Index) -> Iterator[str]:
    end = 0
    for begin in _WORD_BEGINS.finditer(title):
        if begin.start() < end:
            continue
        for word in index.get(begin[1].casefold(), ()):
            match = word.pattern.match(title, begin.start())
            if match:
                end = match.end()
                yield from word.meanings
                break


def _index(lists: Mapping[str, Any], *, shouted: bool) -> _Index:
    nouns = "|".join(map(re.escape, lists["context"]))
    meanings: dict[tuple[str, str], set[str]] = defaultdict(set)
    entries: dict[str, _Kinds] = {_DECOY: lists["decoys"], _AI: lists["ai"], **lists["coins"]}
    for meaning, kinds in entries.items():
        doubted = shouted and meaning in lists["coins"]
        for text, pattern in _spellings(kinds, rf"\s+(?i:{nouns})\b", doubted):
            meanings[text, pattern].add(meaning)
    index: dict[str, list[_Word]] = defaultdict(list)
    for (text, pattern), found in sorted(meanings.items(), key=lambda each: (-len(each[0][0]), each[0])):
        word = _Word(text, re.compile(rf"(?:{pattern})(?!\w)"), frozenset(found))
        index[text[0].casefold()].append(word)
    return dict(index)


def _spellings(kinds: _Kinds, before_noun: str, doubted: bool) -> Iterator[tuple[str, str]]:
    """Each text of a meaning with the pattern that finds it; `doubted` tickers need more than their capitals."""
    for text in kinds.get("any_case", ()):
        yield text, rf"\$?(?i:{re.escape(text)})"
    for text in kinds.get("exact", ()):
        word = re.escape(text)
        unsure = doubted and text.isalnum()
        yield text, rf"{_MARKED.format(word)}|{word}(?={before_noun})" if unsure else rf"{word}|\$(?i:{word})"
    for text in kinds.get("in_context", ()):
        word = re.escape(text)
        yield text, _MARKED.format(word) + ("" if doubted else rf"|{word}(?={before_noun})")
