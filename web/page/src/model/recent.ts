// The emojis that were used last in this browser.
const KEPT = 'parley.emojis'
const MOST = 8
const FIRST = ['👍', '❤️', '😂', '🎉', '😮', '🙏', '🔥', '👀']

export function recentEmojis(): string[] {
  const kept = (localStorage.getItem(KEPT) ?? '').split(' ').filter(Boolean)
  return [...new Set([...kept, ...FIRST])].slice(0, MOST)
}

export function usedEmoji(emoji: string): void {
  localStorage.setItem(KEPT, [...new Set([emoji, ...recentEmojis()])].slice(0, MOST).join(' '))
}
