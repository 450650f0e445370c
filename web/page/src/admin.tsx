// The operator's page begins here.
import { createRoot } from 'react-dom/client'
import { Operator } from './admin/Operator'
import { applyTheme } from './model/theme'
import { Boundary } from './parts/Boundary'
import './style/base.css'
import './style/admin.css'

applyTheme()
createRoot(document.getElementById('page')!).render(<Boundary><Operator /></Boundary>)
