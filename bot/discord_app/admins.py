"""Who may change the corpus, which is one for all servers."""

from __future__ import annotations

from bot.discord_app.replies import Interaction
from bot.errors import RefusedError

NOT_ALLOWED = (
    "This changes the corpus for all servers, so only the application's owner or team may do it, "
    "and the people named in PAPERCORD_ADMINS."
)


async def check_admin(interaction: Interaction) -> None:
    """Let administrators pass; what they do holds for every server.

    Raises:
        RefusedError: the person is not one of them.

    """
    bot, person = interaction.client, interaction.user
    if person.id not in bot.desk.settings.admin_ids and not await bot.is_owner(person):
        raise RefusedError(NOT_ALLOWED)
