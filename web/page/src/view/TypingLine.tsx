// Who is typing, above where one types oneself; its place is always there.
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'

export function TypingLine({ conversation }: { conversation: string }) {
  const { typing, people } = useTalk()
  const { users, count } = useSignal(typing).in(conversation)
  const names = users.map((user) => people.nameOf(user))
  const said = count > 0 ? `${count} people are typing…`
    : names.length === 0 ? ''
      : names.length === 1 ? `${names[0]} is typing…`
        : `${names.slice(0, -1).join(', ')} and ${names.at(-1)} are typing…`
  return <p className="typing-line" aria-live="polite">{said}</p>
}
