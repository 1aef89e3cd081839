"""The report page: one snapshot of the ledger and the totals in, one HTML file that needs nothing else out."""
