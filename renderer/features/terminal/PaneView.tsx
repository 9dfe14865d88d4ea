import { type FormEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Button, PasswordInput, useComputedColorScheme, useMantineTheme } from '@mantine/core'
import { IconPlugConnectedX, IconRefresh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { ContractError } from '../../../shared/contract/contract.ts'
import { useErrorWords } from '../../components/ErrorNotice.tsx'
import { useMachines } from '../../live/machines.ts'
import { copySelection, pasteFromClipboard } from './clipboard.ts'
import { dockKey } from './keys.ts'
import type { Pane } from './layout.ts'
import { beginSession, type Session, type SessionState } from './session.ts'
import { closePane, focusPane, FONT_SIZES, setFontSize, setSearching, split, stepPane, stepTab, useDock } from './store.ts'
import '@xterm/xterm/css/xterm.css'

interface PaneViewProps {
  readonly pane: Pane
  readonly active: boolean
  /** Other panes are in the same tab: the active one is marked. */
  readonly several: boolean
}

/** One terminal: its screen, and over it what it asks for or how it ended. */
export const PaneView = ({ pane, active, several }: PaneViewProps) => {
  const { t, i18n } = useTranslation()
  const machines = useMachines()
  const machine = machines?.find(one => one.id === pane.machineId)
  const { fontSize, screenReader } = useDock()
  const scheme = useComputedColorScheme('light')
  const { fontFamilyMonospace } = useMantineTheme()
  const host = useRef<HTMLDivElement>(null)
  const session = machine && beginSession(pane.id, pane.machineId, machine.auth.kind === 'password')
  const name = machine?.name ?? pane.machineId

  useEffect(() => {
    if (!session) return
    const { screen } = session
    screen.terminal.attachCustomKeyEventHandler(event => handled(event, pane.id))
    const detach = screen.attach(host.current!)
    const textarea = screen.terminal.textarea
    const focused = () => focusPane(pane.id)
    textarea?.addEventListener('focus', focused)
    if (session.state().name === 'new') session.connect()
    return () => {
      textarea?.removeEventListener('focus', focused)
      detach()
    }
  }, [session, pane.id])

  useEffect(() => {
    session?.screen.setFont(fontFamilyMonospace!, fontSize)
  }, [session, fontFamilyMonospace, fontSize])
  // The colour scheme's attribute is on the page before effects run.
  useEffect(() => session?.screen.recolour(), [session, scheme])
  useEffect(() => {
    if (!session) return
    session.screen.setVoice(screenReader, t('terminal.input', { name }))
  }, [session, screenReader, t, i18n.language, name])
  useEffect(() => {
    if (active && session?.state().name !== 'password') session?.screen.terminal.focus()
  }, [session, active])

  return (
    <div className="dock-pane" data-active={several && active} onMouseDown={() => focusPane(pane.id)}>
      <div
        ref={host}
        className="dock-screen"
        onContextMenu={event => {
          event.preventDefault()
          if (copySelection(pane.id)) session?.screen.terminal.clearSelection()
          else void pasteFromClipboard(pane.id)
        }}
      />
      {session && <Over session={session} name={name} user={machine.user} />}
    </div>
  )
}

/** Keys that are the dock's own; everything else goes to the shell. */
const handled = (event: KeyboardEvent, paneId: string): boolean => {
  // While a syllable is being composed every key belongs to the input method.
  if (event.isComposing) return true
  const key = dockKey(event)
  if (key === undefined) return true
  // The browser pastes into xterm's own field by itself; the toggle is heard by the window.
  if (key === 'paste' || key === 'toggle') return false
  event.preventDefault()
  if (event.type !== 'keydown') return false
  const { fontSize } = useDock.getState()
  const actions = {
    splitRow: () => split('row'),
    splitColumn: () => split('column'),
    closePane: () => closePane(paneId),
    nextPane: () => stepPane(1),
    previousPane: () => stepPane(-1),
    nextTab: () => stepTab(1),
    previousTab: () => stepTab(-1),
    search: () => setSearching(true),
    copy: () => copySelection(paneId),
    larger: () => setFontSize(fontSize + 1),
    smaller: () => setFontSize(fontSize - 1),
    usual: () => setFontSize(FONT_SIZES.usual),
  }
  actions[key]()
  return false
}

const Over = ({ session, name, user }: { readonly session: Session; readonly name: string; readonly user: string }) => {
  const { t } = useTranslation()
  const state = useSyncExternalStore(session.onChange, session.state)
  switch (state.name) {
    case 'new':
    case 'open':
      return null
    case 'connecting':
      return (
        <p className="dock-over" role="status">
          {t('terminal.connecting', { name })}
        </p>
      )
    case 'password':
      return <Password session={session} wrong={state.wrong} name={name} user={user} />
    case 'exited':
    case 'failed':
      return <Ended session={session} state={state} name={name} />
  }
}

const Password = ({ session, wrong, name, user }: { readonly session: Session; readonly wrong: boolean; readonly name: string; readonly user: string }) => {
  const { t } = useTranslation()
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    session.connect(password)
    session.screen.terminal.focus()
  }
  return (
    <form className="dock-over dock-card" onSubmit={submit}>
      <PasswordInput
        label={t('terminal.password', { user, name })}
        description={t('terminal.passwordNote')}
        error={wrong ? t('terminal.passwordWrong') : undefined}
        value={password}
        onChange={event => setPassword(event.currentTarget.value)}
        autoComplete="off"
        data-autofocus
        autoFocus
      />
      <Button type="submit" mt="sm" size="compact-md" disabled={password === ''}>
        {t('terminal.login')}
      </Button>
    </form>
  )
}

const Ended = ({
  session,
  state,
  name,
}: {
  readonly session: Session
  readonly state: Extract<SessionState, { name: 'exited' | 'failed' }>
  readonly name: string
}) => {
  const { t } = useTranslation()
  return (
    <div className="dock-ended" role="status">
      <IconPlugConnectedX size={18} aria-hidden />
      {state.name === 'failed' ? (
        <Failed error={state.error} />
      ) : (
        <p>{state.signal ? t('terminal.killed', { name, signal: state.signal }) : t('terminal.exited', { name, code: state.code ?? 0 })}</p>
      )}
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        onClick={() => {
          session.connect()
          session.screen.terminal.focus()
        }}
      >
        {t('terminal.reconnect')}
      </Button>
    </div>
  )
}

const Failed = ({ error }: { readonly error: ContractError }) => {
  const { t } = useTranslation()
  const words = useErrorWords(error)
  return (
    <div>
      <p>{words.what}</p>
      <p className="dock-soft">{words.todo}</p>
      {error.detail && (
        <details>
          <summary>{t('terminal.detail')}</summary>
          <code>{error.detail}</code>
        </details>
      )}
    </div>
  )
}
