"""Intake: invoices, customers and bank statements, from files to facts (reading) and on into the books (taking)."""
