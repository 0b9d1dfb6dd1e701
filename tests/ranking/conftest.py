import pytest

from embeddings.fakes import BagOfWordsEncoder


@pytest.fixture(scope="session")
def encoder() -> BagOfWordsEncoder:
    return BagOfWordsEncoder(dim=512)
