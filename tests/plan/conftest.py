"""Worlds and checkouts for tests that hold a plan against an account."""

from apply.conftest import make_repo, make_world, repo, world  # noqa: F401
