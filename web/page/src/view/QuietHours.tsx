// Hours of the week in which nothing makes a sound.
import { useState, type FormEvent } from 'react'
import { DAY_CHOICES, readSpan, sayDays, writeSpan } from '../model/quiet'
import { IconButton } from '../parts/Icon'

export function QuietHours({ spans, zone, onChange }: { spans: readonly string[]; zone: string | undefined; onChange(spans: string[]): void }) {
  const [days, setDays] = useState('daily')
  const [from, setFrom] = useState('22:00')
  const [to, setTo] = useState('07:00')
  const add = (event: FormEvent) => {
    event.preventDefault()
    onChange([...new Set([...spans, writeSpan({ days, from, to })])])
  }
  return (
    <div className="quiet-hours">
      <h4>Quiet hours</h4>
      <ul>
        {spans.map((text) => {
          const span = readSpan(text)
          const said = span ? `${span.from} to ${span.to} ${sayDays(span.days)}` : text
          return (
            <li key={text}>{said}{zone ? ` (${zone})` : ''}
              <IconButton name="close" label={`Remove ${said}`} onClick={() => onChange(spans.filter((each) => each !== text))} />
            </li>
          )
        })}
      </ul>
      <form className="inline" onSubmit={add}>
        <label>From<input type="time" required value={from} onChange={(event) => setFrom(event.target.value)} /></label>
        <label>To<input type="time" required value={to} onChange={(event) => setTo(event.target.value)} /></label>
        <label>When
          <select value={days} onChange={(event) => setDays(event.target.value)}>
            {DAY_CHOICES.map((each) => <option key={each.days} value={each.days}>{each.label}</option>)}
          </select>
        </label>
        <button type="submit" disabled={spans.length >= 14 || from === to}>Add</button>
      </form>
    </div>
  )
}
