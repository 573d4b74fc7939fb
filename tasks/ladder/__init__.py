"""The daily climb: look at the claims whose day has come, decide, record the steps, report."""
