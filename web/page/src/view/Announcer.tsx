// Says what comes in to who cannot see it; the list itself is drawn and undrawn all the time.
import { useEffect, useState } from 'react'
import { useTalk } from '../model/talk'
import type { Timeline } from '../model/timeline'

export function Announcer({ timeline }: { timeline: Timeline }) {
  const { parley, people } = useTalk()
  const [said, setSaid] = useState('')
  useEffect(() => parley.on('message', (message) => {
    if (message.conversation !== timeline.conversation || message.thread !== timeline.thread || message.from === parley.user) return
    setSaid(`${people.nameOf(message.from)}: ${message.body || 'a file'}`)
  }), [parley, people, timeline])
  return <p className="unseen" role="log" aria-live="polite">{said}</p>
}
