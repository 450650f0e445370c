// Files on their way into a message: uploaded at once, named when it is sent.
import { useCallback, useMemo, useState } from 'react'
import type { AttachedFile, Parley } from '@parley/sdk'
import { sizeOf } from './time'

export interface Upload {
  id: number
  name: string
  size: number
  /** There once it is on the server. */
  file?: AttachedFile
}

export interface Uploads {
  items: readonly Upload[]
  files: readonly AttachedFile[]
  isBusy: boolean
  add(files: readonly File[]): void
  remove(id: number): void
  clear(): void
}

let next = 1

export function useUploads(parley: Parley, tell: (fault: unknown) => void): Uploads {
  const [items, setItems] = useState<readonly Upload[]>([])
  const remove = useCallback((id: number) => setItems((now) => now.filter((each) => each.id !== id)), [])
  const clear = useCallback(() => setItems([]), [])
  const add = useCallback((files: readonly File[]) => {
    const { file_bytes: most = Infinity, files: count = 10 } = parley.limits ?? {}
    const fitting = files.filter((each) => {
      if (each.size > most) tell(`${each.name} is too large: at most ${sizeOf(most)}.`)
      return each.size <= most
    })
    if (fitting.length > count) tell(`At most ${count} files go into one message.`)
    for (const each of fitting.slice(0, count)) {
      const id = next++
      setItems((now) => (now.length < count ? [...now, { id, name: each.name, size: each.size }] : now))
      parley.upload(each, { name: nameFor(each), type: each.type || undefined }).then(
        (file) => setItems((now) => now.map((item) => (item.id === id ? { ...item, file } : item))),
        (fault: unknown) => {
          remove(id)
          tell(fault)
        },
      )
    }
  }, [parley, tell, remove])
  return useMemo(() => ({
    items, add, remove, clear,
    files: items.flatMap((each) => (each.file ? [each.file] : [])),
    isBusy: items.some((each) => !each.file),
  }), [items, add, remove, clear])
}

/** What is pasted has the same name each time: with the moment it says more. */
function nameFor({ name, type }: File): string | undefined {
  if (name !== 'image.png') return name || undefined
  return `pasted ${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.${type.split('/')[1] ?? 'png'}`
}
