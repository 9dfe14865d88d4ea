import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { createElement } from 'react'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import type { Machine } from '../../../shared/domain/machine.ts'
import { client } from '../../rpc/client.ts'
import type { PowerButton } from './MiniPc.tsx'

/** The power button of a simulated machine; undefined where there is none to press. */
export const usePower = (machine: Machine | undefined): PowerButton | undefined => {
  const { mutate, isPending } = useMutation({
    mutationFn: (power: 'on' | 'off') => client.homelab.power({ machineId: machine?.id ?? '', power }),
    onError: error => notifications.show({ message: createElement(ErrorNotice, { error }), withBorder: false, p: 0, autoClose: 12_000 }),
  })
  if (machine?.origin !== 'simulated' || machine.power === undefined) return undefined
  const on = machine.power === 'on'
  return { on, busy: isPending, press: () => mutate(on ? 'off' : 'on') }
}
