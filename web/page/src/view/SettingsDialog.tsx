// Everything one settles about oneself: profile, status, notifications, privacy, sessions, the look of the page.
import { useEffect, useState, type FormEvent } from 'react'
import type { Answer, Notify, Preferences } from '@parley/sdk'
import type { Shown } from '../model/own'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { setTheme, themeOf, type Theme } from '../model/theme'
import { momentOf } from '../model/time'
import { Dialog } from '../parts/Dialog'
import { Switch } from '../parts/Switch'
import { QuietHours } from './QuietHours'

export default function SettingsDialog({ onClose, onSignOut }: { onClose(): void; onSignOut(): void }) {
  return (
    <Dialog title="You" wide onClose={onClose}>
      <div className="settings">
        <ProfileForm />
        <StatusForm />
        <NotificationForm />
        <PrivacyForm />
        <Look />
        <Sessions />
        <p className="buttons"><button type="button" className="danger" onClick={onSignOut}>Sign out</button></p>
      </div>
    </Dialog>
  )
}

function ProfileForm() {
  const { parley, people, tell } = useTalk()
  const profile = people.profileOf(parley.user)
  const [name, setName] = useState(profile?.name ?? '')
  const [text, setText] = useState(profile?.text ?? '')
  const save = (event: FormEvent) => {
    event.preventDefault()
    parley.call('set_profile', { name: name.trim() || null, text: text.trim() || null }).then(() => {
      people.took({ ...profile, user: parley.user, name: name.trim() || undefined, text: text.trim() || undefined, at: Date.now() })
    }).catch(tell)
  }
  const isSame = name.trim() === (profile?.name ?? '') && text.trim() === (profile?.text ?? '')
  return (
    <section aria-label="Profile">
      <h3>Profile</h3>
      <form className="form" onSubmit={save}>
        <p className="hint">Your id is <code>{parley.user}</code>.</p>
        <label>Name<input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} /></label>
        <label>About you<textarea value={text} rows={2} maxLength={400} onChange={(event) => setText(event.target.value)} /></label>
        <p className="buttons"><button type="submit" disabled={isSame}>Save</button></p>
      </form>
    </section>
  )
}

function StatusForm() {
  const { own, tell } = useTalk()
  useSignal(own)
  const [text, setText] = useState(own.text)
  const show = (status: Shown) => own.show(status, text.trim()).catch(tell)
  return (
    <section aria-label="Status">
      <h3>Status</h3>
      <form className="inline" onSubmit={(event) => { event.preventDefault(); void show(own.status) }}>
        <label>Others see
          <select value={own.status} onChange={(event) => void show(event.target.value as Shown)}>
            <option value="online">online</option>
            <option value="away">away</option>
            <option value="busy">busy</option>
            <option value="invisible">offline</option>
          </select>
        </label>
        <label>With the words<input value={text} maxLength={100} onChange={(event) => setText(event.target.value)} /></label>
        <button type="submit" disabled={text.trim() === own.text}>Set</button>
      </form>
    </section>
  )
}

function NotificationForm() {
  const { own, notices, tell } = useTalk()
  const { preferences } = useSignal(own)
  const { allowed } = useSignal(notices)
  const rests = (preferences.quiet_until ?? 0) > Date.now()
  return (
    <section aria-label="Notifications">
      <h3>Notifications</h3>
      <label>Notify me
        <select value={preferences.notify ?? 'all'} onChange={(event) => own.prefer({ notify: event.target.value as Notify }).catch(tell)}>
          <option value="all">of everything</option>
          <option value="mentions">when I am mentioned</option>
          <option value="none">never</option>
        </select>
      </label>
      <label>Not now
        <select value="" onChange={(event) => own.prefer({ quiet_until: event.target.value === 'off' ? 0 : Date.now() + Number(event.target.value) * 3_600_000 }).catch(tell)}>
          <option value="" disabled>{rests ? `Quiet until ${momentOf(preferences.quiet_until!)}` : 'As always'}</option>
          {rests && <option value="off">As always</option>}
          <option value="1">Quiet for an hour</option>
          <option value="8">Quiet for eight hours</option>
        </select>
      </label>
      <QuietHours spans={preferences.quiet ?? []} zone={preferences.zone} onChange={(quiet) => own.prefer({ quiet, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }).catch(tell)} />
      {allowed === 'default' && <p><button type="button" onClick={() => notices.allow().catch(tell)}>Let this browser notify me</button></p>}
      {allowed === 'granted' && <p className="hint">This browser notifies you when you look elsewhere.</p>}
      {allowed === 'denied' && <p className="hint">This browser was told not to notify you; its settings for this site change that.</p>}
    </section>
  )
}

const SHOWN_TO_OTHERS: readonly { key: 'typing' | 'last_seen' | 'receipts'; label: string; settle(on: boolean): Preferences }[] = [
  { key: 'typing', label: 'Show others when I type', settle: (typing) => ({ typing }) },
  { key: 'last_seen', label: 'Show others when I was here last', settle: (last_seen) => ({ last_seen }) },
  { key: 'receipts', label: 'Show others what I have read', settle: (receipts) => ({ receipts }) },
]

function PrivacyForm() {
  const { own, people, tell } = useTalk()
  const { preferences, blocked } = useSignal(own)
  useEffect(() => people.need([...blocked]), [people, blocked])
  return (
    <section aria-label="Privacy">
      <h3>Privacy</h3>
      {SHOWN_TO_OTHERS.map(({ label, key, settle }) => (
        <Switch key={key} label={label} on={preferences[key] ?? true} set={(on) => own.prefer(settle(on))} />
      ))}
      {blocked.size > 0 && (
        <ul className="people" aria-label="Blocked">
          {[...blocked].map((user) => (
            <li key={user}><span><strong>{people.nameOf(user)}</strong><small>blocked</small></span><button type="button" onClick={() => own.block(user, false).catch(tell)}>Unblock</button></li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Look() {
  const [theme, setNow] = useState(themeOf)
  return (
    <section aria-label="Look">
      <h3>Look</h3>
      <label>Colours
        <select value={theme} onChange={(event) => { setTheme(event.target.value as Theme); setNow(event.target.value as Theme) }}>
          <option value="system">as the system has them</option>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </label>
    </section>
  )
}

function Sessions() {
  const { parley, tell } = useTalk()
  const [items, setItems] = useState<Answer<'sessions'>['items']>([])
  const read = () => parley.call('sessions').then((answer) => setItems(answer.items), tell)
  useEffect(() => void read(), [])
  return (
    <section aria-label="Sessions">
      <h3>Where you are signed in</h3>
      <ul className="people">
        {items.map(({ session, device, since, current }) => (
          <li key={session}>
            <span><strong>{current ? 'This browser' : device.slice(0, 24)}</strong><small>since {momentOf(since)}</small></span>
            {!current && <button type="button" onClick={() => void parley.call('end_session', { session }).then(read, tell)}>End</button>}
          </li>
        ))}
      </ul>
    </section>
  )
}
