"""The course catalogue."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
SORT_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("course_id", ID, nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("title", SORT_TEXT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("course_id", name="pk_courses"),
        sa.UniqueConstraint("seq", name="uq_courses_seq"),
    )


def downgrade() -> None:
    op.drop_table("courses")
