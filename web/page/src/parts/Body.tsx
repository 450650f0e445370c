// What a message says: words, addresses that can be followed, and names.
import { partsOf } from '../model/text'

export function Body({ text, names }: { text: string; names: ReadonlyMap<string, boolean> }) {
  return (
    <div className="body">
      {partsOf(text, names).map((part, i) => {
        if (part.kind === 'link') return <a key={i} href={part.href} target="_blank" rel="noopener noreferrer nofollow">{part.text}</a>
        if (part.kind === 'mention') return <span key={i} className={part.self ? 'mention self' : 'mention'}>{part.text}</span>
        return <span key={i}>{part.text}</span>
      })}
    </div>
  )
}
