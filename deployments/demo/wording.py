"""Sentences that the shop prints on every invoice."""

from deployments.demo.goods import Paper

NOTICE_286_3 = (
    "Hinweis nach § 286 Abs. 3 BGB: Als Verbraucher kommen Sie spätestens in Verzug, wenn Sie nicht "
    "innerhalb von 30 Tagen nach Fälligkeit und Zugang dieser Rechnung zahlen."
)


def notes(paper: Paper) -> tuple[str, ...]:
    """Notes of a paper (BT-22): thanks, and the notice that the law wants to be told to consumers."""
    if paper.credit_note:
        return (f"Gutschrift zu Rechnung {paper.corrects}. Die Ware ist bei uns eingetroffen.",)
    thanks = "Vielen Dank für Ihre Bestellung!"
    return (thanks,) if paper.customer.business else (thanks, NOTICE_286_3)
