// The edge: names that one tab holds at a time, and that are free again when it is gone.

export interface Locks {
  /** Holds the name until `release`. */
  hold(name: string): Promise<void>
  /** Whether nobody holds it. */
  isFree(name: string): Promise<boolean>
  release(): void
}

/** The browser's Web Locks; where there are none, nobody else is known of. */
export function webLocks(): Locks {
  const locks = typeof navigator === 'object' ? navigator.locks : undefined
  if (!locks) return { hold: async () => {}, isFree: async () => true, release() {} }
  let release = () => {}
  const released = new Promise<void>((resolve) => { release = resolve })
  return {
    hold: (name) => new Promise((held) => {
      void locks.request(name, () => {
        held()
        return released
      })
    }),
    isFree: (name) => locks.request(name, { ifAvailable: true }, (lock) => lock !== null),
    release,
  }
}
