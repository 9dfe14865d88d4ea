import { ActionIcon, Tooltip } from '@mantine/core'
import { IconAlertTriangle, IconChevronRight, IconTerminal2 } from '@tabler/icons-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { openTerminal } from '../../app/terminal.ts'
import { hrefOf } from '../../app/router.ts'
import { Age } from '../../components/Age.tsx'
import { Gauge } from '../../components/Gauge.tsx'
import { useFormat } from '../../i18n/format.ts'
import { useCapacity } from '../../live/machines.ts'
import { MiniPc } from './MiniPc.tsx'
import classes from './NodeCard.module.css'
import { StateChip } from './StateChip.tsx'
import { cpuShare, lightOf, memoryShare, podShare, stateOf, troubles, type Unit } from './unit.ts'
import { usePower } from './usePower.ts'

/** One mini-PC on the desk, and the sheet of paper in front of it. */
export const NodeCard = memo(({ node, machine, name }: Unit) => {
  const { t } = useTranslation()
  const format = useFormat()
  const unit = { node, machine, name }
  const state = stateOf(unit)
  const power = usePower(machine)
  const { capacity } = useCapacity(machine && state !== 'off' ? machine.id : undefined)
  const root = capacity?.disks.find(({ mount }) => mount === '/')
  const cpu = node ? cpuShare(node) : (capacity?.cpuUsage ?? undefined)
  const memory = node ? memoryShare(node) : capacity && 1 - capacity.memoryAvailableBytes / capacity.memoryTotalBytes
  const memoryTotal = node?.allocatable.memoryBytes ?? capacity?.memoryTotalBytes
  const coresMilli = node?.allocatable.cpuMilli ?? (capacity && capacity.cores * 1000)
  const disk = root && root.usedBytes / root.sizeBytes
  const diskTotal = root?.sizeBytes ?? node?.allocatable.storageBytes
  const bad = node ? troubles(node) : []
  return (
    <article className={classes.card} aria-label={name} data-state={state}>
      <MiniPc name={name} light={lightOf(unit)} load={cpu ?? 0} power={power} cordoned={node?.unschedulable} />
      <div className={classes.sheet}>
        <header className={classes.head}>
          <h2>
            <a href={node ? hrefOf(['nodes', name]) : hrefOf(['machines', machine?.id ?? name])}>{name}</a>
          </h2>
          <StateChip state={state} />
          <span className={classes.role}>
            {node ? t(node.roles.length > 0 ? 'nodes.role.server' : 'nodes.role.agent') : t(`machines.origin.${machine?.origin ?? 'real'}`)}
          </span>
        </header>
        <div className={classes.gauges}>
          <Gauge
            label={t('nodes.meter.cpu')}
            share={cpu}
            value={cpu === undefined ? '–' : format.percent(cpu)}
            of={coresMilli === undefined ? undefined : t('nodes.cores', { count: coresMilli / 1000, value: format.cores(coresMilli) })}
          />
          <Gauge
            label={t('nodes.meter.memory')}
            share={memory}
            value={memory === undefined ? '–' : format.percent(memory)}
            of={memoryTotal === undefined ? undefined : format.bytes(memoryTotal)}
          />
          <Gauge
            label={t('nodes.meter.disk')}
            share={disk}
            value={disk === undefined ? '–' : format.percent(disk)}
            of={diskTotal === undefined ? undefined : format.bytes(diskTotal)}
          />
          <Gauge
            label={t('nodes.meter.pods')}
            share={node && podShare(node)}
            value={node ? format.number(node.requested.pods) : '–'}
            of={node && format.number(node.allocatable.pods)}
          />
        </div>
        <ul className={classes.conditions} aria-label={t('nodes.conditions')}>
          {bad.map(({ type, status, message }) => (
            <li key={type} data-tone={type === 'Ready' ? 'bad' : 'warn'} title={message}>
              <IconAlertTriangle size={13} aria-hidden /> {type}={status}
            </li>
          ))}
          {node && bad.length === 0 && <li data-tone="good">{t('nodes.healthy')}</li>}
          {node?.taints.map(({ key, effect }) => (
            <li key={key + effect} title={`${key}:${effect}`}>
              {key.replace(/^node(-role)?\.kubernetes\.io\//, '')}:{effect}
            </li>
          ))}
          {!node && machine && (
            <li>
              <span className="mono">
                {machine.user}@{machine.host}:{machine.port}
              </span>
            </li>
          )}
        </ul>
        <footer className={classes.foot}>
          {node ? (
            <dl>
              <div>
                <dt>{t('nodes.age')}</dt>
                <dd>
                  <Age since={node.createdAt} />
                </dd>
              </div>
              <div>
                <dt>{t('nodes.version')}</dt>
                <dd className="mono">{node.kubeletVersion}</dd>
              </div>
            </dl>
          ) : (
            <p>{capacity ? `${capacity.product ?? capacity.cpuModel ?? ''} · ${capacity.os}` : t('nodes.machineOnly')}</p>
          )}
          {machine && (
            <Tooltip label={t('nodes.openTerminal', { name })}>
              <ActionIcon
                variant="default"
                size="lg"
                disabled={state === 'off'}
                aria-label={t('nodes.openTerminal', { name })}
                onClick={() => openTerminal(machine.id)}
              >
                <IconTerminal2 size={19} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
          <ActionIcon
            component="a"
            href={node ? hrefOf(['nodes', name]) : hrefOf(['machines', machine?.id ?? name])}
            variant="default"
            size="lg"
            aria-label={t('nodes.openDetail', { name })}
          >
            <IconChevronRight size={19} aria-hidden />
          </ActionIcon>
        </footer>
      </div>
    </article>
  )
})
