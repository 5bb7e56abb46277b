"""The plan: which live flow belongs to which file, what would change, and why that may be unsafe.

Yours is here when you change how a file finds its live flow (`match`, `markers`, `renames`,
`adoption`), what a change is (`diff`, `model`), which calls it touches (`calls`,
`call_comparison`), what could hurt (`hazards`), what is sent (`request_body`), or the plan file
(`document`, `planfile`, `staleness`). Sends only GET: `refresh`, `survey` and `recovery` read.
"""
