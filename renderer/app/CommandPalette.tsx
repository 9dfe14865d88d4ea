import { Spotlight, createSpotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.layer.css'
import { IconMoon, IconServer2, IconTerminal2, IconLanguage } from '@tabler/icons-react'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { NodeSummary } from '../../shared/domain/cluster.ts'
import { sameList, useSelect } from '../live/clusters.ts'
import { useMachines } from '../live/machines.ts'
import { PAGES, pageIcons } from './pages.ts'
import { useSettings } from './preferences.ts'
import { navigate } from './router.ts'
import { useCluster } from './selection.ts'
import { openTerminal } from './terminal.ts'

const [store, palette] = createSpotlight()
const namesOf = (nodes: readonly NodeSummary[]) => nodes.map(({ name }) => name)

/** Ctrl+K: every page, node, terminal and setting by name. */
export default function CommandPalette({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation()
  const { live } = useCluster()
  const nodes = useSelect(live.nodes, namesOf, sameList)
  const machines = useMachines()
  const { settings, save } = useSettings()
  useEffect(() => {
    if (opened) palette.open()
  }, [opened])

  const actions = useMemo(
    () => [
      {
        group: t('app.palette.pages'),
        actions: PAGES.map(name => {
          const Icon = pageIcons[name]
          return {
            id: `page-${name}`,
            label: t(`app.pages.${name}`),
            keywords: name,
            leftSection: <Icon size={19} aria-hidden />,
            onClick: () => navigate(name),
          }
        }),
      },
      {
        group: t('app.palette.terminals'),
        actions: (machines ?? [])
          .filter(({ power }) => power !== 'off')
          .map(({ id, name }) => ({
            id: `terminal-${id}`,
            label: t('nodes.openTerminal', { name }),
            keywords: `terminal ssh ${name}`,
            leftSection: <IconTerminal2 size={19} aria-hidden />,
            onClick: () => openTerminal(id),
          })),
      },
      {
        group: t('app.palette.nodes'),
        actions: nodes.map(name => ({
          id: `node-${name}`,
          label: name,
          leftSection: <IconServer2 size={19} aria-hidden />,
          onClick: () => navigate('nodes', name),
        })),
      },
      {
        group: t('app.palette.settings'),
        actions: [
          {
            id: 'locale',
            label: settings.locale === 'ko' ? 'English' : '한국어',
            keywords: 'language 언어',
            leftSection: <IconLanguage size={19} aria-hidden />,
            onClick: () => save({ ...settings, locale: settings.locale === 'ko' ? 'en' : 'ko' }),
          },
          ...(['light', 'dark', 'auto'] as const).map(colorScheme => ({
            id: colorScheme,
            label: t(`settings.theme.${colorScheme}`),
            keywords: 'theme 테마',
            leftSection: <IconMoon size={19} aria-hidden />,
            onClick: () => save({ ...settings, colorScheme }),
          })),
        ],
      },
    ],
    [t, machines, nodes, settings, save],
  )

  return (
    <Spotlight
      store={store}
      actions={actions}
      shortcut={null}
      limit={12}
      scrollable
      maxHeight={420}
      onSpotlightClose={onClose}
      attributes={{ content: { 'aria-label': t('app.search') } }}
      nothingFound={t('app.palette.nothing')}
      searchProps={{ placeholder: t('app.palette.placeholder'), 'aria-label': t('app.palette.placeholder') }}
    />
  )
}
