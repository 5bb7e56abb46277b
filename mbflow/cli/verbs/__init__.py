"""The verbs: one file a verb, the whole of it."""
