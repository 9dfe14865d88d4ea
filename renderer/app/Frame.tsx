import { useHotkeys } from '@mantine/hooks'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { patiently } from '../rpc/patiently.ts'
import { ErrorBoundary } from './ErrorBoundary.tsx'
import { ConnectionLost } from './ConnectionLost.tsx'
import classes from './Frame.module.css'
import { Navigation } from './Navigation.tsx'
import { pageAt, preloadPages } from './pages.ts'
import { useApplySettings } from './preferences.ts'
import { useRoute } from './router.ts'
import { StatusBar } from './StatusBar.tsx'

const TerminalDock = lazy(() => patiently(() => import('../features/terminal/TerminalDock.tsx')))
const CommandPalette = lazy(() => patiently(() => import('./CommandPalette.tsx')))

/** The window: navigation, the page in view, the terminal dock under it, and the status bar. */
export const Frame = () => {
  const { t } = useTranslation()
  useApplySettings()
  const { path } = useRoute()
  const { name, Page } = pageAt(path)
  const [palette, setPalette] = useState(false)
  const main = useRef<HTMLElement>(null)
  const [settled, setSettled] = useState(false)
  useHotkeys([['mod+K', () => setPalette(true)]], [])

  useEffect(() => {
    const idle = requestIdleCallback(
      () => {
        setSettled(true)
        preloadPages()
      },
      { timeout: 2000 },
    )
    return () => cancelIdleCallback(idle)
  }, [])

  const place = path.join('/')
  useEffect(() => {
    document.title = `${path[1] ?? t(`app.pages.${name}`)} · k3lab`
    main.current?.scrollTo(0, 0)
  }, [place, name, path, t])

  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#main" onClick={event => (event.preventDefault(), main.current?.focus())}>
        {t('app.skip')}
      </a>
      <Navigation current={name} onSearch={() => setPalette(true)} />
      <div className={classes.middle}>
        <ConnectionLost />
        <main ref={main} id="main" tabIndex={0} className={`${classes.main} desk`}>
          <ErrorBoundary at={place}>
            <Suspense fallback={<div className={classes.waiting} aria-busy />}>
              <Page />
            </Suspense>
          </ErrorBoundary>
        </main>
        <div className={classes.dock}>
          {settled && (
            <ErrorBoundary>
              <Suspense>
                <TerminalDock />
              </Suspense>
            </ErrorBoundary>
          )}
        </div>
      </div>
      <StatusBar />
      {(settled || palette) && (
        <Suspense>
          <CommandPalette opened={palette} onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </div>
  )
}
