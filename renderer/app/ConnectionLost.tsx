import { useEffect, useState, useSyncExternalStore } from 'react'
import { ErrorNotice } from '../components/ErrorNotice.tsx'
import { transport } from '../rpc/transport.ts'
import classes from './Frame.module.css'

/** A short interruption heals by itself; only one that lasts is worth a word. */
const LASTING_MS = 2_500

const LOST = { code: 'disconnected', args: {}, retryable: false } as const

/** Says over the page that the main process does not answer, and what to do. What was seen stays in view. */
export const ConnectionLost = () => {
  const open = useSyncExternalStore(transport.subscribe, transport.get) === 'open'
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (open) return
    const timer = setTimeout(() => setLasting(true), LASTING_MS)
    return () => {
      clearTimeout(timer)
      setLasting(false)
    }
  }, [open])
  return lasting ? (
    <div className={classes.lost}>
      <ErrorNotice error={LOST} />
    </div>
  ) : null
}
