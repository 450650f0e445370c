// A clock that draws again every so often, for what is counted in seconds.
import { useEffect, useState } from 'react'

export function useTick(ms: number): void {
  const [, setCount] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setCount((count) => count + 1), ms)
    return () => clearInterval(timer)
  }, [ms])
}
