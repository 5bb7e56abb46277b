"""Simulated calls as tests: call files, what they expect, coverage, and walking a flow by hand.

Yours is here when you change what a call file may say (`call_document`), which flow answers a call
(`answer`), when a call passes (`expectations`), what counts as covered (`coverage`,
`number_coverage`), which calls are suggested (`suggestions`) and how they fit into a call file
(`proposal`), how promises are decided (`promises`), or what `validate` checks over all files.
"""
