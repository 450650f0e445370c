# D1: more connects than the process may have descriptors; those who are in go on, nothing spins, and it accepts again at once.
import limits_journey
from ground import tried
from support import serving


def run(size, server):
    async def main(findings):
        limits_journey.FILES, limits_journey.CONNECTS, limits_journey.BACK = size.of((96, 400, 3), (256, 2_000, 1))
        for _ in range(size.of(1, 10)):
            async with serving(release=True, limit_files=limits_journey.FILES) as running:
                if running.sanitized:
                    findings.note("not tried: it takes a binary without sanitizers")
                    return
                await limits_journey.out_of_descriptors(running, await running.tokens(["alice", "bob"]))
                findings.tried += limits_journey.CONNECTS
        findings.note(f"{limits_journey.CONNECTS} connects to {limits_journey.FILES} descriptors: less than {limits_journey.IDLE_CPU:.0%} of a core, /livez answered, accepted again within {limits_journey.BACK} s")

    return tried("connects beyond the descriptors", main)
