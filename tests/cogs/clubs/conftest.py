# fixtures
from tests.cogs.notify.guild import newsroom  # noqa: F401
