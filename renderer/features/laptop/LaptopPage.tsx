import { IconCircleCheck, IconCircleX, IconInfoCircle, IconStar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { FitnessFinding } from '../../../shared/domain/machine.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Level } from '../../components/Level.tsx'
import { Page, Sheet } from '../../components/Page.tsx'
import { useFormat } from '../../i18n/format.ts'
import { client } from '../../rpc/client.ts'
import classes from './laptop.module.css'

const ICONS = { recommended: IconStar, minimum: IconCircleCheck, below: IconInfoCircle, unsuitable: IconCircleX } as const
const ORDER = ['recommended', 'minimum', 'below', 'unsuitable'] as const

/** What a finding may say in a word of its own (platforms as Node names them). */
const WORDS = ['linux', 'darwin', 'win32', 'virtual', 'physical'] as const
const isWord = (value: string): value is (typeof WORDS)[number] => (WORDS as readonly string[]).includes(value)

/** The worst finding decides. */
const verdictOf = (findings: readonly FitnessFinding[]): FitnessFinding['verdict'] =>
  ORDER[Math.max(0, ...findings.map(({ verdict }) => ORDER.indexOf(verdict)))] ?? 'recommended'

/** This computer's facts, and whether it could be a K3s node itself. */
export default function LaptopPage() {
  const { t } = useTranslation()
  const format = useFormat()
  const { data, error, refetch, isPending } = useQuery({ queryKey: ['laptop'], queryFn: () => client.app.laptop() })
  return (
    <Page title={t('laptop.title')} lead={t('laptop.lead')}>
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      {isPending && <p role="status">{t('common.loading')}</p>}
      {data && (
        <div className={classes.columns}>
          <Sheet wide title={data.product ?? data.hostname}>
            <Facts
              rows={[
                [t('machines.capacity.hostname'), data.hostname],
                [t('machines.capacity.os'), `${data.os} · ${data.kernel}`],
                [t('machines.capacity.cpu'), `${data.cpuModel} · ${t('nodes.cores', { count: data.cores, value: data.cores })} · ${data.architecture}`],
              ]}
            />
            <ul className={classes.levels}>
              <li>
                <span>{t('nodes.meter.memory')}</span>
                <span className="numbers">
                  {t('laptop.free', { free: format.bytes(data.memoryAvailableBytes), total: format.bytes(data.memoryTotalBytes) })}
                </span>
                <Level label={t('nodes.meter.memory')} share={1 - data.memoryAvailableBytes / data.memoryTotalBytes} />
              </li>
              <li>
                <span>{t('nodes.meter.disk')}</span>
                <span className="numbers">{t('laptop.free', { free: format.bytes(data.diskFreeBytes), total: format.bytes(data.diskTotalBytes) })}</span>
                <Level label={t('nodes.meter.disk')} share={1 - data.diskFreeBytes / data.diskTotalBytes} />
              </li>
            </ul>
          </Sheet>
          {(['server', 'agent'] as const).map(role => (
            <Fitness key={role} role={role} findings={data.fitness[role]} />
          ))}
        </div>
      )}
    </Page>
  )
}

const Fitness = ({ role, findings }: { readonly role: 'server' | 'agent'; readonly findings: readonly FitnessFinding[] }) => {
  const { t } = useTranslation()
  const format = useFormat()
  const verdict = verdictOf(findings)
  const Icon = ICONS[verdict]
  const worded = ({ item }: FitnessFinding, value: string) => {
    const amount = Number(value)
    if (value === '' || !Number.isFinite(amount)) return isWord(value) ? t(`laptop.words.${value}`) : value
    if (item === 'disk') return format.diskBytes(amount)
    return item === 'memory' ? format.bytes(amount) : item === 'cores' ? t('nodes.cores', { count: amount, value }) : value
  }
  return (
    <Sheet title={t(`laptop.role.${role}`)}>
      <p className={classes.verdict} data-verdict={verdict}>
        <Icon size={22} aria-hidden />
        <span>{t(`laptop.overall.${verdict}`)}</span>
      </p>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t(`laptop.role.${role}`)}>
        <table className={classes.findings}>
          <thead>
            <tr>
              <th scope="col">{t('laptop.item')}</th>
              <th scope="col">{t('laptop.measured')}</th>
              <th scope="col">{t('laptop.minimum')}</th>
              <th scope="col">{t('laptop.recommended')}</th>
              <th scope="col">{t('laptop.verdict')}</th>
            </tr>
          </thead>
          <tbody>
            {findings.map(finding => (
              <tr key={finding.item}>
                <th scope="row">{t(`laptop.items.${finding.item}`)}</th>
                <td className="numbers">{worded(finding, finding.measured)}</td>
                <td className="numbers">{worded(finding, finding.minimum)}</td>
                <td className="numbers">{worded(finding, finding.recommended)}</td>
                <td data-verdict={finding.verdict}>{t(`laptop.verdicts.${finding.verdict}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Sheet>
  )
}
