// The files that go with what is being written.
import { sizeOf } from '../model/time'
import type { Uploads } from '../model/uploads'
import { Icon, IconButton } from '../parts/Icon'

export function UploadList({ uploads }: { uploads: Uploads }) {
  if (!uploads.items.length) return null
  return (
    <ul className="uploads" aria-label="Files to send">
      {uploads.items.map(({ id, name, size, file }) => (
        <li key={id} aria-busy={!file}>
          <Icon name="file" size={16} />
          <span>{name} <small>{file ? sizeOf(size) : 'uploading…'}</small></span>
          <IconButton name="close" label={`Remove ${name}`} onClick={() => uploads.remove(id)} />
        </li>
      ))}
    </ul>
  )
}
