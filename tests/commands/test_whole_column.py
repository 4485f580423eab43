"""What another command takes can be read off in any width that holds it."""

from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from commands.whole_column import add_whole_column

WORD = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1, max_size=26)


@given(st.lists(WORD, max_size=4), st.lists(WORD, min_size=1, max_size=6), st.integers(0, 80))
@example(
    ["01M80F079DDSSXVTZP84VJGZ5Q"], ["2026-11-22 01:00", "AAA/SIM", "+0.0123%", "52.1%", "1h-c7c1e495c1d4"], 0
)
def test_no_width_that_holds_the_words_cuts_or_folds_one(words, others, spare):
    table = Table(box=None, pad_edge=False)
    add_whole_column(table, "id", words)
    for number, _ in enumerate(others):
        table.add_column(str(number), no_wrap=number % 2 == 0)
    for word in words:
        table.add_row(word, *others)
    console = Console(width=max(map(len, words), default=1) + spare)
    with console.capture() as captured:
        console.print(table)
    shown = [line.split(" ")[0] for line in captured.get().splitlines()[1:] if not line.startswith(" ")]
    assert [each for each in shown if each] == words
