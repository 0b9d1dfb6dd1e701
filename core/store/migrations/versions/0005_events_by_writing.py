"""What was written since a moment is found without reading all events."""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEX = "ix_events_recorded_at"


def upgrade() -> None:
    op.create_index(INDEX, "events", ["recorded_at"])


def downgrade() -> None:
    op.drop_index(INDEX, "events")
