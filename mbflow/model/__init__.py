"""Plain values that the whole program speaks of, and texts made harmless.

Yours is here when you change what a call flow, a project, a problem or an error is, or how texts
are made fit for a terminal.
"""
