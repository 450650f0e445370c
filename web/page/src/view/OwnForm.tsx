// What one settles about a conversation for oneself.
import type { ListItem, Notify, OwnSettings } from '@parley/sdk'
import { isMuted } from '../model/conversations'
import { useTalk } from '../model/talk'
import { momentOf } from '../model/time'
import { Switch } from '../parts/Switch'

const HOUR = 60 * 60_000
const FOR_EVER = 4102444800000 // the year 2100

function untilOf(choice: string): number {
  if (choice === 'off') return 0
  return choice === 'ever' ? FOR_EVER : Date.now() + Number(choice) * HOUR
}

export function OwnForm({ item }: { item: ListItem }) {
  const { parley, conversations, tell } = useTalk()
  const { conversation } = item
  const settle = async (what: OwnSettings) => {
    await parley.call('set', { conversation, ...what })
    if (conversations.aside) await conversations.readAside()
  }
  const muted = isMuted(item)
  return (
    <section aria-label="For you">
      <h3>For you</h3>
      <Switch label="Keep at the top of the list" on={item.pinned ?? false} set={(pinned) => settle({ pinned })} />
      <Switch label="Archived, until something new comes" on={item.archived ?? false} set={(archived) => settle({ archived })} />
      <Switch label="Hidden, until something new comes" on={item.hidden ?? false} set={(hidden) => settle({ hidden })} />
      <label>Mute
        <select value="" onChange={(event) => settle({ muted_until: untilOf(event.target.value) }).catch(tell)}>
          <option value="" disabled>{muted ? (item.muted_until! >= FOR_EVER ? 'Muted' : `Muted until ${momentOf(item.muted_until!)}`) : 'Not muted'}</option>
          {muted && <option value="off">Not any more</option>}
          <option value="1">For an hour</option>
          <option value="8">For eight hours</option>
          <option value="168">For a week</option>
          <option value="ever">Until I say otherwise</option>
        </select>
      </label>
      <label>Notify me
        <select value={item.notify ?? 'all'} onChange={(event) => settle({ notify: event.target.value as Notify }).catch(tell)}>
          <option value="all">of everything</option>
          <option value="mentions">when I am mentioned</option>
          <option value="none">never</option>
        </select>
      </label>
    </section>
  )
}
