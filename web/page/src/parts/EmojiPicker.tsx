// Emojis to pick from, by groups or by words; loaded when it is opened first.
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { emojisFor, GROUPS } from '../model/emoji'
import { placeBeside } from './place'

export default function EmojiPicker({ onPick, onClose }: { onPick(emoji: string): void; onClose(): void }) {
  const [words, setWords] = useState('')
  const box = useRef<HTMLDivElement>(null)
  const groups = words.trim() ? [{ name: 'Found', emojis: emojisFor(words) }] : GROUPS
  useLayoutEffect(() => placeBeside(box.current!, box.current!.parentElement!), [])
  useEffect(() => {
    const away = (event: PointerEvent) => { if (!box.current?.contains(event.target as Node)) onClose() }
    document.addEventListener('pointerdown', away)
    return () => document.removeEventListener('pointerdown', away)
  }, [onClose])
  return (
    <div
      className="emoji-picker" ref={box} role="dialog" aria-label="Emojis"
      onKeyDown={(event) => { if (event.key === 'Escape') { event.stopPropagation(); onClose() } }}
    >
      <input type="search" autoFocus aria-label="Search emojis" placeholder="Search emojis" value={words} onChange={(event) => setWords(event.target.value)} />
      <div className="emoji-groups" tabIndex={-1}>
        {groups.map((group) => (
          <section key={group.name} aria-label={group.name}>
            <h3>{group.name}</h3>
            <div className="emoji-grid emoji">
              {group.emojis.map(({ emoji, words: name }) => (
                <button key={emoji} type="button" aria-label={name} title={name} onClick={() => onPick(emoji)}>{emoji}</button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}
