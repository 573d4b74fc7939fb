"""Look: which claims' day has come, and what is decided for each. Reads only; the dry run ends here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from dunning.decision import (
    Blocked,
    Circumstances,
    Decision,
    Nothing,
    ProposeHandOver,
    SendNotice,
    Wait,
    decide,
)
from dunning.guards import RunFigures
from dunning.lifecycle import State
from dunning.procedure import Policy
from dunning.reasons import Reason
from tasks.settings import Settings
from tasks.store import facts
from tasks.store.tables import ClaimRow


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for one claim; counts for this version of it only."""

    claim_id: int
    number: str
    version: int
    decision: Decision
    open_cents: int
    answered_before: str

    @property
    def acts(self) -> bool:
        """Whether something is to be done."""
        return isinstance(self.decision, SendNotice | ProposeHandOver)

    @property
    def text(self) -> str:
        """The answer in short, as it is stored on the claim."""
        return answer_text(self.decision)


def answer_text(decision: Decision) -> str:
    """A decision in one word and its details, such as `blocked:dispute,below_minimum`."""
    match decision:
        case SendNotice(level=level):
            return f"send_notice:{level}"
        case ProposeHandOver():
            return "propose_hand_over"
        case Wait(until=until):
            return f"wait:{until.isoformat()}"
        case Blocked(reasons=reasons):
            return "blocked:" + ",".join(reasons)
        case Nothing(reason=reason):
            return f"nothing:{reason}"


def answer_word(decision: Decision) -> str:
    """The word under which a decision is counted."""
    return answer_text(decision).partition(":")[0]


def circumstances(session: Session, settings: Settings) -> Circumstances:
    """What decisions need to know beyond the claims: how fresh bank data are, whether our letterhead is complete."""
    return Circumstances(bank_data_until=facts.bank_data_until(session), sender_complete=not settings.missing())


def due_claims(session: Session, as_of: date, only: Sequence[str] = ()) -> list[int]:
    """Ids of the claims whose day has come, oldest day first; with `only`, of these invoices whatever their day."""
    query = select(ClaimRow.id)
    if only:
        query = query.where(col(ClaimRow.number).in_(only))
    else:
        query = query.where(ClaimRow.state == State.OPEN, col(ClaimRow.dunnable_from) <= as_of)
    rows = session.exec(query.order_by(col(ClaimRow.dunnable_from), col(ClaimRow.id)))
    return [claim_id for claim_id in rows if claim_id is not None]


def survey(
    session: Session, claim_ids: Sequence[int], policy: Policy, as_of: date, seen: Circumstances
) -> list[Answer]:
    """Decide every one of these claims; the order stays."""
    answers = {}
    for start in range(0, len(claim_ids), facts.CHUNK):
        for found in facts.load(session, claim_ids[start : start + facts.CHUNK]):
            answers[found.claim_id] = Answer(
                claim_id=found.claim_id,
                number=found.claim.number,
                version=found.version,
                decision=decide(found.claim, policy, as_of, seen),
                open_cents=found.claim.open_cents,
                answered_before=found.answer,
            )
    return [answers[claim_id] for claim_id in claim_ids if claim_id in answers]


def figures(answers: Sequence[Answer]) -> RunFigures:
    """What these answers plan, for the circuit breaker."""
    notices = [answer.decision for answer in answers if isinstance(answer.decision, SendNotice)]
    return RunFigures(
        notices=len(notices),
        hand_overs=sum(isinstance(answer.decision, ProposeHandOver) for answer in answers),
        cents=sum(notice.amounts.total_cents for notice in notices),
    )


def instead(answer: Answer, reason: Reason) -> Answer:
    """The answer with its step blocked for a reason of the whole run."""
    return Answer(
        answer.claim_id,
        answer.number,
        answer.version,
        Blocked((reason,)),
        answer.open_cents,
        answer.answered_before,
    )
