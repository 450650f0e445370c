// Weekly hours of quiet as the server writes them: `mon-fri 22:00-07:00`.

export interface Span { days: string; from: string; to: string }

export const DAY_CHOICES: readonly { days: string; label: string }[] = [
  { days: 'daily', label: 'every day' },
  { days: 'mon-fri', label: 'Monday to Friday' },
  { days: 'sat,sun', label: 'at weekends' },
  ...['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((days, i) => ({
    days, label: `on ${['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'][i]}`,
  })),
]

export function readSpan(text: string): Span | undefined {
  const match = /^(\S+) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text)
  return match ? { days: match[1]!, from: match[2]!, to: match[3]! } : undefined
}

export function writeSpan({ days, from, to }: Span): string {
  return `${days} ${from}-${to === '00:00' ? '24:00' : to}`
}

export function sayDays(days: string): string {
  return DAY_CHOICES.find((each) => each.days === days)?.label ?? days
}
