"""How much of what happens at which hour of a hotel's day. Pure.

Shapes after ordinary city-hotel operation: departures before noon, arrivals after 14:00, breakfast and dinner
peaks. They are there to look right, not as a statistic of any one hotel.
"""

from __future__ import annotations

import random
from itertools import accumulate

#                0  1  2  3  4  5  6  7   8   9  10  11 12 13 14 15 16 17 18 19 20 21 22 23
DEPARTURES = (0, 0, 0, 0, 1, 2, 5, 10, 16, 20, 22, 18, 4, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
ARRIVALS = (1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 8, 14, 18, 16, 12, 9, 6, 4, 3, 2, 1)
REQUESTS = (2, 1, 1, 1, 1, 2, 5, 9, 11, 9, 7, 6, 5, 5, 6, 7, 8, 9, 10, 11, 10, 8, 6, 4)
CHATS = (1, 1, 0, 0, 0, 1, 3, 6, 8, 8, 7, 6, 6, 6, 7, 8, 9, 9, 9, 8, 7, 6, 4, 2)
STAY_OVERS = (0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 12, 12, 10, 8, 5, 2, 0, 0, 0, 0, 0, 0, 0, 0)

DAY_S = 86_400
HOUR_S = 3_600


def moment(curve: tuple[int, ...], rng: random.Random) -> float:
    """A second of the day, drawn by the curve's hourly weights, even within the hour."""
    hour = rng.choices(range(24), cum_weights=list(accumulate(curve)))[0]
    return (hour + rng.random()) * HOUR_S
