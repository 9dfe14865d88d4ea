import { Button, Code, Collapse } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ContractError } from '../../shared/contract/contract.ts'
import type { ErrorCode } from '../../shared/domain/errors.ts'
import { contractErrorOf } from '../rpc/errors.ts'
import classes from './ErrorNotice.module.css'

/** An error in words: what happened, why, what to do; the technical text folded under it. */
export const useErrorWords = (error: ContractError): { readonly what: string; readonly why: string; readonly todo: string } => {
  const { t, i18n } = useTranslation()
  const code: ErrorCode = i18n.exists(`errors.${error.code}.what`) ? (error.code as ErrorCode) : 'internal'
  // The code decides which arguments there are, at run time only (a test holds the texts against shared/domain/errors.ts).
  const say = t as unknown as (key: `errors.${ErrorCode}.${'what' | 'why' | 'todo'}`, args: Readonly<Record<string, string>>) => string
  return { what: say(`errors.${code}.what`, error.args), why: say(`errors.${code}.why`, error.args), todo: say(`errors.${code}.todo`, error.args) }
}

export const ErrorNotice = ({ error: thrown, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const error = contractErrorOf(thrown)
  const words = useErrorWords(error)
  return (
    <div role="alert" className={classes.notice}>
      <IconAlertTriangle size={20} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <strong>{words.what}</strong>
        <p>{words.why}</p>
        <p className={classes.todo}>{words.todo}</p>
        <div className={classes.actions}>
          {onRetry && error.retryable && (
            <Button size="compact-sm" variant="default" onClick={onRetry}>
              {t('common.retry')}
            </Button>
          )}
          {error.detail && (
            <Button size="compact-sm" variant="subtle" color="gray" aria-expanded={open} onClick={() => setOpen(!open)}>
              {t('common.detail')}
            </Button>
          )}
        </div>
        {error.detail && (
          <Collapse expanded={open}>
            <Code block className={classes.detail}>
              {error.detail}
            </Code>
          </Collapse>
        )}
      </div>
    </div>
  )
}
