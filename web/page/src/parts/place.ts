// Where something stands that opens beside what it belongs to: within the window, so that nothing cuts it off.

/** `box` is fixed to the window; it goes below `anchor` where there is room, else above. */
export function placeBeside(box: HTMLElement, anchor: Element): void {
  const [at, size] = [anchor.getBoundingClientRect(), box.getBoundingClientRect()]
  const isBelow = at.bottom + size.height + 8 < innerHeight
  box.style.top = `${isBelow ? at.bottom + 4 : Math.max(at.top - size.height - 4, 8)}px`
  box.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`
}
