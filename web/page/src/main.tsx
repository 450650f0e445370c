// The messages page begins here.
import { createRoot } from 'react-dom/client'
import { applyTheme } from './model/theme'
import { Boundary } from './parts/Boundary'
import { App } from './view/App'
import './style/base.css'
import './style/parts.css'
import './style/list.css'
import './style/messages.css'
import './style/panels.css'

applyTheme()
// A file that is dropped beside its place must not take the page away.
for (const event of ['dragover', 'drop']) addEventListener(event, (each) => each.preventDefault())
createRoot(document.getElementById('page')!).render(<Boundary><App /></Boundary>)
