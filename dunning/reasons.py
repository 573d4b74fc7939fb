"""Why a claim was not dunned: reason codes, each with the sentence that a clerk reads."""

from enum import StrEnum


class HoldKind(StrEnum):
    """Kinds of a hold (Mahnsperre): a fact that stops dunning until its last day or until a person releases it."""

    DISPUTE = "dispute"
    DEFECT = "defect"
    CHARGEBACK = "chargeback"
    WITHDRAWAL = "withdrawal"
    RETURN_ANNOUNCED = "return_announced"
    CREDIT_PENDING = "credit_pending"
    INSTALMENT_PLAN = "instalment_plan"
    PROMISE_TO_PAY = "promise_to_pay"
    DEFERRAL = "deferral"
    INSOLVENCY_PETITION = "insolvency_petition"
    INSOLVENCY = "insolvency"
    DISCHARGE = "discharge"
    DEBT_COUNSELLING = "debt_counselling"
    DEATH = "death"
    MINOR = "minor"
    GUARDIANSHIP = "guardianship"
    IDENTITY_THEFT = "identity_theft"
    ADDRESS_UNKNOWN = "address_unknown"
    AUTHORITY = "authority"
    MANUAL = "manual"


class Reason(StrEnum):
    """Reason codes of decisions. Every hold kind is one of them, under the same name."""

    SETTLED = "settled"
    LADDER_FINISHED = "ladder_finished"

    DISPUTE = "dispute"
    DEFECT = "defect"
    CHARGEBACK = "chargeback"
    WITHDRAWAL = "withdrawal"
    RETURN_ANNOUNCED = "return_announced"
    CREDIT_PENDING = "credit_pending"
    INSTALMENT_PLAN = "instalment_plan"
    PROMISE_TO_PAY = "promise_to_pay"
    DEFERRAL = "deferral"
    INSOLVENCY_PETITION = "insolvency_petition"
    INSOLVENCY = "insolvency"
    DISCHARGE = "discharge"
    DEBT_COUNSELLING = "debt_counselling"
    DEATH = "death"
    MINOR = "minor"
    GUARDIANSHIP = "guardianship"
    IDENTITY_THEFT = "identity_theft"
    ADDRESS_UNKNOWN = "address_unknown"
    AUTHORITY = "authority"
    MANUAL = "manual"

    BELOW_MINIMUM = "below_minimum"
    NOT_DELIVERED = "not_delivered"
    PREPAYMENT = "prepayment"
    NOT_OWNED = "not_owned"
    BANK_DATA_STALE = "bank_data_stale"
    RUN_NOT_APPROVED = "run_not_approved"
    DAILY_CAP = "daily_cap"
    STEP_UNDER_WAY = "step_under_way"
    UNCERTAIN_EFFECT = "uncertain_effect"
    REFUSED_EFFECT = "refused_effect"
    ADDRESS_MISSING = "address_missing"
    SENDER_INCOMPLETE = "sender_incomplete"
    FINAL_WARNING_MISSING = "final_warning_missing"
    NOTICE_FAULTY = "notice_faulty"
    NOT_IN_DEFAULT = "not_in_default"
    BASE_RATE_UNKNOWN = "base_rate_unknown"
    LIMITATION_NEAR = "limitation_near"
    LIMITATION_PASSED = "limitation_passed"
    COUNTRY_WITHOUT_POLICY = "country_without_policy"
    CURRENCY_WITHOUT_POLICY = "currency_without_policy"
    HAND_OVER_PROPOSED = "hand_over_proposed"
    ALREADY_AT_AGENCY = "already_at_agency"
    IN_MANUAL_HANDS = "in_manual_hands"


WORDS: dict[Reason, str] = {
    Reason.SETTLED: "nothing is open any more",
    Reason.LADDER_FINISHED: "every step of the procedure has been taken",
    Reason.DISPUTE: "the customer disputes the claim",
    Reason.DEFECT: "the customer reports defective, wrong or missing goods",
    Reason.CHARGEBACK: "the customer had the payment taken back at bank, card or PayPal",
    Reason.WITHDRAWAL: "the customer withdrew from the contract",
    Reason.RETURN_ANNOUNCED: "the customer announced a return",
    Reason.CREDIT_PENDING: "a complaint or a credit note is being worked on",
    Reason.INSTALMENT_PLAN: "the customer pays in instalments",
    Reason.PROMISE_TO_PAY: "the customer promised to pay and the promised day has not passed",
    Reason.DEFERRAL: "payment was put off by agreement",
    Reason.INSOLVENCY_PETITION: "insolvency was applied for; only a person may act",
    Reason.INSOLVENCY: "insolvency proceedings are open; write to the administrator only",
    Reason.DISCHARGE: "the customer was discharged of remaining debts",
    Reason.DEBT_COUNSELLING: "a debt counsellor negotiates for the customer",
    Reason.DEATH: "the customer has died",
    Reason.MINOR: "the customer is a minor",
    Reason.GUARDIANSHIP: "the customer has a guardian; write to the guardian only",
    Reason.IDENTITY_THEFT: "the order was placed by somebody else",
    Reason.ADDRESS_UNKNOWN: "mail came back; a new address must be confirmed",
    Reason.AUTHORITY: "a court or an authority is involved",
    Reason.MANUAL: "a colleague put the claim on hold",
    Reason.BELOW_MINIMUM: "the open amount is below the minimum of the next step",
    Reason.NOT_DELIVERED: "the goods have not been delivered",
    Reason.PREPAYMENT: "an unpaid prepayment order is cancelled, not dunned",
    Reason.NOT_OWNED: "the claim belongs to somebody else (sold or assigned)",
    Reason.BANK_DATA_STALE: "the bank statements are too old to know who has paid; import the newest",
    Reason.RUN_NOT_APPROVED: "the circuit breaker stopped the run; a person must approve its list",
    Reason.DAILY_CAP: "the cap of one day is reached; the claim comes next day",
    Reason.STEP_UNDER_WAY: "a step has been decided and is being sent",
    Reason.UNCERTAIN_EFFECT: "nobody knows whether the last message left; a person must find out",
    Reason.REFUSED_EFFECT: "the last message was refused; correct the cause, then resolve it",
    Reason.ADDRESS_MISSING: "there is no usable e-mail address",
    Reason.SENDER_INCOMPLETE: "the creditor's own data that a letter must show are not complete",
    Reason.FINAL_WARNING_MISSING: "the last notice was not the one that announces the agency",
    Reason.NOTICE_FAULTY: "the notice could not be made; nothing was sent, tell the engineer",
    Reason.NOT_IN_DEFAULT: "the debtor is not in default; without it nothing goes to the agency",
    Reason.BASE_RATE_UNKNOWN: "the base rate of a half-year is not confirmed, so interest cannot be computed",
    Reason.LIMITATION_NEAR: "the claim is close to limitation; a person decides",
    Reason.LIMITATION_PASSED: "the claim is barred by limitation",
    Reason.COUNTRY_WITHOUT_POLICY: "there is no procedure for the debtor's country",
    Reason.CURRENCY_WITHOUT_POLICY: "there is no procedure for the currency",
    Reason.HAND_OVER_PROPOSED: "the hand-over is proposed and waits for a person",
    Reason.ALREADY_AT_AGENCY: "the collection agency has the claim",
    Reason.IN_MANUAL_HANDS: "a person has taken the claim off the ladder",
}
"""What a clerk reads beside each code."""
