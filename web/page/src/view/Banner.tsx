// Says that there is no connection, and since it is so, what still works.
import { useEffect, useState } from 'react'
import { useSignal } from '../model/signal'
import { useTalk } from '../model/talk'
import { useTick } from '../parts/useTick'

/** A connection that is back at once is not worth a word. */
const PATIENCE_MS = 900

export function Banner() {
  const { connection, parley } = useTalk()
  const { state, wasOnline, retryAt } = useSignal(connection)
  const isLost = state.state !== 'online'
  const [isShown, setIsShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(isLost), isLost ? PATIENCE_MS : 0)
    return () => clearTimeout(timer)
  }, [isLost])
  useTick(1000)
  const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))
  return (
    <div className="banner-place" role="status">
      {isShown && isLost && (
        <p className="banner">
          {wasOnline ? 'The connection is lost. What you write is sent when it is back.' : 'Connecting…'}
          {state.state === 'offline' && seconds > 0 && ` Next try in ${seconds} s.`}
          {state.state === 'offline' && <button type="button" onClick={() => parley.wake()}>Try now</button>}
        </p>
      )}
    </div>
  )
}
