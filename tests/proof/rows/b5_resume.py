# B5: clients are cut off and go on from their cursor, out of memory or out of the store: everything, or a gap or a reset that says what is missing.
import resume_journey
from journeys import travelled


def run(size, server):
    return travelled("resumes", resume_journey.main, size.of(1, 20))
