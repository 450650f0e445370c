// The largest conversations, and the connections for which most waits: asked every ten seconds, where the server tells.
import { useEffect, useState, type ReactNode } from 'react'
import { sizeOf } from '../model/time'
import { readAs } from './statistics'

const EVERY_MS = 10_000
const MOST = 15

interface Largest {
  conversations: number
  items: { conversation: string; kind: string; title?: string; messages: number; members: number; events: number }[]
}

interface Connected {
  sessions: number
  items: { session: string; user: string; device: string; encoding: string; queued_bytes: number; waits_ms: number }[]
}

type By = 'messages' | 'members' | 'events'

export function Tables({ token }: { token: string }) {
  const [by, setBy] = useState<By>('messages')
  const largest = useAsked<Largest>(token, `/v1/admin/conversations?by=${by}&limit=${MOST}`)
  const connected = useAsked<Connected>(token, `/v1/admin/sessions?limit=${MOST}`)
  return (
    <div className="tables">
      {largest && (
        <Table
          title={`The largest of ${largest.conversations.toLocaleString()} conversations`} heads={['Conversation', 'Kind', 'Messages', 'Members', 'Events']}
          rows={largest.items.map((each) => ({ key: each.conversation, cells: [each.title ?? each.conversation, each.kind, each.messages, each.members, each.events] }))}
        >
          <label>By <select value={by} onChange={(event) => setBy(event.target.value as By)}><option>messages</option><option>members</option><option>events</option></select></label>
        </Table>
      )}
      {connected && (
        <Table
          title={`The slowest of ${connected.sessions.toLocaleString()} sessions`} heads={['User', 'Device', 'Encoding', 'Waits', 'For']}
          rows={connected.items.map((each) => ({
            key: each.session, cells: [each.user, each.device, each.encoding, sizeOf(each.queued_bytes), `${each.waits_ms.toLocaleString()} ms`],
          }))}
        />
      )}
    </div>
  )
}

function Table({ title, heads, rows, children }: {
  title: string; heads: readonly string[]; rows: readonly { key: string; cells: readonly (string | number)[] }[]; children?: ReactNode
}) {
  return (
    <section className="facts" aria-label={title}>
      <header><h2>{title}</h2>{children}</header>
      <table>
        <thead><tr>{heads.map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>{cells.map((cell, i) => <td key={heads[i]}>{typeof cell === 'number' ? cell.toLocaleString() : cell}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The latest answer, also while the server cannot be asked; nothing where there is none. */
function useAsked<T>(token: string, path: string): T | undefined {
  const [answer, setAnswer] = useState<T>()
  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout>
    const ask = async () => {
      try {
        const told = await readAs<T>(token, path)
        if (over || !told) return
        setAnswer(told)
      } catch {
        // The one before stays.
      }
      if (!over) timer = setTimeout(() => void ask(), EVERY_MS)
    }
    void ask()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [token, path])
  return answer
}
