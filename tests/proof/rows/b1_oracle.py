# B1: the oracle finds every fault that is planted in a clean history, and none in clean ones.
import oracle_test_journey
from journeys import travelled


def run(size, server):
    return travelled("faults planted and clean histories", oracle_test_journey.main)
