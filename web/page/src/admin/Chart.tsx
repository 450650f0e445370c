// Lines over the last minutes, with what they are now in words beside them.

const WIDTH = 320
const HEIGHT = 90

export interface Line { name: string; values: readonly (number | undefined)[] }

export function Chart({ title, lines, unit }: { title: string; lines: readonly Line[]; unit: (value: number) => string }) {
  const all = lines.flatMap((line) => line.values).filter((each) => each !== undefined)
  const top = Math.max(1, ...all) * 1.1
  const said = lines.map(({ name, values }) => {
    const now = values.at(-1)
    return `${name} ${now === undefined ? '–' : unit(now)}`
  })
  return (
    <figure className="chart">
      <figcaption>
        <h2>{title}</h2>
        <p>{said.map((text, i) => <span key={lines[i]!.name} className={`now line-${i}`}>{text}</span>)}</p>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${said.join(', ')}`}>
        {[0.25, 0.5, 0.75].map((part) => <line key={part} className="grid" x1={0} x2={WIDTH} y1={HEIGHT * part} y2={HEIGHT * part} />)}
        {lines.map(({ name, values }, i) => <path key={name} className={`stroke line-${i}`} d={pathOf(values, top)} />)}
      </svg>
      <p className="top">at most {unit(Math.max(0, ...all))}</p>
    </figure>
  )
}

/** The newest value stands at the right; where there is none, the line has a gap. */
function pathOf(values: readonly (number | undefined)[], top: number): string {
  const step = WIDTH / 149
  let begun = false
  return values.map((value, i) => {
    if (value === undefined) {
      begun = false
      return ''
    }
    const [x, y] = [WIDTH - (values.length - 1 - i) * step, HEIGHT - 2 - (value / top) * (HEIGHT - 4)]
    const word = begun ? 'L' : 'M'
    begun = true
    return `${word}${x.toFixed(1)} ${y.toFixed(1)}`
  }).join('')
}
