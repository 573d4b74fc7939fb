"""What people look at: the file of a claim, the report of a run, lists of staff. No names, addresses or accounts."""
