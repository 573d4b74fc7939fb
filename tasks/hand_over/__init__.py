"""The hand-over (Abgabe): list what is proposed, take a person's answer to exactly that list, record the transfers.

The answer is a row of ours. It counts for one list only, lapses when a claim of it changed, and after five days.
"""
