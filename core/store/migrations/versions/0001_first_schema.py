"""First schema.

Types are spelled out, not imported: what this step made must not change when the schema does. Instants are
microseconds, days are days since 1970 in UTC (``core/store/schema.py`` says why).
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ID = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
DAY = sa.Integer()
WORD = sa.String(32)
ETAG = sa.String(24)


def upgrade() -> None:
    op.create_table(
        "revisions",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("etag", ETAG),
        sa.Column("valid_from", INSTANT),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_revisions"),
    )
    op.create_index("ix_revisions_kind_id_seq", "revisions", ["kind", "id", "seq"])
    _create_heads()
    op.create_table(
        "places",
        sa.Column("postcode", sa.String(4), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("postcode", name="pk_places"),
    )
    _create_events()
    op.create_table(
        "audit_attributes",
        sa.Column("talent_id", ID, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("talent_id", name="pk_audit_attributes"),
    )
    _create_shortlists()
    op.create_table(
        "vectors",
        sa.Column("encoder_version", sa.String(200), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("encoder_version", "key", name="pk_vectors"),
    )


def _create_heads() -> None:
    for table, filter_column in (
        ("talents", sa.Column("active", sa.Boolean(), nullable=False)),
        ("vacancies", sa.Column("status", WORD, nullable=False)),
    ):
        op.create_table(
            table,
            sa.Column("id", ID, nullable=False),
            sa.Column("seq", SEQ, nullable=False),
            sa.Column("etag", ETAG, nullable=False),
            sa.Column("fingerprint", ETAG, nullable=False),
            sa.Column("updated_at", INSTANT, nullable=False),
            filter_column,
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["seq"], ["revisions.seq"], name=f"fk_{table}_seq"),
            sa.UniqueConstraint("seq", name=f"uq_{table}_seq"),
            sqlite_with_rowid=False,
        )
    op.create_index("ix_talents_active", "talents", ["active"])
    op.create_index("ix_vacancies_status_id", "vacancies", ["status", "id"])


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", ID, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("vacancy_id", ID, nullable=False),
        sa.Column("talent_id", ID, nullable=False),
        sa.Column("shortlist_id", ID),
        sa.Column("rank", sa.Integer()),
        sa.Column("starts_on", DAY),
        sa.Column("contract_ends_on", DAY),
        sa.Column("ended_on", DAY),
        sa.Column("contract_hours_per_week", sa.Double()),
        sa.Column("total_hours", sa.Double()),
        sa.Column("moment", WORD),
        sa.Column("still_working", sa.Boolean()),
        sa.Column("declined_by", WORD),
        sa.Column("details", sa.Text()),
        sa.Column("fingerprint", ETAG, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_events"),
    )
    op.create_index("ix_events_occurred_at_event_id", "events", ["occurred_at", "event_id"])
    op.create_index("ix_events_talent_id", "events", ["talent_id"])
    op.create_index("ix_events_vacancy_id", "events", ["vacancy_id"])


def _create_shortlists() -> None:
    op.create_table(
        "shortlists",
        sa.Column("shortlist_id", ID, nullable=False),
        sa.Column("vacancy_id", ID),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("features", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shortlist_id", name="pk_shortlists"),
    )
    op.create_table(
        "shortlist_talents",
        sa.Column("talent_id", ID, nullable=False),
        sa.Column("shortlist_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("talent_id", "shortlist_id", name="pk_shortlist_talents"),
        sa.ForeignKeyConstraint(
            ["shortlist_id"], ["shortlists.shortlist_id"], name="fk_shortlist_talents_shortlist_id"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shortlist_talents_shortlist_id", "shortlist_talents", ["shortlist_id"])


def downgrade() -> None:
    for table in (
        "vectors",
        "shortlist_talents",
        "shortlists",
        "audit_attributes",
        "events",
        "places",
        "vacancies",
        "talents",
        "revisions",
    ):
        op.drop_table(table)
