import { useTranslation } from 'react-i18next'
import type { MachineCapacity } from '../../../shared/domain/machine.ts'
import { Facts } from '../../components/Facts.tsx'
import { Level } from '../../components/Level.tsx'
import { useFormat } from '../../i18n/format.ts'
import classes from './CapacityFacts.module.css'

/** What a machine says of itself over SSH. */
export const CapacityFacts = ({ capacity }: { readonly capacity: MachineCapacity }) => {
  const { t } = useTranslation()
  const format = useFormat()
  const used = capacity.memoryTotalBytes - capacity.memoryAvailableBytes
  return (
    <div className={classes.capacity}>
      <Facts
        rows={[
          [t('machines.capacity.product'), capacity.product],
          [t('machines.capacity.hostname'), capacity.hostname],
          [t('machines.capacity.os'), `${capacity.os} · ${capacity.kernel}`],
          [
            t('machines.capacity.cpu'),
            [capacity.cpuModel, t('nodes.cores', { count: capacity.cores, value: capacity.cores }), capacity.architecture].filter(Boolean).join(' · '),
          ],
          [
            t('machines.capacity.load'),
            [
              capacity.cpuUsage === null ? undefined : format.percent(capacity.cpuUsage),
              capacity.load1 === null ? undefined : t('machines.capacity.load1', { value: format.number(capacity.load1) }),
            ]
              .filter(Boolean)
              .join(' · '),
          ],
          [
            t('machines.capacity.temperature'),
            capacity.temperatureCelsius === null ? t('machines.capacity.noSensor') : `${format.number(capacity.temperatureCelsius)} °C`,
          ],
          [t('machines.capacity.uptime'), format.duration(capacity.uptimeSeconds * 1000)],
        ]}
      />
      <ul className={classes.levels}>
        <li>
          <span>{t('nodes.meter.memory')}</span>
          <span className="numbers">
            {format.bytes(used)} / {format.bytes(capacity.memoryTotalBytes)}
          </span>
          <Level label={t('nodes.meter.memory')} share={used / capacity.memoryTotalBytes} />
        </li>
        {capacity.disks.map(({ mount, device, sizeBytes, usedBytes }) => (
          <li key={mount + device}>
            <span>
              {t('nodes.meter.disk')} <b className="mono">{mount}</b> <small className="mono">{device}</small>
            </span>
            <span className="numbers">
              {format.bytes(usedBytes)} / {format.bytes(sizeBytes)}
            </span>
            <Level label={`${t('nodes.meter.disk')} ${mount}`} share={usedBytes / sizeBytes} />
          </li>
        ))}
      </ul>
      <ul className={classes.nics}>
        {capacity.nics.map(({ name, mac, addresses, up, speedMbps, mtu }) => (
          <li key={name}>
            <b className="mono">{name}</b> <span data-up={up || undefined}>{t(up ? 'machines.capacity.linkUp' : 'machines.capacity.linkDown')}</span>
            {speedMbps !== null && ` · ${speedMbps >= 1000 ? `${format.number(speedMbps / 1000)} Gb/s` : `${speedMbps} Mb/s`}`} · MTU {mtu}
            <br />
            <small className="mono">{[mac, ...addresses].filter(Boolean).join('  ')}</small>
          </li>
        ))}
      </ul>
    </div>
  )
}
