"""What a CI job does: one command for the pull request, one for the merge, one for the schedule.

Yours is here when you change what a job runs and in which order (`plan`, `apply`, `drift`), what is
known of the run that called it (`event`), where its files, summary and outputs go (`report`), how a
code host is spoken to (`github`, `gitlab`, behind `host`), which comment or issue is made or
updated (`posts`), or how the lock gets back into git (`lock`). A job runs the verbs themselves,
through a function that the command line hands down (`job`): what it does can be repeated by hand.
"""
