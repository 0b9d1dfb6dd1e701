"""Files in: readers for JSON, CSV and Parquet, converters from other systems, and the import itself."""

from core.exchange.importer import ImportProgress, ImportReport, import_files
from core.exchange.kinds import ImportKind
from core.exchange.reasons import explain

__all__ = ["ImportKind", "ImportProgress", "ImportReport", "explain", "import_files"]
