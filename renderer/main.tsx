import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './app/fonts.css'
import './app/desk.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/App.tsx'
import { rememberedSettings } from './app/preferences.ts'
import { startTexts } from './i18n/i18n.ts'
import { connect } from './rpc/transport.ts'

connect()
await startTexts(rememberedSettings().locale)
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
