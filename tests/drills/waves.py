"""What the providers of the drill know, wave after wave."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.sources.made_papers import Thing, World, revised

LATE = 3
"""So many papers of each wave appear deep among old ones, once there are so many waves:"""
LATE_FROM, DEEP = 3, 420
REVISED_AT_MOST = 80
"""How far below the newest paper revisions are: a check that overlaps the last one sees them."""


def worlds(waves: Sequence[int], seed: int) -> list[list[Thing]]:
    """What the providers know after each wave: more papers, some indexed late, and new versions of some."""
    chance = random.Random(seed)
    world, states = World(), []
    first = 1
    for count in waves:
        for place in chance.sample(range(min(len(world.things), REVISED_AT_MOST)), k=min(len(states), 3) * 2):
            thing = world.things[place]
            world.things[place] = revised(thing, doi=f"10.1000/x{thing.number}", title=f"{thing.name} again")
        world.fill(count, first)
        first += count
        for late in range(LATE if len(states) >= LATE_FROM else 0):
            place = chance.randrange(count + DEEP, len(world.things))
            world.things.insert(place, Thing(50_000 + LATE * len(states) + late))
        states.append(list(world.things))
    return states
