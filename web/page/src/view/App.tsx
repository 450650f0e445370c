// Signed in or not: one of two pages.
import { useEffect, useState } from 'react'
import { openTalk, TalkProvider, type Talk } from '../model/talk'
import { forgetToken, goToLogin, keepToken, readSettings, takeToken, type ServerSettings } from '../model/session'
import { ToastList, Toasts } from '../parts/Toasts'
import { Messenger } from './Messenger'
import { SignIn } from './SignIn'

const toasts = new Toasts()

export function App() {
  const [settings, setSettings] = useState<ServerSettings>()
  const [token, setToken] = useState(takeToken)
  const [talk, setTalk] = useState<Talk>()
  const [why, setWhy] = useState('')

  useEffect(() => {
    readSettings().then(setSettings, (fault: unknown) => setWhy(`The server cannot be reached. ${String(fault)}`))
  }, [])
  useEffect(() => {
    if (settings?.login && !token && !why) goToLogin(settings.login)
  }, [settings, token, why])
  useEffect(() => {
    if (!token) return
    let opened: Talk | undefined
    let over = false
    const leave = (reason: string) => {
      forgetToken()
      setTalk(undefined)
      setWhy(reason)
      setToken(undefined)
    }
    openTalk(token, toasts.tell).then((made) => {
      opened = made
      if (over) return made.parley.close()
      made.parley.on('state', (state) => { if (state.state === 'closed' && !over) leave(reasonOf(state.error)) })
      setTalk(made)
    }).catch((fault: unknown) => leave(`This token is of no use: ${String(fault)}`))
    return () => {
      over = true
      void opened?.parley.close()
    }
  }, [token])

  const signIn = (given: string) => {
    keepToken(given)
    setWhy('')
    setToken(given)
  }
  const signOut = () => {
    const isLosing = talk !== undefined && talk.parley.outbox().length > 0
    if (isLosing && !confirm('Some of your messages are not sent yet and will be lost. Sign out?')) return
    forgetToken()
    void talk?.forget()
    setTalk(undefined)
    setWhy('You have signed out.')
    setToken(undefined)
  }
  return (
    <>
      {talk && <TalkProvider value={talk}><Messenger key={talk.parley.user} onSignOut={signOut} /></TalkProvider>}
      {!token && <SignIn settings={settings} why={why} onToken={signIn} />}
      {token && !talk && <p className="waiting" role="status">Opening…</p>}
      <ToastList toasts={toasts} />
    </>
  )
}

function reasonOf(error: { code: string; message: string } | undefined): string {
  switch (error?.code) {
    case 'ended': return 'This session was ended from another device.'
    case 'erased': return 'This user is no more.'
    case 'token_expired':
    case 'unauthenticated': return 'The token is not good any more. Sign in again.'
    case undefined: return ''
    default: return error!.message
  }
}
