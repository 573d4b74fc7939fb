"""A decision in the words of a clerk."""

from dunning.decision import Decision
from dunning.notice import step_name
from dunning.reasons import WORDS, Reason
from tasks.ladder.survey import answer_text


def in_words(decision: Decision) -> str:
    """What is next, and why: `the second notice is due today`, or every reason against it."""
    answer, _, details = answer_text(decision).partition(":")
    match answer:
        case "send_notice":
            return f"the {step_name(int(details))} is due today"
        case "propose_hand_over":
            return "the hand-over to the agency is to be proposed"
        case "wait":
            return f"the next step waits for {details}"
        case _:
            return "; ".join(WORDS[Reason(code)] for code in details.split(","))
