// A box to tick that shows at once what was wanted, and what is true once the server has said so.
import { useEffect, useState } from 'react'
import { useTalk } from '../model/talk'

export function Switch({ label, on, set }: { label: string; on: boolean; set(on: boolean): Promise<unknown> }) {
  const { tell } = useTalk()
  const [wanted, setWanted] = useState<boolean>()
  useEffect(() => setWanted(undefined), [on])
  const change = (next: boolean) => {
    setWanted(next)
    set(next).catch((fault: unknown) => {
      setWanted(undefined)
      tell(fault)
    })
  }
  return <label className="check"><input type="checkbox" checked={wanted ?? on} onChange={(event) => change(event.target.checked)} /> {label}</label>
}
