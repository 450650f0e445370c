// What was typed and not sent, kept by this browser until it is, and how long what is written shall be there.

interface Draft { text: string; expires_in?: number }

function place(user: string, conversation: string, thread?: number): string {
  return `parley.draft:${user}:${conversation}${thread === undefined ? '' : `:${thread}`}`
}

export function draftOf(user: string, conversation: string, thread?: number): Draft | undefined {
  try {
    const kept = localStorage.getItem(place(user, conversation, thread))
    return kept === null ? undefined : JSON.parse(kept) as Draft
  } catch {
    return undefined
  }
}

export function keepDraft(user: string, conversation: string, thread: number | undefined, draft: Draft): void {
  try {
    if (draft.text || draft.expires_in) localStorage.setItem(place(user, conversation, thread), JSON.stringify(draft))
    else localStorage.removeItem(place(user, conversation, thread))
  } catch {
    // A browser that keeps nothing keeps no drafts.
  }
}

/** Whoever signs out leaves nothing behind. */
export function forgetDrafts(user: string): void {
  for (const key of Object.keys(localStorage)) if (key.startsWith(`parley.draft:${user}:`)) localStorage.removeItem(key)
}
