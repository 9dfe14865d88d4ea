import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleDot } from '@tabler/icons-react'
import type { PodSummary } from '../../shared/domain/cluster.ts'
import classes from './Status.module.css'

const ICONS = {
  ok: IconCircleDot,
  progress: IconCircleDashed,
  warning: IconAlertTriangle,
  error: IconAlertCircle,
  done: IconCircleCheck,
} as const satisfies Record<PodSummary['tone'], unknown>

/** A status word with the tone's colour and a shape of its own. */
export const Status = ({ tone, text }: { readonly tone: PodSummary['tone']; readonly text: string }) => {
  const Icon = ICONS[tone]
  return (
    <span className={classes.status} data-tone={tone}>
      <Icon size={15} stroke={2} aria-hidden />
      <span>{text}</span>
    </span>
  )
}
