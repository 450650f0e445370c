// Files of a message: pictures are shown, everything else is for download.
import { useEffect, useState } from 'react'
import type { AttachedFile, Parley } from '@parley/sdk'
import { useTalk } from '../model/talk'
import { sizeOf } from '../model/time'
import { Icon } from '../parts/Icon'

/** What browsers draw and cannot run. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']
/** Addresses are good for five minutes. */
const GOOD_MS = 4 * 60_000

const addresses = new Map<string, { url: string; until: number }>()

async function addressOf(parley: Parley, file: string): Promise<string> {
  const known = addresses.get(file)
  if (known && known.until > Date.now()) return known.url
  const url = await parley.fileUrl(file)
  addresses.set(file, { url, until: Date.now() + GOOD_MS })
  return url
}

export function Attachments({ files }: { files: readonly AttachedFile[] }) {
  return (
    <div className="attachments">
      {files.map((file) => (PICTURES.includes(file.type) ? <Picture key={file.file} file={file} /> : <Download key={file.file} file={file} />))}
    </div>
  )
}

function useDownload(file: AttachedFile): () => void {
  const { parley, tell } = useTalk()
  return () => {
    addressOf(parley, file.file).then((url) => {
      const link = document.createElement('a')
      link.href = url
      link.download = file.name ?? ''
      link.click()
    }, tell)
  }
}

function Picture({ file }: { file: AttachedFile }) {
  const { parley } = useTalk()
  const [url, setUrl] = useState(() => addresses.get(file.file)?.url)
  const download = useDownload(file)
  useEffect(() => {
    let over = false
    addressOf(parley, file.file).then((got) => { if (!over) setUrl(got) }, () => {})
    return () => { over = true }
  }, [parley, file.file])
  const name = file.name ?? 'picture'
  return (
    <button type="button" className="picture" onClick={download} aria-label={`Download ${name}, ${sizeOf(file.size)}`}>
      {url && <img src={url} alt={name} loading="lazy" decoding="async" />}
    </button>
  )
}

function Download({ file }: { file: AttachedFile }) {
  const download = useDownload(file)
  return (
    <button type="button" className="download" onClick={download}>
      <Icon name="file" />
      <span><strong>{file.name ?? 'file'}</strong><small>{sizeOf(file.size)} · {file.type}</small></span>
    </button>
  )
}
