# fixtures
from tests.discord_app.simulated import (  # noqa: F401
    add_papers,
    app,
    clock,
    descriptions,
    shipped_corpus,
    simcord_bot,
    world,
)
