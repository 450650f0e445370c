# H3: every command over both doors by everybody: each role, ex-members, strangers, the banned, the blocked, and nobody. A new command without a row fails.
import authorisation_journey
from journeys import travelled


def run(size, server):
    return travelled("commands by somebody", authorisation_journey.main, size.of(1, 5))
