// A circle with somebody's initial, in a colour of their own, and whether they are there. No picture is loaded from
// elsewhere: that would tell others who reads what.
import type { Status } from '@parley/sdk'
import { Icon, type IconName } from './Icon'

const HUES = 12

function hueOf(id: string): number {
  let sum = 0
  for (const each of id) sum = (sum * 31 + each.codePointAt(0)!) >>> 0
  return sum % HUES
}

export function Avatar({ id, name, status, icon, small }: {
  id: string; name: string; status?: Status; icon?: IconName; small?: boolean
}) {
  const initial = Array.from(name.trim())[0]?.toUpperCase() ?? '?'
  return (
    <span className={`avatar hue-${hueOf(id)}${small ? ' small' : ''}`} aria-hidden="true">
      {icon ? <Icon name={icon} size={small ? 14 : 20} /> : initial}
      {status && status !== 'offline' && <span className={`dot ${status}`} />}
    </span>
  )
}
