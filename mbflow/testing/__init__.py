"""Simulated calls as tests: call files, what they expect, coverage, and walking a flow by hand.

Yours is here when you change what a call file may say (`call_document`), when a call passes
(`expectations`), what counts as covered (`coverage`), which calls are suggested, how promises
are decided (`promises`), or what `validate` checks over all files.
"""
