// Everything the signed-in page is made of: the SDK, and what is known of people, typing and drafts beside it.
import { createContext, useContext } from 'react'
import { connect, indexedDbStore, ParleyError, type Parley } from '@parley/sdk'
import { Arrivals } from './arrivals'
import { Connection } from './connection'
import { Conversations } from './conversations'
import { forgetDrafts } from './drafts'
import { Notices } from './notices'
import { Own } from './own'
import { People } from './people'
import { Typing } from './typing'

export interface Talk {
  parley: Parley
  connection: Connection
  conversations: Conversations
  people: People
  typing: Typing
  notices: Notices
  own: Own
  /** Shows a fault to the person, for a while. */
  tell(fault: unknown): void
  /** Ends it, and leaves nothing of this user in the browser. */
  forget(): Promise<void>
}

/** Opens the cache and begins to connect. */
export async function openTalk(token: string, tell: (fault: unknown) => void): Promise<Talk> {
  let database = ''
  const store = async (name: string) => {
    database = name
    return indexedDbStore()(name)
  }
  const parley = await connect({ url: location.origin, token: () => token, store })
  const people = new People(parley)
  const talk: Talk = {
    parley, people, tell,
    connection: new Connection(parley),
    conversations: new Conversations(parley, people),
    typing: new Typing(parley),
    notices: new Notices(parley),
    own: new Own(parley),
    forget: async () => {
      await parley.close()
      forgetDrafts(parley.user)
      indexedDB.deleteDatabase(database)
    },
  }
  new Arrivals(parley)
  parley.on('error', (fault) => console.warn('parley:', fault.code, fault.message))
  return talk
}

const Context = createContext<Talk | undefined>(undefined)

export const TalkProvider = Context.Provider

export function useTalk(): Talk {
  const talk = useContext(Context)
  if (!talk) throw new Error('nobody is signed in')
  return talk
}

const REASONS: { [code: string]: string } = {
  forbidden: 'You may not do that.',
  not_found: 'It is not there any more.',
  frozen: 'This conversation is frozen.',
  slow_mode: 'Slow mode: one message at a time.',
  rate_limited: 'That was too much at once. Try again in a moment.',
  too_large: 'That is too large.',
  offline: 'There is no connection.',
  timeout: 'The server did not answer.',
}

/** What went wrong, in a sentence for people. */
export function sayFault(fault: unknown): string {
  if (!(fault instanceof ParleyError)) return fault instanceof Error ? fault.message : String(fault)
  const reason = REASONS[fault.code]
  return reason ? `${reason} (${fault.message})` : fault.message
}
