import { Fragment } from 'react'
import { Menu } from '@mantine/core'
import { IconPlus, IconPower, IconServer2, IconDeviceDesktop } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Machine } from '../../../shared/domain/machine.ts'
import { useMachines } from '../../live/machines.ts'
import { openTerminal } from './store.ts'

/** The plus beside the tabs: on which machine? */
export const NewTerminal = () => {
  const { t } = useTranslation()
  const machines = useMachines()
  const groups = [
    { label: t('terminal.simulated'), machines: machines?.filter(machine => machine.origin === 'simulated') ?? [] },
    { label: t('terminal.real'), machines: machines?.filter(machine => machine.origin === 'real') ?? [] },
  ].filter(group => group.machines.length > 0)
  return (
    <Menu position="top-start" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false} returnFocus={false}>
      <Menu.Target>
        <button type="button" className="dock-key dock-new" aria-label={t('terminal.new')} title={t('terminal.new')}>
          <IconPlus size={16} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.map(group => (
          <Fragment key={group.label}>
            <Menu.Label>{group.label}</Menu.Label>
            {group.machines.map(machine => (
              <MachineItem key={machine.id} machine={machine} />
            ))}
          </Fragment>
        ))}
        {groups.length === 0 && <Menu.Label>{machines ? t('terminal.noMachines') : t('terminal.looking')}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  )
}

const MachineItem = ({ machine }: { readonly machine: Machine }) => {
  const { t } = useTranslation()
  const off = machine.power === 'off'
  const Icon = off ? IconPower : machine.role === 'server' ? IconServer2 : IconDeviceDesktop
  return (
    <Menu.Item leftSection={<Icon size={16} aria-hidden />} onClick={() => openTerminal(machine.id)}>
      {machine.name}
      <span className="dock-note">
        {t(`terminal.role.${machine.role}`)}
        {off && ` · ${t('terminal.off')}`}
      </span>
    </Menu.Item>
  )
}
