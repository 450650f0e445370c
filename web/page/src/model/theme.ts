// Light or dark: as the system has it, unless somebody has said otherwise here.
const KEPT = 'parley.theme'

export type Theme = 'system' | 'light' | 'dark'

export function themeOf(): Theme {
  const kept = localStorage.getItem(KEPT)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEPT)
  else localStorage.setItem(KEPT, theme)
  applyTheme()
}

export function applyTheme(): void {
  const theme = themeOf()
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}
