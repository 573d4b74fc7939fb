"""The rules of dunning (Mahnwesen): pure functions over frozen values.

Whole cents, dates in Europe/Berlin, half-open ranges, the standard library only. No clock, no database, no
network: the day is an argument. A reader who asks why a claim was or was not dunned needs this package alone.
"""
