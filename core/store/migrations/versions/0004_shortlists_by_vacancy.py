"""Shortlists are found by their vacancy."""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_shortlists_vacancy_id_created_at"


def upgrade() -> None:
    op.create_index(INDEX, "shortlists", ["vacancy_id", "created_at"])


def downgrade() -> None:
    op.drop_index(INDEX, "shortlists")
