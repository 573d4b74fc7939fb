"""Who owes: what kind of debtor decides which rules protect them."""

from enum import StrEnum


class DebtorKind(StrEnum):
    """Who owes. An unknown debtor is treated as a consumer (§ 13 BGB)."""

    CONSUMER = "consumer"
    BUSINESS = "business"
    UNKNOWN = "unknown"

    @property
    def treated_as(self) -> "DebtorKind":
        """Consumer unless known to be a business."""
        return DebtorKind.BUSINESS if self is DebtorKind.BUSINESS else DebtorKind.CONSUMER
