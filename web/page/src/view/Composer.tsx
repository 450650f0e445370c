// Where one writes: a text that grows, names after @, emojis, files by button, drop and paste; a draft until it is sent.
import { lazy, Suspense, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from 'react'
import type { ListItem, Message } from '@parley/sdk'
import { draftOf, keepDraft } from '../model/drafts'
import { LIFETIMES } from '../model/lifetimes'
import type { Members } from '../model/members'
import { usedEmoji } from '../model/recent'
import { may } from '../model/rights'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { mentionedIn, nameBegun } from '../model/text'
import type { Timeline } from '../model/timeline'
import { useUploads } from '../model/uploads'
import { Icon, IconButton } from '../parts/Icon'
import { Menu } from '../parts/Menu'
import { NameList, useNames } from './NameList'
import { UploadList } from './UploadList'

const EmojiPicker = lazy(() => import('../parts/EmojiPicker'))

/** What others may ask of it. */
export interface ComposerDoor {
  reply(to: Message): void
  edit(what: Message): void
  attach(files: File[]): void
}

interface Props {
  ref?: Ref<ComposerDoor>
  item: ListItem
  members: Members
  timeline: Timeline
}

/** What is being written is about a message that is there. */
type About = { kind: 'reply' | 'edit'; message: Message } | undefined

export function Composer({ ref, item, members, timeline }: Props) {
  const { parley, people, typing, tell } = useTalk()
  const { conversation } = item
  const { thread } = timeline
  const box = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const [draft] = useState(() => draftOf(parley.user, conversation, thread))
  const [text, setText] = useState(draft?.text ?? '')
  /** Seconds after which what is written here goes; 0: it stays. */
  const [lifetime, setLifetime] = useState(draft?.expires_in ?? 0)
  const [about, setAbout] = useState<About>()
  const [caret, setCaret] = useState(0)
  /** Where the caret goes once what was put there is drawn: before the next key comes. */
  const wanted = useRef<number>(undefined)
  const [isPicking, setIsPicking] = useState(false)
  const uploads = useUploads(parley, tell)
  useSignal(people)
  const names = useNames(item, members, may('mention_all', item))
  const begun = nameBegun(text, caret)
  const [isDismissed, setIsDismissed] = useState(false)
  const found = begun && !isDismissed ? names.matching(begun.begun) : []
  const [chosen, setChosen] = useState(0)
  /** Somebody is being named who may be among the members that were not asked for yet. */
  const sought = found.length || isDismissed || !begun || mentionedIn(`@${begun.begun}`, names.byName).length ? undefined : begun.begun
  const version = members.version()

  useEffect(() => keepDraft(parley.user, conversation, thread, {
    text: about?.kind === 'edit' ? '' : text, expires_in: lifetime,
  }), [parley, conversation, thread, text, about, lifetime])
  useEffect(() => { if (sought !== undefined) members.more().catch(tell) }, [sought, members, version, tell])
  useEffect(() => () => typing.stop(conversation), [typing, conversation])
  useEffect(() => { if (matchMedia('(pointer: fine)').matches) box.current?.focus() }, [])
  useLayoutEffect(() => {
    const area = box.current!
    area.style.height = 'auto'
    area.style.height = `${Math.min(area.scrollHeight, 240)}px`
    if (wanted.current === undefined) return
    area.focus()
    area.setSelectionRange(wanted.current, wanted.current)
    wanted.current = undefined
  }, [text])

  const begin = (next: NonNullable<About>) => {
    setAbout(next)
    if (next.kind === 'edit') setText(next.message.body ?? '')
    box.current?.focus()
  }
  const leave = () => {
    if (about?.kind === 'edit') setText('')
    setAbout(undefined)
  }
  useImperativeHandle(ref, () => ({
    reply: (message) => begin({ kind: 'reply', message }),
    edit: (message) => begin({ kind: 'edit', message }),
    attach: (files) => uploads.add(files),
  }))

  const type = (next: string, at: number) => {
    setText(next)
    setCaret(at)
    setIsDismissed(false)
    setChosen(0)
    if (next.trim()) typing.say(conversation)
    else typing.stop(conversation)
  }
  /** Puts something in place of what is between two places. */
  const put = (what: string, from: number, to: number) => {
    const next = text.slice(0, from) + what + text.slice(to)
    wanted.current = from + what.length
    type(next, from + what.length)
  }
  const mention = (name: string) => { if (begun) put(`@${name} `, begun.from, caret) }

  const submit = () => {
    const body = text.trim()
    const mentions = mentionedIn(body, names.byName)
    if (about?.kind === 'edit') {
      if (!body) return
      const { seq } = about.message
      parley.call('edit', { conversation, message: seq, body, mentions }).catch(tell)
    } else {
      if (uploads.isBusy || (!body && !uploads.files.length)) return
      try {
        parley.send(conversation, body, {
          ...(mentions.length ? { mentions } : {}),
          ...(about ? { reply_to: about.message.seq } : {}),
          ...(thread === undefined ? {} : { thread }),
          ...(lifetime ? { expires_in: lifetime } : {}),
          ...(uploads.files.length ? { files: uploads.files.map((each) => each.file) } : {}),
        })
      } catch (fault) {
        return tell(fault)
      }
      uploads.clear()
    }
    typing.stop(conversation, true)
    setText('')
    setAbout(undefined)
  }

  const keys = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return
    if (found.length) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      if (step) setChosen((chosen + step + found.length) % found.length)
      else if (event.key === 'Enter' || event.key === 'Tab') mention(found[chosen]!.name)
      else if (event.key === 'Escape') setIsDismissed(true)
      else return
      return event.preventDefault()
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      submit()
    } else if (event.key === 'Escape' && about) {
      event.preventDefault()
      leave()
    } else if (event.key === 'ArrowUp' && !text && !about) {
      const last = timeline.events.findLast((each): each is Message => (
        each.type === 'message' && each.from === parley.user && !each.deleted && each.thread === thread && Boolean(each.body)
      ))
      if (last && may('edit', item)) {
        event.preventDefault()
        begin({ kind: 'edit', message: last })
      }
    }
  }
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files]
    if (!files.length) return
    event.preventDefault()
    uploads.add(files)
  }

  return (
    <form className="composer" aria-label="Write a message" onSubmit={(event) => { event.preventDefault(); submit() }}>
      {about && (
        <p className="about">
          <Icon name={about.kind === 'edit' ? 'edit' : 'reply'} size={16} />
          <span><strong>{about.kind === 'edit' ? 'Editing' : `Replying to ${people.nameOf(about.message.from)}`}</strong> {about.message.body}</span>
          <IconButton name="close" label={about.kind === 'edit' ? 'Stop editing' : 'Do not reply'} onClick={leave} />
        </p>
      )}
      {lifetime > 0 && about?.kind !== 'edit' && (
        <p className="about">
          <Icon name="clock" size={16} />
          <span>Messages go <strong>{LIFETIMES.find((each) => each.seconds === lifetime)?.label ?? `${lifetime} s`}</strong> after they are sent.</span>
          <IconButton name="close" label="Let messages stay" onClick={() => setLifetime(0)} />
        </p>
      )}
      <UploadList uploads={uploads} />
      {found.length > 0 && <NameList found={found} chosen={chosen} onPick={mention} />}
      <div className="composer-line">
        <input ref={picker} type="file" multiple hidden aria-label="Files" onChange={(event) => {
          uploads.add([...event.target.files ?? []])
          event.target.value = ''
        }} />
        {about?.kind !== 'edit' && <IconButton name="attach" label="Attach files" onClick={() => picker.current?.click()} />}
        {about?.kind !== 'edit' && (
          <Menu label="Let messages go by themselves" icon="clock" choices={[
            { label: 'They stay', chosen: lifetime === 0, pick: () => setLifetime(0) },
            ...LIFETIMES.map(({ seconds, label }) => ({ label: `After ${label}`, chosen: lifetime === seconds, pick: () => setLifetime(seconds) })),
          ]} />
        )}
        <textarea
          ref={box} rows={1} value={text} aria-label={about?.kind === 'edit' ? 'Edit the message' : thread === undefined ? 'Message' : 'Answer in the thread'}
          placeholder={thread === undefined ? 'Write a message' : 'Answer in the thread'}
          aria-autocomplete="list" aria-controls={found.length ? 'names' : undefined} aria-activedescendant={found.length ? `name-${chosen}` : undefined}
          onChange={(event) => type(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)} onKeyDown={keys} onPaste={paste}
          onBlur={() => typing.stop(conversation)}
        />
        <span className="picker-place">
          <IconButton name="emoji" label="Emojis" aria-expanded={isPicking} onClick={() => setIsPicking(true)} />
          {isPicking && (
            <Suspense>
              <EmojiPicker onClose={() => setIsPicking(false)} onPick={(emoji) => {
                usedEmoji(emoji)
                put(emoji, box.current?.selectionStart ?? text.length, box.current?.selectionEnd ?? text.length)
                setIsPicking(false)
              }} />
            </Suspense>
          )}
        </span>
        <button type="submit" className="icon-button send" aria-label="Send" title="Send" disabled={uploads.isBusy || (!text.trim() && !uploads.files.length)}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  )
}
