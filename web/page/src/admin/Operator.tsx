// How the server is, for who runs it: asked every two seconds, drawn over the last five minutes.
import { useEffect, useState } from 'react'
import { forgetToken, keepToken, takeToken } from '../model/session'
import { agoOf, sizeOf } from '../model/time'
import { SignIn } from '../view/SignIn'
import { Chart } from './Chart'
import { EVERY_MS, MOST, quantilesOf, ratesOf, readStatistics, Refused, valuesOf, type Sample } from './statistics'
import { Tables } from './Tables'

const BY_TOKEN = { dev: false, login: '', version: '' }

export function Operator() {
  const [token, setToken] = useState(takeToken)
  const [samples, setSamples] = useState<Sample[]>([])
  const [why, setWhy] = useState('')

  useEffect(() => {
    if (!token) return
    let over = false
    let timer: ReturnType<typeof setTimeout>
    const ask = async () => {
      try {
        const told = await readStatistics(token)
        if (over) return
        setWhy('')
        setSamples((before) => [...before, { at: Date.now(), told }].slice(-MOST))
      } catch (fault) {
        if (over) return
        setWhy(fault instanceof Error ? fault.message : String(fault))
        if (fault instanceof Refused) {
          forgetToken()
          return setToken(undefined)
        }
      }
      timer = setTimeout(() => void ask(), EVERY_MS)
    }
    void ask()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [token])

  if (!token) return <SignIn title="Parley, for operators" settings={BY_TOKEN} why={why} onToken={(given) => { keepToken(given); setWhy(''); setToken(given) }} />
  const now = samples.at(-1)?.told
  return (
    <main className="operator">
      <header>
        <h1>Parley</h1>
        {now && <p>{now.version} · {now.durability} · started {agoOf(Date.now() - now.uptime_ms)}</p>}
        <p role="status" className="fault">{why && `${why} What is shown is the last that was heard.`}</p>
      </header>
      {now ? <><Charts samples={samples} /><Tables token={token} /></> : <p className="waiting">Asking…</p>}
    </main>
  )
}

const count = (value: number) => Math.round(value).toLocaleString()
const perSecond = (value: number) => `${value < 10 ? value.toFixed(1) : count(value)}/s`
const milliseconds = (value: number) => `${value < 10 ? value.toFixed(1) : count(value)} ms`

function Charts({ samples }: { samples: readonly Sample[] }) {
  const now = samples.at(-1)!.told
  return (
    <>
      <div className="charts">
        <Chart title="Connections" unit={count} lines={[
          { name: 'connections', values: valuesOf(samples, (told) => told.connections) },
          { name: 'sessions', values: valuesOf(samples, (told) => told.sessions.msgpack + told.sessions.json) },
        ]} />
        <Chart title="Messages" unit={perSecond} lines={[
          { name: 'sent', values: ratesOf(samples, (told) => told.messages) },
          { name: 'delivered', values: ratesOf(samples, (told) => told.deliveries) },
        ]} />
        <Chart title="Commands" unit={perSecond} lines={[
          { name: 'commands', values: ratesOf(samples, (told) => told.commands) },
          { name: 'errors', values: ratesOf(samples, (told) => Object.values(told.errors).reduce((sum, each) => sum + each, 0)) },
        ]} />
        <Chart title="Time to send" unit={milliseconds} lines={[
          { name: 'half within', values: quantilesOf(samples, (told) => told.send, 0.5) },
          { name: '99% within', values: quantilesOf(samples, (told) => told.send, 0.99) },
        ]} />
        <Chart title="Time to commit" unit={milliseconds} lines={[
          { name: 'half within', values: quantilesOf(samples, (told) => told.commit, 0.5) },
          { name: '99% within', values: quantilesOf(samples, (told) => told.commit, 0.99) },
        ]} />
        <Chart title="How far the read model is behind" unit={milliseconds} lines={[
          { name: 'lag', values: valuesOf(samples, (told) => told.log.lag_ms) },
        ]} />
        <Chart title="Waiting for the disk" unit={count} lines={[
          { name: 'records', values: valuesOf(samples, (told) => told.log.queue_records) },
          { name: 'not indexed', values: valuesOf(samples, (told) => told.log.unindexed_batches) },
        ]} />
        <Chart title="Waiting for slow readers" unit={sizeOf} lines={[
          { name: 'bytes', values: valuesOf(samples, (told) => told.outbox_bytes) },
        ]} />
        <Chart title="In memory" unit={count} lines={[
          { name: 'conversations', values: valuesOf(samples, (told) => told.conversations) },
          { name: 'people', values: valuesOf(samples, (told) => told.presences) },
        ]} />
      </div>
      <section className="facts" aria-label="Since the start">
        <h2>Since the start</h2>
        <dl>
          <div><dt>Messages</dt><dd>{count(now.messages)}</dd></div>
          <div><dt>Slow readers closed</dt><dd>{count(now.slow_readers_closed)}</dd></div>
          <div><dt>Log</dt><dd>{sizeOf(now.log.bytes)}</dd></div>
          <div><dt>Read model</dt><dd>{sizeOf(now.log.model_bytes)}</dd></div>
          <div><dt>Webhooks waiting</dt><dd>{count(now.webhooks.waiting)}</dd></div>
          <div><dt>Webhooks dead</dt><dd>{count(now.webhooks.dead)}</dd></div>
          {Object.entries(now.errors).map(([code, times]) => <div key={code}><dt><code>{code}</code></dt><dd>{count(times)}</dd></div>)}
        </dl>
      </section>
    </>
  )
}
