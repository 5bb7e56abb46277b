"""Webhooks as text: whether they have a token, never which."""

from __future__ import annotations

from collections.abc import Sequence

from mbflow.model import Body
from mbflow.views.objects import object_text
from mbflow.views.table import table
from mbflow.views.wording import words


def webhooks_table(webhooks: Sequence[Body], width: int | None = None) -> str:
    """One line a webhook, its URL cut where the terminal is too narrow; "" for none."""
    if not webhooks:
        return ""
    columns = [
        ["ID", *(words(webhook["id"]) for webhook in webhooks)],
        ["TOKEN", *("yes" if webhook.get("token") else "no" for webhook in webhooks)],
        ["URL", *(words(webhook.get("url")) for webhook in webhooks)],
    ]
    return table(columns, width)


def webhook_text(webhook: Body) -> str:
    return object_text("Webhook", webhook, {"url": ("URL", words)})
