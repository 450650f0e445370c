// The page of who has signed in: the list, a conversation, and beside it a panel.
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import type { ListItem } from '@parley/sdk'
import { Navigation } from '../model/navigation'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { Boundary } from '../parts/Boundary'
import { Banner } from './Banner'
import { ConversationView } from './ConversationView'
import { Sidebar } from './Sidebar'

const DetailsPanel = lazy(() => import('./DetailsPanel'))
const InboxPanel = lazy(() => import('./InboxPanel'))
const NewDialog = lazy(() => import('./NewDialog'))
const SearchPanel = lazy(() => import('./SearchPanel'))
const SettingsDialog = lazy(() => import('./SettingsDialog'))
const ThreadPanel = lazy(() => import('./ThreadPanel'))

export type Panel =
  | { kind: 'thread'; message: number }
  | { kind: 'details' }
  | { kind: 'search' }
  | { kind: 'inbox' }

export function Messenger({ onSignOut }: { onSignOut(): void }) {
  const talk = useTalk()
  const navigation = useSignal(useMemo(() => new Navigation(), []))
  const conversations = useSignal(talk.conversations)
  const [panel, setPanel] = useState<Panel>()
  const [dialog, setDialog] = useState<'new' | 'settings'>()
  const { conversation, message } = navigation.place
  const { item, isMissing } = useOpened(conversation)

  useEffect(() => {
    talk.notices.open = (each) => (each === undefined ? setPanel({ kind: 'inbox' }) : navigation.go({ conversation: each }))
  }, [talk, navigation])
  useEffect(() => setPanel((now) => (now?.kind === 'search' || now?.kind === 'inbox' ? now : undefined)), [conversation])
  useEffect(() => {
    const { unread } = conversations
    document.title = unread ? `(${unread > 99 ? '99+' : unread}) Messages` : 'Messages'
  })
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault()
        setPanel({ kind: 'search' })
      }
    }
    addEventListener('keydown', keys)
    return () => removeEventListener('keydown', keys)
  }, [])

  const close = useCallback(() => setPanel(undefined), [])
  const open = useCallback((each: string, at?: number) => {
    navigation.go({ conversation: each, message: at })
    if (matchMedia('(max-width: 1100px)').matches) setPanel(undefined)
  }, [navigation])
  const back = useCallback(() => navigation.go({}), [navigation])

  return (
    <div className="messenger" data-shows={panel ? 'panel' : item ? 'conversation' : 'list'}>
      <Banner />
      <Sidebar opened={conversation} onOpen={open} onNew={() => setDialog('new')} onPanel={setPanel} onSettings={() => setDialog('settings')} />
      {item
        ? <ConversationView key={item.conversation} item={item} message={message} count={navigation.count} onBack={back} onPanel={setPanel} />
        : <Nothing isMissing={isMissing} />}
      <Boundary key={panel?.kind}>
        <Suspense>
          {panel?.kind === 'search' && <SearchPanel within={item} onOpen={open} onClose={close} />}
          {panel?.kind === 'inbox' && <InboxPanel onOpen={open} onClose={close} />}
          {panel?.kind === 'details' && item && <DetailsPanel key={item.conversation} item={item} onOpen={open} onClose={close} onLeft={back} />}
          {panel?.kind === 'thread' && item && <ThreadPanel key={panel.message} item={item} root={panel.message} onClose={close} />}
        </Suspense>
      </Boundary>
      <Boundary key={dialog}>
        <Suspense>
          {dialog === 'new' && <NewDialog onOpen={open} onClose={() => setDialog(undefined)} />}
          {dialog === 'settings' && <SettingsDialog onClose={() => setDialog(undefined)} onSignOut={onSignOut} />}
        </Suspense>
      </Boundary>
    </div>
  )
}

/** The line of the conversation that is open; asked for where no list has it, as when it is archived. */
function useOpened(conversation: string | undefined): { item?: ListItem; isMissing: boolean } {
  const { conversations, parley } = useTalk()
  const [last, setLast] = useState<ListItem>()
  const [missing, setMissing] = useState<string>()
  const known = conversation === undefined ? undefined : conversations.find(conversation)
  useEffect(() => {
    if (known) return setLast(known)
    if (conversation === undefined) return
    let over = false
    parley.call('get', { conversation }).then((facts) => {
      const role = facts.members.find((each) => each.user === parley.user)?.role ?? 'member'
      const users = facts.kind === 'direct' ? facts.members.map((each) => each.user) : undefined
      if (over) return
      // One that was on the list and is not any more was put aside.
      setLast((before) => ({
        ...(before?.conversation === conversation ? { ...before, archived: !before.hidden } : {}),
        ...facts, role, users, read: facts.seq, unread: 0, mentions: 0,
      }))
    }, () => {
      if (over) return
      setLast(undefined)
      setMissing(conversation)
    })
    return () => { over = true }
  }, [conversation, known, parley])
  const item = known ?? (last?.conversation === conversation ? last : undefined)
  return { item, isMissing: conversation !== undefined && missing === conversation }
}

function Nothing({ isMissing }: { isMissing: boolean }) {
  return (
    <main className="nothing">
      <p>{isMissing ? 'This conversation is not there, or not yours to see.' : 'Choose a conversation, or begin one.'}</p>
    </main>
  )
}
