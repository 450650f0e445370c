// How long messages are there that go by themselves.
export interface Lifetime { seconds: number; label: string }

export const LIFETIMES: readonly Lifetime[] = [
  { seconds: 10, label: '10 seconds' },
  { seconds: 60, label: 'a minute' },
  { seconds: 60 * 60, label: 'an hour' },
  { seconds: 24 * 60 * 60, label: 'a day' },
  { seconds: 7 * 24 * 60 * 60, label: 'a week' },
]
