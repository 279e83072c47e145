# fixtures
from tests.announcements.conftest import app, clock, discord_server, office  # noqa: F401
