"""`mykey webhook`: the messages to the business systems of service providers."""

import click

from portal.commands.cli_context import open_portal
from portal.commands.output import Group, show


@click.group(cls=Group)
def webhook() -> None:
    """Manage the webhook messages to business systems.

    業務システムへ引き渡すメッセージを扱います。
    """


@webhook.command()
def send() -> None:
    """Send each message that is due, once. `mykey serve` does so by itself.

    送る時刻になったものを1回ずつ送ります。mykey serve が動いている間は、自動で送られます。
    """
    number = 0
    with open_portal() as services:
        while due := services.webhooks.claim():
            services.webhooks.send(due)
            number += 1
        services.retention.forget()
    show({"tried": number}, "Tried: {tried}.")
