"""Putting a model in force: never one that the service would compute otherwise than training did."""

from datetime import datetime

from core.errors import PromotionRefused
from core.settings import Settings
from core.store import Store
from embeddings.encoder import Encoder
from training.dataset import FeatureRows
from training.parity import Parity, check_parity
from training.registry import Registry


def promote_checked(  # noqa: PLR0913  what check_parity takes, and the version
    registry: Registry,
    store: Store,
    encoder: Encoder,
    settings: Settings,
    version: str,
    *,
    as_of: datetime | None = None,
    trained_on: FeatureRows | None = None,
) -> Parity:
    """Checks parity, writes it on the version, and makes the version the champion; see :func:`check_parity`.

    Raises:
        NotFound: there is no such version.
        PromotionRefused: the gate did not let it pass when it was trained, or parity is not exact or cannot be shown.
        ArtifactMismatch: it was trained with another encoder than is in force.
    """
    parity = check_parity(store, encoder, settings, registry.model(version), as_of=as_of, trained_on=trained_on)
    registry.tag(version, parity.tags())
    if not parity.n_rows:
        raise PromotionRefused(
            f"whether version {version} would serve what it learned is not checked: this home holds no shown pair to "
            "compare; import vacancies, talents and events first, then run kansrijk promote again"
        )
    if not parity.exact:
        what = ", ".join(parity.differs)
        raise PromotionRefused(
            f"version {version} would not serve what it learned: over {parity.n_rows} pairs {what} differ by up to "
            f"{parity.max_difference:g} between training and serving; train again, and report it if that does not help"
        )
    registry.promote(version)
    return parity
