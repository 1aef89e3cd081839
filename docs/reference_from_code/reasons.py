"""The words of the decoder in, the table of reasons out."""

from antennactl.decode import REASONS
from docs.reference_from_code.markdown import code, prose, table


def describe_reasons() -> str:
    """Return a row for each reason a message is rejected for, in the order of the checks."""
    return table(
        ("reason", "meaning"), [(code(reason), prose(meaning)) for reason, meaning in REASONS.items()]
    )
