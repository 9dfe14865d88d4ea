import { Button } from '@mantine/core'
import { IconArrowLeft, IconTerminal2 } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hrefOf, navigate, useRoute } from '../../app/router.ts'
import { openTerminal } from '../../app/terminal.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { EmptyDesk } from '../../components/EmptyDesk.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page, Sheet } from '../../components/Page.tsx'
import { useCapacity, useMachines } from '../../live/machines.ts'
import { client } from '../../rpc/client.ts'
import { MiniPc } from '../nodes/MiniPc.tsx'
import { usePower } from '../nodes/usePower.ts'
import { MachineSheet } from './MachineSheet.tsx'
import classes from './MachinePage.module.css'

/** A machine that is no node: what it is, and what it has inside. */
export default function MachinePage() {
  const { t } = useTranslation()
  const id = useRoute().path[1] ?? ''
  const machines = useMachines()
  const machine = machines?.find(each => each.id === id)
  const power = usePower(machine)
  const reading = useCapacity(machine && machine.power !== 'off' ? machine.id : undefined)
  const [leaving, setLeaving] = useState(false)
  const remove = useMutation({ mutationFn: () => client.machines.remove({ id }), onSuccess: () => navigate('nodes') })
  if (!machines) return null
  const back = (
    <a className={classes.back} href={hrefOf(['nodes'])}>
      <IconArrowLeft size={15} aria-hidden /> {t('app.pages.nodes')}
    </a>
  )
  if (!machine)
    return (
      <Page title={id} lead={back}>
        <EmptyDesk title={t('machines.gone.title')} text={t('machines.gone.text')} />
      </Page>
    )
  const off = machine.power === 'off'
  return (
    <Page
      title={machine.name}
      lead={back}
      actions={
        <>
          {machine.origin === 'real' && (
            <Button variant="default" onClick={() => setLeaving(true)}>
              {t('common.remove')}
            </Button>
          )}
          <Button leftSection={<IconTerminal2 size={17} aria-hidden />} disabled={off} onClick={() => openTerminal(machine.id)}>
            {t('machines.terminal')}
          </Button>
        </>
      }
    >
      {remove.error && <ErrorNotice error={remove.error} />}
      <div className={classes.columns}>
        <div className={classes.side}>
          <MiniPc name={machine.name} light={off ? 'off' : 'alone'} load={reading.capacity?.cpuUsage ?? 0} power={power} />
          <Sheet title={t('machines.access')}>
            <Facts
              rows={[
                [t('machines.add.host'), <span key="host" className="mono">{`${machine.host}:${machine.port}`}</span>],
                [t('machines.add.user'), machine.user],
                [t('machines.add.login'), t(`machines.login.${machine.auth.kind}`)],
                [t('machines.origin.label'), t(`machines.origin.${machine.origin}`)],
              ]}
            />
          </Sheet>
        </div>
        <MachineSheet machine={machine} reading={reading} />
      </div>
      {leaving && (
        <Confirm
          title={t('machines.remove.title', { name: machine.name })}
          text={t('machines.remove.text')}
          action={t('common.remove')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setLeaving(false)}
        />
      )}
    </Page>
  )
}
