"""/alerts: new papers for oneself, as direct messages; and what a channel hears."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.announcements import alerts, subscriptions
from bot.announcements.results import Filters, Subscription
from bot.discord_app import inputs
from bot.discord_app.client import Cog, Interaction, Papercord
from bot.discord_app.permissions import home_of
from bot.discord_app.replies import acknowledge
from bot.discord_app.times import DAY_CHOICES, TimeOfDay, TimeZone, zones
from bot.store.models import NO_SERVER
from cogs.notify.alert_buttons import add_alert, answer_alerts, show_alerts, show_heard
from cogs.notify.cards import Shown, changed_card, name_of
from cogs.notify.inputs import (
    CITING,
    FILTER_OPTIONS,
    WHEN_CHOICES,
    SubscriptionId,
    changed_filters,
    cited,
    followed,
    schedule_from,
    suggest_alerts,
    suggest_cited,
)

Typed = app_commands.Transform[str, inputs.Typed]
Time = app_commands.Transform[str, TimeOfDay]
Zone = app_commands.Transform[str, TimeZone]

CLEARED = [
    app_commands.Choice(name=name, value=name)
    for name in ("query", "author", "field", "code", "min_score", "retractions", "published")
]
WHICH = "Which one; /alerts list shows the numbers"
SCHEDULE_OPTIONS = {
    "when": "At once, or in a digest",
    "day": "The day of a weekly digest",
    "at": "The time of a digest, such as 09:00",
    "timezone": "The time zone of the digest, such as Europe/Berlin",
}


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.allowed_installs(guilds=True, users=True)
class Alerts(Cog, commands.GroupCog, group_name="alerts", group_description="New papers for yourself"):
    """Subscriptions that people have for themselves."""

    @app_commands.command(name="add")
    @app_commands.describe(**FILTER_OPTIONS, citing=CITING, **SCHEDULE_OPTIONS)
    @app_commands.autocomplete(
        author=inputs.authors, field=inputs.fields, timezone=zones, citing=suggest_cited
    )
    @app_commands.choices(when=WHEN_CHOICES)
    @app_commands.choices(day=DAY_CHOICES)
    async def add(
        self,
        interaction: Interaction,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        retractions: bool | None = None,
        published: bool | None = None,
        citing: Typed | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
    ) -> None:
        """Send yourself new papers as direct messages; they need all the words and options."""
        schedule = schedule_from(when or ("weekly" if citing is not None else None), day, at, timezone)
        await acknowledge(interaction, private=True)
        filters = Filters(
            query or "",
            *await followed(interaction.client, author),
            field,
            code,
            min_score,
            retractions or None,
            published or None,
            **await cited(interaction.client, citing),
        )
        await add_alert(interaction, filters, schedule)

    @app_commands.command(name="list")
    async def list_own(self, interaction: Interaction) -> None:
        """Show your alerts."""
        await acknowledge(interaction, private=True)
        await show_alerts(interaction, Shown())

    @app_commands.command(name="edit")
    @app_commands.describe(
        alert=WHICH,
        **FILTER_OPTIONS | {"query": "Other words that a paper must have"},
        **SCHEDULE_OPTIONS,
        clear="An option that shall hold no longer",
    )
    @app_commands.autocomplete(alert=suggest_alerts)
    @app_commands.autocomplete(author=inputs.authors, field=inputs.fields, timezone=zones)
    @app_commands.choices(when=WHEN_CHOICES, clear=CLEARED)
    @app_commands.choices(day=DAY_CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        alert: SubscriptionId,
        query: Typed | None = None,
        author: Typed | None = None,
        field: Typed | None = None,
        code: bool | None = None,
        min_score: float | None = None,
        retractions: bool | None = None,
        published: bool | None = None,
        when: str | None = None,
        day: int | None = None,
        at: Time | None = None,
        timezone: Zone | None = None,
        clear: str | None = None,
    ) -> None:
        """Change one of your alerts; what you leave out stays."""
        await acknowledge(interaction, private=True)
        bot = interaction.client
        before = await _own(interaction, alert)
        changed = await bot.call(
            subscriptions.edit,
            NO_SERVER,
            before.id,
            filters=changed_filters(
                before.filters,
                Filters(
                    query or "",
                    *await followed(bot, author),
                    field,
                    code,
                    min_score,
                    retractions or None,
                    published or None,
                ),
                clear,
            ),
            schedule=schedule_from(when, day, at, timezone, before.schedule),
            role_id=None,
            thread=False,
            version=before.version,
        )
        await answer_alerts(interaction, changed_card(changed, f"{name_of(changed)} is changed"))

    @app_commands.command(name="remove")
    @app_commands.describe(alert=WHICH)
    @app_commands.autocomplete(alert=suggest_alerts)
    async def remove(self, interaction: Interaction, alert: SubscriptionId) -> None:
        """End one of your alerts."""
        await acknowledge(interaction, private=True)
        found = await _own(interaction, alert)
        await interaction.client.call(subscriptions.remove, NO_SERVER, found.id)
        await answer_alerts(interaction, changed_card(found, f"{name_of(found)} is removed. It was:"))

    @app_commands.command(name="here")
    async def here(self, interaction: Interaction) -> None:
        """Show which new papers this channel hears of."""
        home_of(interaction)
        await acknowledge(interaction, private=True)
        await show_heard(interaction, Shown(interaction.channel_id))


async def _own(interaction: Interaction, alert_id: int) -> Subscription:
    return await interaction.client.call(alerts.own_alert, interaction.user.id, alert_id)


async def setup(bot: Papercord) -> None:
    """Add the commands to the bot."""
    await bot.add_cog(Alerts(bot))
