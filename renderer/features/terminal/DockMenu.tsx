import { Menu } from '@mantine/core'
import {
  IconChevronDown,
  IconChevronUp,
  IconClipboard,
  IconCopy,
  IconDeviceFloppy,
  IconDots,
  IconLayoutColumns,
  IconLayoutRows,
  IconSearch,
  IconTextDecrease,
  IconTextIncrease,
  IconX,
} from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { copySelection, pasteFromClipboard, saveTranscript } from './clipboard.ts'
import { type DockKey, keyLabel } from './keys.ts'
import { closePane, FONT_SIZES, setCollapsed, setFontSize, setScreenReader, setSearching, split, useDock } from './store.ts'

/** What can be done with the terminal in view. */
export const DockMenu = ({ narrow }: { readonly narrow: boolean }) => {
  const { t } = useTranslation()
  const { tabs, activeTab, collapsed, fontSize, screenReader } = useDock()
  const tab = tabs.find(one => one.id === activeTab)
  const pane = tab?.activePane
  const busy = pane !== undefined && !collapsed
  const keys = (key: DockKey) => <kbd className="dock-kbd">{keyLabel(key)}</kbd>
  return (
    <>
      {busy && !narrow && (
        <>
          <DockButton label={t('terminal.splitRow')} onClick={() => split('row')} icon={<IconLayoutColumns size={16} aria-hidden />} />
          <DockButton label={t('terminal.splitColumn')} onClick={() => split('column')} icon={<IconLayoutRows size={16} aria-hidden />} />
        </>
      )}
      {busy && <DockButton label={t('terminal.search')} onClick={() => setSearching(true)} icon={<IconSearch size={16} aria-hidden />} />}
      {busy && (
        <Menu position="top-end" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
          <Menu.Target>
            <button type="button" className="dock-key" aria-label={t('terminal.more')} title={t('terminal.more')}>
              <IconDots size={16} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} rightSection={keys('copy')} onClick={() => copySelection(pane)}>
              {t('terminal.copy')}
            </Menu.Item>
            <Menu.Item leftSection={<IconClipboard size={16} aria-hidden />} rightSection={keys('paste')} onClick={() => void pasteFromClipboard(pane)}>
              {t('terminal.paste')}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconTextIncrease size={16} aria-hidden />}
              rightSection={keys('larger')}
              closeMenuOnClick={false}
              disabled={fontSize >= FONT_SIZES.most}
              onClick={() => setFontSize(fontSize + 1)}
            >
              {t('terminal.larger')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconTextDecrease size={16} aria-hidden />}
              rightSection={keys('smaller')}
              closeMenuOnClick={false}
              disabled={fontSize <= FONT_SIZES.least}
              onClick={() => setFontSize(fontSize - 1)}
            >
              {t('terminal.smaller')}
            </Menu.Item>
            <Menu.CheckboxItem checked={screenReader} onChange={setScreenReader}>
              {t('terminal.screenReader')}
            </Menu.CheckboxItem>
            <Menu.Divider />
            <Menu.Item leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={() => saveTranscript(pane)}>
              {t('terminal.save')}
            </Menu.Item>
            <Menu.Item leftSection={<IconX size={16} aria-hidden />} rightSection={keys('closePane')} onClick={() => closePane(pane)}>
              {t('terminal.closePane')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <DockButton
        label={t(collapsed ? 'terminal.open' : 'terminal.collapse')}
        hint={keyLabel('toggle')}
        expanded={!collapsed}
        onClick={() => setCollapsed(!collapsed)}
        icon={collapsed ? <IconChevronUp size={16} aria-hidden /> : <IconChevronDown size={16} aria-hidden />}
      />
    </>
  )
}

interface DockButtonProps {
  readonly label: string
  readonly hint?: string
  readonly icon: React.ReactNode
  readonly expanded?: boolean
  readonly onClick: () => void
}

const DockButton = ({ label, hint, icon, expanded, onClick }: DockButtonProps) => (
  <button type="button" className="dock-key" aria-label={label} aria-expanded={expanded} title={hint ? `${label} (${hint})` : label} onClick={onClick}>
    {icon}
  </button>
)
