"""Whether two occupations are about the same: by name, by meaning, and how often that is right on the world's own."""

from collections.abc import Sequence

import numpy as np

from core.settings import Settings
from embeddings.encoder import TextKind, Vectors
from embeddings.fakes import BagOfWordsEncoder
from embeddings.loading import load_encoder
from ranking.trades import TradeBook
from training.world.content import load_content


def test_by_name_and_by_meaning() -> None:
    book = TradeBook(BagOfWordsEncoder(dim=512))
    pairs = [
        (["Lasser"], ["lasser"]),
        (["kok", "hulp lasser"], ["lasser constructie", "metaal"]),
        (["§"], ["§"]),  # no word of which an encoder knows anything
        (["kok"], ["lasser"]),
        ([], ["lasser"]),
        (["kok"], []),
    ]
    assert book.same(pairs) == [True, True, True, False, False, False]
    assert book.same([]) == []


def test_every_name_is_embedded_once() -> None:
    asked: list[str] = []

    class Counting(BagOfWordsEncoder):
        def encode(self, texts: Sequence[str], *, kind: TextKind = TextKind.PASSAGE) -> Vectors:
            asked.extend(texts)
            return super().encode(texts, kind=kind)

    book = TradeBook(Counting(dim=512))
    for _ in range(2):
        book.same([(["kok"], ["lasser"]), (["kok", "schilder"], ["lasser"])])
    assert sorted(asked) == ["kok", "lasser", "schilder"]


def test_the_names_of_the_worlds_occupations_are_told_apart(tmp_path: object) -> None:
    """As the module says: of names of the same occupation most are found, of others hardly any are taken for it."""
    trades = load_content().occupations
    names = [(row, name) for row, one in enumerate(trades) for name in (one.title, *one.titles[:2], one.spoken[0])]
    book = TradeBook(load_encoder(Settings(home=tmp_path)))
    pairs = [([name], [one.title]) for _, name in names for one in trades]
    same = np.array(book.same(pairs)).reshape(len(names), len(trades))
    own = np.array([[row == other for other in range(len(trades))] for row, _ in names])
    assert same[own].mean() >= 0.85
    assert same[~own].mean() <= 0.025
