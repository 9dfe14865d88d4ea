import { Button, Group, Modal, NumberInput, PasswordInput, Radio, Stack, TextInput } from '@mantine/core'
import { IconKey, IconShieldExclamation } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { HostKey, MachineLogin } from '../../../shared/contract/contract.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { client } from '../../rpc/client.ts'
import classes from './AddMachine.module.css'
import { CapacityFacts } from './CapacityFacts.tsx'

interface Form {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly name: string
  readonly kind: MachineLogin['kind']
  readonly path: string
  readonly passphrase: string
  readonly password: string
}
const BLANK: Form = { host: '', port: 22, user: '', name: '', kind: 'agent', path: '~/.ssh/id_ed25519', passphrase: '', password: '' }

const loginOf = ({ kind, path, passphrase, password }: Form): MachineLogin => {
  if (kind === 'agent') return { kind }
  return kind === 'password' ? { kind, password } : { kind, path, ...(passphrase ? { passphrase } : {}) }
}

/** Puts a real machine on the desk: address and login, the host key confirmed by a person, then what it has inside. */
export default function AddMachine({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation()
  const [form, setForm] = useState(BLANK)
  const [key, setKey] = useState<HostKey>()
  const address = { host: form.host.trim(), port: form.port }
  const add = useMutation({
    mutationFn: () => client.machines.add({ ...address, user: form.user, login: loginOf(form), ...(form.name ? { name: form.name } : {}) }),
  })
  const ask = useMutation({
    mutationFn: () => client.machines.hostKey(address),
    onSuccess: found => {
      setKey(found)
      if (found.trust === 'known') add.mutate()
    },
  })
  const trust = useMutation({
    mutationFn: (found: HostKey) => client.machines.trustHostKey({ ...address, fingerprint: found.fingerprint, replace: found.trust === 'changed' }),
    onSuccess: () => add.mutate(),
  })
  const busy = ask.isPending || trust.isPending || add.isPending
  const set = (change: Partial<Form>) => setForm({ ...form, ...change })
  const startOver = () => {
    setKey(undefined)
    trust.reset()
    add.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    startOver()
    ask.mutate()
  }
  const confirming = key && key.trust !== 'known' && !add.isSuccess && !add.isError && !add.isPending

  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={add.isSuccess ? t('machines.add.done', { name: add.data.machine.name }) : t('machines.add.title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      closeOnClickOutside={!busy}
    >
      {add.isSuccess ? (
        <Stack>
          <p className={classes.lead}>{t('machines.add.read')}</p>
          <CapacityFacts capacity={add.data.capacity} />
          <Group justify="flex-end">
            <Button onClick={onClose} data-autofocus>
              {t('common.close')}
            </Button>
          </Group>
        </Stack>
      ) : confirming ? (
        <ConfirmKey hostKey={key} busy={busy} error={trust.error} onBack={startOver} onAccept={() => trust.mutate(key)} />
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <p className={classes.lead}>{t('machines.add.lead')}</p>
            <div className={classes.address}>
              <TextInput
                data-autofocus
                required
                label={t('machines.add.host')}
                placeholder="192.168.0.21"
                value={form.host}
                onChange={event => set({ host: event.currentTarget.value })}
                maxLength={253}
                autoComplete="off"
                spellCheck={false}
              />
              <NumberInput
                required
                label={t('machines.add.port')}
                min={1}
                max={65535}
                allowDecimal={false}
                clampBehavior="strict"
                hideControls
                value={form.port}
                onChange={value => set({ port: Number(value) || 22 })}
              />
            </div>
            <div className={classes.two}>
              <TextInput
                required
                label={t('machines.add.user')}
                placeholder="ubuntu"
                value={form.user}
                onChange={event => set({ user: event.currentTarget.value })}
                maxLength={64}
                autoComplete="off"
                spellCheck={false}
              />
              <TextInput
                label={t('machines.add.name')}
                description={undefined}
                placeholder={t('machines.add.namePlaceholder')}
                value={form.name}
                onChange={event => set({ name: event.currentTarget.value })}
                maxLength={63}
                autoComplete="off"
                spellCheck={false}
              />
            </div>
            <Radio.Group label={t('machines.add.login')} value={form.kind} onChange={kind => set({ kind: kind as Form['kind'] })}>
              <Group gap="lg" mt={6}>
                {(['agent', 'key', 'password'] as const).map(kind => (
                  <Radio key={kind} value={kind} label={t(`machines.login.${kind}`)} />
                ))}
              </Group>
            </Radio.Group>
            {form.kind === 'agent' && <p className={classes.note}>{t('machines.add.agentNote')}</p>}
            {form.kind === 'key' && (
              <div className={classes.two}>
                <TextInput
                  required
                  label={t('machines.add.keyPath')}
                  value={form.path}
                  onChange={event => set({ path: event.currentTarget.value })}
                  spellCheck={false}
                />
                <PasswordInput
                  label={t('machines.add.passphrase')}
                  value={form.passphrase}
                  onChange={event => set({ passphrase: event.currentTarget.value })}
                  autoComplete="off"
                  visibilityToggleButtonProps={{ 'aria-label': t('machines.add.show') }}
                />
              </div>
            )}
            {form.kind === 'password' && (
              <PasswordInput
                required
                label={t('machines.add.password')}
                description={t('machines.add.passwordNote')}
                value={form.password}
                onChange={event => set({ password: event.currentTarget.value })}
                autoComplete="off"
                visibilityToggleButtonProps={{ 'aria-label': t('machines.add.show') }}
              />
            )}
            {(ask.error ?? add.error) && !busy && <ErrorNotice error={ask.error ?? add.error} />}
            <Group justify="flex-end" mt="xs">
              <Button variant="default" onClick={onClose}>
                {t('common.cancel')}
              </Button>
              <Button type="submit" loading={busy}>
                {t('machines.add.submit')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

/** The step no machine gets past unseen: a person compares the fingerprint. A changed key stops here until replaced on purpose. */
const ConfirmKey = ({
  hostKey,
  busy,
  error,
  onBack,
  onAccept,
}: {
  readonly hostKey: HostKey
  readonly busy: boolean
  readonly error: unknown
  readonly onBack: () => void
  readonly onAccept: () => void
}) => {
  const { t } = useTranslation()
  const [sure, setSure] = useState(false)
  const changed = hostKey.trust === 'changed'
  const place = hostKey.port === 22 ? hostKey.host : `${hostKey.host}:${hostKey.port}`
  return (
    <Stack gap="sm">
      <div className={classes.seal} data-changed={changed || undefined} role={changed ? 'alert' : undefined}>
        {changed ? <IconShieldExclamation size={26} aria-hidden /> : <IconKey size={26} aria-hidden />}
        <div>
          <strong>{t(changed ? 'machines.key.changed' : 'machines.key.unknown', { host: place })}</strong>
          <p>{t(changed ? 'machines.key.changedWhy' : 'machines.key.unknownWhy')}</p>
        </div>
      </div>
      {changed &&
        hostKey.trusted.map(fingerprint => (
          <div key={fingerprint} className={classes.print}>
            <span>{t('machines.key.trusted')}</span>
            <code>{fingerprint}</code>
          </div>
        ))}
      <div className={classes.print}>
        <span>{t('machines.key.now', { type: hostKey.keyType })}</span>
        <code>{hostKey.fingerprint}</code>
      </div>
      <p className={classes.note}>
        {t('machines.key.compare')}{' '}
        <code>ssh-keygen -lf /etc/ssh/ssh_host_{hostKey.keyType.replace(/^ssh-|^ecdsa-sha2-/, '').replace(/^nistp.*/, 'ecdsa')}_key.pub</code>
      </p>
      {changed && (
        <label className={classes.sure}>
          <input type="checkbox" checked={sure} onChange={event => setSure(event.currentTarget.checked)} />
          <span>{t('machines.key.sure')}</span>
        </label>
      )}
      {error !== null && <ErrorNotice error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onBack} data-autofocus disabled={busy}>
          {t('common.back')}
        </Button>
        <Button color={changed ? 'red' : undefined} onClick={onAccept} loading={busy} disabled={changed && !sure}>
          {t(changed ? 'machines.key.replace' : 'machines.key.accept')}
        </Button>
      </Group>
    </Stack>
  )
}
