// Says who one is: by any name on a developer's server, else by the host application's login or by a token.
import { useState, type FormEvent } from 'react'
import { askForToken, claimsOf, goToLogin, type ServerSettings } from '../model/session'
import { sayFault } from '../model/talk'

export function SignIn({ title = 'Messages', settings, why, onToken }: {
  title?: string; settings: ServerSettings | undefined; why: string; onToken(token: string): void
}) {
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const [byToken, setByToken] = useState(false)
  const asksName = settings?.dev === true && !byToken

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const given = text.trim()
    if (!given) return
    try {
      if (asksName) return onToken(await askForToken(given))
      if (!claimsOf(given).sub) return setFault('This is no token: it says nothing of whose it is.')
      onToken(given)
    } catch (error) {
      setFault(sayFault(error))
    }
  }

  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>{title}</h1>
        {why && <p className="why" role="status">{why}</p>}
        {settings?.login && <button type="button" className="primary" onClick={() => goToLogin(settings.login)}>Sign in</button>}
        {settings && !settings.login && (
          <>
            <label htmlFor="who">{asksName ? 'Your name' : 'Your token'}</label>
            <input
              id="who" autoFocus autoComplete={asksName ? 'username' : 'off'} spellCheck={false} required
              type={asksName ? 'text' : 'password'} value={text} onChange={(event) => setText(event.target.value)}
            />
            <button className="primary" type="submit">Sign in</button>
            {settings.dev && (
              <>
                <p className="hint">This server is a developer’s: any name will do.</p>
                <button type="button" className="quiet" onClick={() => { setByToken(!byToken); setText('') }}>
                  {byToken ? 'Sign in with a name' : 'Sign in with a token'}
                </button>
              </>
            )}
            {!settings.dev && <p className="hint">Whoever runs this server gives you one.</p>}
          </>
        )}
        {fault && <p className="fault" role="alert">{fault}</p>}
      </form>
    </main>
  )
}
