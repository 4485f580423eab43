"""Headlines that name a coin or artificial intelligence, and those that only look as if they did."""

import re
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forecasting.event_rules import default_rules
from forecasting.types import parse_symbol

LISTS = yaml.safe_load(files("forecasting").joinpath("event_words.yaml").read_text())


def symbols(title):
    return default_rules().read(title).symbols


def ai_related(title):
    return default_rules().read(title).ai_related


@pytest.mark.parametrize(
    "title",
    [
        "AI startup raises $100M",
        "Why AI-powered trading bots fail",
        "Is this the end of A.I.?",
        "The promise of artificial intelligence",
        "MACHINE LEARNING BEATS TRADERS",
        "OpenAI's ChatGPT writes a smart contract",
        "Fetch.ai token climbs",
        "AI TAKES OVER WALL STREET",
        "Metaverse, AI: what comes next",
        "Elon Musk deepfakes promise doubled deposits",
    ],
)
def test_a_headline_about_artificial_intelligence_is_found(title):
    assert ai_related(title)


@pytest.mark.parametrize(
    "title",
    [
        "He said the chain is fair",
        "Airdrop hunters maintain gains",
        "Hawaii regulators wait",
        "THE CHAIN SAID TO MAINTAIN ITS AIR",
        "J'ai perdu mes bitcoins",
        "Artist Ai Weiwei sells a token",
        "Ai margini del mercato",
        "Al Gore speaks at a conference",
        "The LLMC fund closes",
        "Retail paid again",
        "",
    ],
)
def test_letters_that_happen_to_be_ai_are_not(title):
    assert not ai_related(title)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bitcoin returns above USD 20K, Ethereum rallies", ("BTC", "ETH")),
        ("bitcoin's hash rate", ("BTC",)),
        ("BITCOIN FALLS", ("BTC",)),
        ("Price analysis 5/13: BTC, ETH, BNB, XRP", ("BNB", "BTC", "ETH", "XRP")),
        ("SOL-based lender halts", ("SOL",)),
        ("Solana outage ends", ("SOL",)),
        ("Bitcoin Cash forks again", ("BCH",)),
        ("Bitcoin  Cash and Bitcoin", ("BCH", "BTC")),
        ("Ethereum Classic jumps", ("ETC",)),
        ("Chainlink Staking Roadmap Update", ("LINK",)),
        ("$LINK and $one rally", ("LINK", "ONE")),
        ("Why Harmony (ONE) rallied", ("ONE",)),
        ("LINK/USDT breaks out", ("LINK",)),
        ("LINK price doubles", ("LINK",)),
        ("$BTC, $sol", ("BTC", "SOL")),
        ("SOL PRICE DOUBLES AS $DOT FALLS", ("DOT", "SOL")),
        ("Ripple sues", ("XRP",)),
        ("Avalanche (AVAX) bridge", ("AVAX",)),
        ("NEAR Protocol raises", ("NEAR",)),
        ("1inch launches", ("1INCH",)),
        ("Grayscale\u2019s Bitcoin\u2013Ether fund", ("BTC", "ETH")),
    ],
)
def test_coins_are_found_by_name_and_by_ticker(title, expected):
    assert symbols(title) == expected


@pytest.mark.parametrize(
    "title",
    [
        "The resolution of a conflict",
        "El sol y la luna",
        "Sol de Peru",
        "A link to the past: one more time",
        "Number ONE on the list",
        "LINK in bio",
        "Click the LINK below",
        "US GAS bills rise",
        "The dot-com bubble revisited",
        "US DOT opens a probe",
        "THE DOT-COM BUBBLE",
        "ONE COIN TO RULE THEM ALL",
        "THE SOL IS PERU'S CURRENCY",
        "A ripple effect on markets",
        "Ripple Effects of the Collapse",
        "Avalanche of liquidations",
        "Researchers at ETH Zurich",
        "Together whether either",
        "satoshi.btc and vitalik.eth sell, write to info@SOL.example",
        "Regulatory sandbox opens",
        "Stellar performance, terra firma, cosmos of ideas",
        "Binance and Coinbase delist",
        "Ethan and Ada Lovelace",
        "The near future of sand and gas",
        "METHANE, CANADA, PRADA",
        "ABTC or BTCX",
        "",
    ],
)
def test_words_that_only_look_like_a_coin_are_not(title):
    assert symbols(title) == ()


def test_one_headline_may_be_both():
    read = default_rules().read("AI Bitcoin trading bot")
    assert (read.symbols, read.ai_related) == (("BTC",), True)


@pytest.mark.parametrize("base", LISTS["coins"])
def test_every_coin_is_a_base_currency_as_markets_write_it(base):
    assert parse_symbol(f"{base}/USDT") == f"{base}/USDT"


@pytest.mark.parametrize("base", LISTS["coins"])
def test_every_word_of_a_coin_is_found_and_ends_at_other_letters(base):
    kinds = LISTS["coins"][base]
    for text in (*kinds.get("any_case", ()), *kinds.get("exact", ())):
        assert base in symbols(f"News of {text}, now")
        assert base not in symbols(f"News of x{text}x, now")
    for text in kinds.get("in_context", ()):
        assert base in symbols(f"News of ${text.lower()}, now")
        assert base not in symbols(f"News of {text}, now")


def test_a_word_stands_in_one_list_only():
    every = [
        (text.casefold(), base)
        for base, kinds in LISTS["coins"].items()
        for text in dict.fromkeys(text.casefold() for texts in kinds.values() for text in texts)
    ]
    assert len({text for text, _ in every}) == len(every)


@given(st.text())
def test_any_text_is_read(title):
    read = default_rules().read(title)
    assert set(read.symbols) <= set(LISTS["coins"])


@given(
    st.lists(
        st.sampled_from(re.findall(r"\w+", "said chain air maintain fair paid resolution solution")),
        max_size=9,
    )
)
def test_words_around_the_letters_never_count(words):
    assert default_rules().read(" ".join(words)).symbols == ()
    assert not default_rules().read(" ".join(words).upper()).ai_related
