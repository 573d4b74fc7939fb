"""The error breaker: where too many messages go wrong, no further one is tried."""

from collections import deque
from dataclasses import dataclass, field
from typing import NoReturn

from dunning.effects import EffectStatus
from dunning.errors import EffectUnavailable, MahnlaufError


@dataclass(slots=True)
class ErrorBreaker:
    """Stops a dispatch where too many of the last messages go wrong."""

    window: deque[EffectStatus] = field(default_factory=lambda: deque(maxlen=50))
    refused_limit: int = 10
    uncertain_limit: int = 5
    unsent_limit: int = 10
    """So many in a row that certainly did not leave: the provider cannot be reached."""
    stopped: str = ""
    """Why nothing more may be tried in this process; empty: it may."""

    def note(self, status: EffectStatus) -> None:
        """Count what a call made of its effect; raises EffectUnavailable where a limit is reached."""
        self.window.append(status)
        refused = self.window.count(EffectStatus.FAILED)
        uncertain = self.window.count(EffectStatus.UNCERTAIN)
        if list(self.window)[-self.unsent_limit :] == [EffectStatus.READY] * self.unsent_limit:
            self.stop(
                EffectUnavailable(
                    f"{self.unsent_limit} messages in a row could not be sent",
                    "the provider cannot be reached; the run goes on where it stopped when it is started again",
                )
            )
        if refused >= self.refused_limit or uncertain >= self.uncertain_limit:
            self.stop(
                EffectUnavailable(
                    f"{refused} refused and {uncertain} uncertain of the last {len(self.window)} messages",
                    "find the cause (mahnlauf doctor), resolve the uncertain ones, then start the run again",
                )
            )

    def stop(self, error: MahnlaufError) -> NoReturn:
        """Let nothing more be tried, for this reason."""
        self.stopped = str(error)
        raise error
