"""The error tree: everything Kansrijk raises on purpose.

    KansrijkError
    ├── InputError                  something the caller gave is not usable
    │   ├── RecordInvalid           one record breaks the contract
    │   ├── FileUnreadable          a file cannot be read in the format it claims
    │   └── SettingsInvalid         a setting is unknown, missing or out of bounds
    ├── NotFound                    the named thing is not there
    ├── Conflict                    the named thing is not in the state that the caller assumed
    ├── Refused                     a gate said no
    │   ├── TrainingRefused         the data cannot carry a model, or a leak was found
    │   └── PromotionRefused        the candidate is not demonstrably better
    └── Unavailable                 a part that is needed cannot be used now
        ├── StoreUnavailable        the database does not answer or is at another schema version
        ├── TrackingUnavailable     the MLflow store does not answer
        └── ArtifactError
            ├── ArtifactMissing     an index, encoder or model was never built
            ├── ArtifactCorrupt     its content does not match its manifest
            └── ArtifactMismatch    parts that were not built for each other

Every message says what to do next. Messages never quote a person's text: they end up in logs.
HTTP statuses are known in ``api/`` only, exit codes in ``cli/`` only.
"""


class KansrijkError(Exception):
    """Any failure that Kansrijk foresees."""


class InputError(KansrijkError):
    """Something the caller gave is not usable."""


class RecordInvalid(InputError):
    """One record breaks the contract."""


class FileUnreadable(InputError):
    """A file cannot be read in the format it claims."""


class SettingsInvalid(InputError):
    """A setting is unknown, missing or out of bounds."""


class NotFound(KansrijkError):
    """The named thing is not there."""


class Conflict(KansrijkError):
    """The named thing is not in the state that the caller assumed."""


class Refused(KansrijkError):
    """A gate said no; ``reasons`` lists why, one sentence each.

    Attributes:
        reasons: one sentence per failed check, never empty.
    """

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons or (message,)


class TrainingRefused(Refused):
    """The data cannot carry a model, or a leak was found."""


class PromotionRefused(Refused):
    """The candidate is not demonstrably better than what it would replace."""


class Unavailable(KansrijkError):
    """A part that is needed cannot be used now."""


class StoreUnavailable(Unavailable):
    """The database does not answer or is at another schema version."""


class TrackingUnavailable(Unavailable):
    """The MLflow store does not answer."""


class ArtifactError(Unavailable):
    """An index, encoder or model cannot be used."""


class ArtifactMissing(ArtifactError):
    """An index, encoder or model was never built."""


class ArtifactCorrupt(ArtifactError):
    """An artifact's content does not match its manifest."""


class ArtifactMismatch(ArtifactError):
    """Artifacts that were not built for each other were put together."""
