"""All families of commands, and the bot that has them."""

from __future__ import annotations

from bot.app import App
from bot.discord_app.client import Families
from bot.discord_app.lifecycle import RunningBot
from bot.shards import Share, Wanted
from cogs.about import buttons as about
from cogs.authors import buttons as authors
from cogs.clubs import buttons as clubs
from cogs.notify import alert_buttons as alerts
from cogs.notify import buttons as notify
from cogs.notify.announcement_cards import compose, pause_message
from cogs.papers import buttons as papers
from cogs.papers import corrections
from cogs.papers.votes import relabel
from cogs.reading import buttons as reading
from cogs.sources import buttons as sources

FAMILIES = Families(
    extensions=(
        "cogs.papers.commands",
        "cogs.authors.commands",
        "cogs.sources.commands",
        "cogs.notify.commands",
        "cogs.notify.alerts",
        "cogs.reading.commands",
        "cogs.clubs.commands",
        "cogs.about.commands",
    ),
    buttons=(
        *papers.BUTTONS,
        *corrections.BUTTONS,
        *authors.BUTTONS,
        *sources.BUTTONS,
        *notify.BUTTONS,
        *alerts.BUTTONS,
        *reading.BUTTONS,
        *clubs.BUTTONS,
        *about.BUTTONS,
    ),
    compose=compose,
    relabel=relabel,
    pause_message=pause_message,
    show_authors=authors.show_authors,
    subscribe_here=notify.subscribe_here,
    alert_me=alerts.alert_me,
    save_paper=reading.save_paper,
    propose_here=clubs.propose_here,
    look_up=sources.look_up_here,
)


def create_bot(app: App, wanted: Wanted = Share.WHOLE) -> RunningBot:
    """The bot over an app, not yet connected; by the wanted shards."""
    return RunningBot(app, FAMILIES, wanted)
